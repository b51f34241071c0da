"""A caller's ear: waits, as a person does, until the other side has spoken and waits for them."""

from __future__ import annotations

import asyncio

import numpy as np

from ivr.sound import SileroModel
from ivr.sound.vad import WINDOW_MS
from tests.telephony.hotline import Hotline
from tests.telephony.mandarin import Mandarin, sounds_like
from tests.telephony.phones import Phone
from tests.telephony.sounds import RATE

PAUSE_S = 3.5
"""The hotline has finished: while it makes sound ready a tone is to be heard more often than that."""

SPEECH_MS = 320
LOUD = 600
OUR_TURN = {"greeting", "listening", "number", "code"}
"""States in which a caller is asked something; in others ("one moment", ringing) more is to come."""

ALIKE = 0.7
"""Share of the syllables of a phrase that must have been recognised: the line and Whisper err."""

PATIENCE_S = 150.0


class Listener:
    """Hears what comes out of a phone.

    Args:
        phone: the phone.
        hotline: asked whose turn it is.
    """

    def __init__(self, phone: Phone, hotline: Hotline) -> None:
        self._phone = phone
        self._hotline = hotline
        self._vad = SileroModel().open(RATE)
        self._at = 0

    def forget(self) -> None:
        """What was said until now is done with: the next turn begins here."""
        self._at = len(self._phone.recorded()) & ~1

    async def turn(self) -> bytes:
        """Everything said since the last time, once something was said and it is our turn."""
        heard = bytearray()
        speech_ms, quiet_s = 0, 0.0
        async with asyncio.timeout(PATIENCE_S):
            while True:
                await asyncio.sleep(0.2)
                new = self._phone.recorded()[self._at :]
                new = new[: len(new) & ~1]
                self._at += len(new)
                heard += new
                # Tones are no speech.
                speech_ms += WINDOW_MS * sum(p > 0.5 for p in self._vad.feed(new))
                end_s = _quiet(new)
                quiet_s = end_s if end_s < len(new) / 2 / RATE else quiet_s + end_s
                if speech_ms < SPEECH_MS or quiet_s < PAUSE_S:
                    continue
                if set((await self._hotline.health())["states"]) <= OUR_TURN:
                    return bytes(heard)


async def check(mandarin: Mandarin, heard: bytes, *phrases: str) -> None:
    """All of these were said in what was heard."""
    said = await mandarin.understood(heard)
    lacking = [phrase for phrase in phrases if sounds_like(phrase, said) < ALIKE]
    assert not lacking, f"{lacking} not heard but: {said}"


def _quiet(pcm: bytes) -> float:
    """Seconds of silence at the end."""
    loud = np.flatnonzero(np.abs(np.frombuffer(pcm, "<i2").astype(np.int32)) > LOUD)
    return (len(pcm) // 2 - (int(loud[-1]) + 1 if loud.size else 0)) / RATE
