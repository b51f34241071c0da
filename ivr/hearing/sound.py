"""Samples as recognisers take them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

RATE = 16_000
"""Samples a second that every recogniser here works at."""

Samples = npt.NDArray[np.float32]
"""One channel, -1 to 1."""


def samples_of(pcm: bytes, rate: int) -> Samples:
    """Sound (s16le, mono) at RATE; an odd last byte is dropped."""
    heard = np.frombuffer(pcm[: len(pcm) & ~1], np.int16).astype(np.float32) / np.float32(32768)
    if rate == RATE or not heard.size:
        return heard
    return np.asarray(soxr.resample(heard, rate, RATE), np.float32)
