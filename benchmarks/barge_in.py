"""How fast the hotline falls silent when a caller speaks, measured on the wire of a real call.

A phone calls in through Asterisk, has the keys read out to it, and speaks into that. From the first
packet of speech that leaves the phone to the last packet of the prompt that reaches it, both by the
kernel's clock: the exchange, the network and our own reaction are all in it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.telephony.hotline import hotline_behind
from tests.telephony.pbx import ROOT, Pbx, asterisk
from tests.telephony.phones import Phones, phones_of
from tests.telephony.sounds import write_wav
from tests.telephony.wire import listening

LISTENS_S = 2.5
QUIET_S = 0.8
"""Longer than the pauses of the prompt."""

GREETING_S = 14.0


def can_measure() -> bool:
    """Whether there is an Asterisk to call in through."""
    return (ROOT / ".complete").exists()


async def barge_in(
    service_url: str, token: str, home: Path, speech: Sequence[bytes], times: int
) -> list[float]:
    """Milliseconds from speech to silence, of each call.

    Args:
        service_url: a running service.
        token: its internal token.
        home: a run-time folder with the models.
        speech: what callers say (s16le, 8 kHz), in turn.
        times: calls.
    """
    with asterisk() as pbx, hotline_behind(pbx, service_url, token, home) as hotline:
        found = []
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for number in range(times):
                file = write_wav(folder / "speech.wav", speech[number % len(speech)])
                async with phones_of(pbx, folder) as phones:
                    found.append(await _once(pbx, phones, file))
                await hotline.until_idle()
        return found


async def _once(pbx: Pbx, phones: Phones, file: Path) -> float:
    phone = await phones.carrier()
    with listening(phone.address, phone.media_port) as wire:
        await phone.call(pbx.carrier_uri())
        await wire.until_heard(0)
        await asyncio.sleep(GREETING_S)
        await phone.tell("digits 9")  # no such choice: all keys are read out
        await wire.until_heard(time.time() + 1.0)
        await asyncio.sleep(1.0)
        spoke_at = time.time()
        await phone.tell(f"play {file}")
        await asyncio.sleep(LISTENS_S)
        began = wire.began_to_speak(spoke_at)
        took = wire.fell_silent(began, QUIET_S) - began
        await phone.hang_up()
    return took * 1000
