"""A call out of files: recordings are spoken in turn, keys pressed, what is heard is kept.

For ``yingda call``, tests and benchmarks. Each item begins when the other side has been quiet for
a while, as a polite caller would; the call ends after the last answer.
"""

from __future__ import annotations

import asyncio
import uuid
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr

from ivr.transports.outgoing import beat
from ivr.transports.paced import PacedCall
from ivr.transports.transport import FRAME_MS, Audio, Caller, Digit

QUIET_S = 1.0
"""The other side has finished when it has been silent for so long."""

LAST_QUIET_S = 3.0
"""The same before we hang up: an answer may take its time."""

KEY_EVERY_S = 0.3
LONGEST_FILE_S = 600


class UnreadableSound(Exception):
    """A file that is no usable recording; the text says why."""


@dataclass(frozen=True)
class Speech:
    """Sound to be spoken: s16le mono at the call's rate."""

    pcm: bytes


@dataclass(frozen=True)
class KeysPressed:
    """Keys to be pressed one after the other."""

    keys: str


Item = Speech | KeysPressed


def read_wav(path: Path, rate: int) -> bytes:
    """A WAV file (16 bit, any rate and channels) as s16le mono at ``rate``.

    Raises:
        UnreadableSound: it is none, or longer than LONGEST_FILE_S.
    """
    try:
        with wave.open(str(path)) as file:
            if file.getsampwidth() != 2:
                raise UnreadableSound(f"{path.name}: only 16-bit WAV files can be played")
            if file.getnframes() > LONGEST_FILE_S * file.getframerate():
                raise UnreadableSound(f"{path.name}: longer than {LONGEST_FILE_S} s")
            own, channels = file.getframerate(), file.getnchannels()
            raw = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        raise UnreadableSound(f"{path.name}: {error or 'not a WAV file'}") from None
    samples = np.frombuffer(raw[: len(raw) // (2 * channels) * 2 * channels], "<i2")
    mono = samples.reshape(-1, channels).mean(axis=1).astype(np.int16)
    if own != rate:
        mono = soxr.resample(mono, own, rate, quality="HQ")
    return mono.astype("<i2").tobytes()


class FileTransport(PacedCall):
    """See the module's docstring.

    Args:
        items: what the caller does, in order.
        rate: 8000 (as a telephone) or 16000.
        number: the caller's number.
        at_once: begin with the first item and not after the greeting.
    """

    def __init__(
        self,
        items: Sequence[Item],
        rate: int = 8000,
        number: str | None = None,
        *,
        at_once: bool = False,
    ) -> None:
        super().__init__(Caller(f"file-{uuid.uuid4().hex[:16]}", "file", number), rate)
        self._items = list(items)
        self._mic = bytearray()
        self._heard = bytearray()
        self._sounded = at_once
        self._quiet_s = QUIET_S if at_once else 0.0
        self._busy_until = 0.0
        self._last = False
        self._over = False
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def heard(self) -> bytes:
        """Everything that the caller has heard, silence included: s16le at ``rate``."""
        return bytes(self._heard)

    def start(self) -> None:
        """The call is answered."""
        self._tasks = [asyncio.create_task(beat(self._frame), name="file call: beat")]

    async def close(self) -> None:
        """Nothing runs any more."""
        self._mouth.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def hangup(self) -> None:
        """See CallTransport."""
        await self._mouth.drained()
        self._end("ended")

    def _frame(self) -> None:
        if self._over:
            return
        frame = self._mouth.frame()
        self._heard += frame or b"\0" * self._mouth.frame_bytes
        now = asyncio.get_running_loop().time()
        if frame is not None:
            self._sounded, self._quiet_s = True, 0.0
        elif not self._mic and now >= self._busy_until:
            self._quiet_s += FRAME_MS / 1000
        size = self._mouth.frame_bytes
        said = bytes(self._mic[:size])
        del self._mic[:size]
        self._ears.hear(Audio(said + b"\0" * (size - len(said))))
        wanted = LAST_QUIET_S if not self._items else QUIET_S
        if self._sounded and not self._mic and self._quiet_s >= wanted:
            self._next()

    def _next(self) -> None:
        if not self._items:
            self._end("hangup")
            return
        item = self._items.pop(0)
        self._quiet_s = 0.0
        self._sounded = False
        if isinstance(item, Speech):
            self._mic += item.pcm
            return
        loop = asyncio.get_running_loop()
        self._busy_until = loop.time() + KEY_EVERY_S * len(item.keys)
        for number, key in enumerate(item.keys):
            loop.call_later(KEY_EVERY_S * number, self._ears.hear, Digit(key))

    def _end(self, why: str) -> None:
        if not self._over:
            self._over = True
            self._ears.close(why)
            self._mouth.close()


def write_wav(path: Path, pcm: bytes, rate: int) -> None:
    """Keep sound as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
