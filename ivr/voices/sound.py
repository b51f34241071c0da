"""Sound between the voices' rates and the telephone's."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr


def pcm_of(samples: npt.NDArray[np.float32], rate: int, wanted: int) -> bytes:
    """Samples (-1 to 1) at ``rate`` as s16le at ``wanted``."""
    if rate != wanted and samples.size:
        samples = np.asarray(soxr.resample(samples, rate, wanted, "HQ"), np.float32)
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def resampled(pcm: bytes, rate: int, wanted: int) -> bytes:
    """Sound (s16le, mono) at another rate."""
    if rate == wanted or not pcm:
        return pcm
    return bytes(
        soxr.resample(np.frombuffer(pcm, "<i2"), rate, wanted, "HQ").astype("<i2").tobytes()
    )


def silence(milliseconds: int, rate: int) -> bytes:
    """Nothing, for a while."""
    return bytes(rate * milliseconds // 1000 * 2)


def read_wav(path: Path, wanted: int) -> bytes:
    """A PCM16 mono recording at ``wanted``."""
    with wave.open(str(path)) as file:
        return resampled(file.readframes(file.getnframes()), file.getframerate(), wanted)


def write_wav(path: Path, pcm: bytes, rate: int) -> None:
    """Keep sound (s16le, mono) as a recording."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(pcm)
