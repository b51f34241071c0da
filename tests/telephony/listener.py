"""A caller's patience: wait until the other side has said what one waits for."""

from __future__ import annotations

import asyncio

import numpy as np

from ivr.sound import SileroModel
from ivr.sound.vad import WINDOW_MS
from tests.telephony.mandarin import Mandarin, sounds_like
from tests.telephony.phones import Phone
from tests.telephony.sounds import RATE

PAUSE_S = 3.5
"""The hotline has finished: while it makes sound ready a tone is to be heard more often than that."""

SPEECH_MS = 320
ALIKE = 0.7
"""Share of the syllables of a phrase that must have been recognised: the line and Whisper err."""

PATIENCE_S = 150.0


class Listener:
    """Hears what comes out of a phone, from where it listened last."""

    def __init__(self, phone: Phone, mandarin: Mandarin) -> None:
        self._phone = phone
        self._mandarin = mandarin
        self._vad = SileroModel()
        self._at = 0

    async def hears(self, *phrases: str) -> str:
        """Wait until all of these were said; everything that was said since the last time."""
        said = ""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    said += await self._mandarin.understood(await self._until_pause())
                    if all(sounds_like(phrase, said) >= ALIKE for phrase in phrases):
                        return said
        except TimeoutError:
            raise AssertionError(f"{phrases} not heard but: {said}") from None

    async def _until_pause(self) -> bytes:
        while True:
            await asyncio.sleep(0.3)
            new = self._phone.recorded()[self._at :]
            new = new[: len(new) & ~1]
            if self._spoken(new) and _quiet(new[-2 * round(PAUSE_S * RATE) :]):
                self._at += len(new)
                return new

    def _spoken(self, pcm: bytes) -> bool:
        """Whether there is speech in it, which tones are not."""
        speech = sum(p > 0.5 for p in self._vad.open(RATE).feed(pcm))
        return speech * WINDOW_MS >= SPEECH_MS


def _quiet(pcm: bytes) -> bool:
    samples = np.frombuffer(pcm, "<i2")
    return samples.size >= round(PAUSE_S * RATE) and bool(np.abs(samples).max() <= 600)
