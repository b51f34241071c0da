"""The sound of a telephone line, for measuring: 8 kHz, 300-3400 Hz, eight bits of G.711."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

LINE_RATE = 8_000
BAND = (300.0, 3400.0)
_A, _MU = 87.6, 255.0

Samples = npt.NDArray[np.float32]


def a_law(samples: Samples) -> Samples:
    """Take samples of -1 to 1 through eight bits of A-law and back (ITU-T G.711)."""
    size, foot = np.abs(samples), 1 + np.log(_A)
    squeezed = np.where(size < 1 / _A, _A * size, 1 + np.log(np.maximum(_A * size, 1))) / foot
    steps = _quantised(squeezed) * foot
    opened = np.where(steps < 1, steps, np.exp(steps - 1)) / _A
    return np.asarray(np.sign(samples) * opened, np.float32)


def mu_law(samples: Samples) -> Samples:
    """The same through µ-law."""
    squeezed = np.log1p(_MU * np.abs(samples)) / np.log1p(_MU)
    opened = np.expm1(_quantised(squeezed) * np.log1p(_MU)) / _MU
    return np.asarray(np.sign(samples) * opened, np.float32)


def _quantised(size: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return np.asarray((np.floor(np.minimum(size, 1 - 1e-6) * 128) + 0.5) / 128, np.float32)


def read_wav(path: Path) -> tuple[Samples, int]:
    """Samples of a PCM16 mono recording, and its rate."""
    with wave.open(str(path)) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        return pcm.astype(np.float32) / 32768, file.getframerate()


def pcm_of(samples: Samples) -> bytes:
    """Samples as s16le."""
    return (np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes()


def by_telephone(samples: Samples, rate: int, law: str = "a-law") -> Samples:
    """A recording after the line, at LINE_RATE."""
    narrow = soxr.resample(samples, rate, LINE_RATE) if rate != LINE_RATE else samples
    spectrum = np.fft.rfft(narrow)
    hertz = np.fft.rfftfreq(narrow.size, 1 / LINE_RATE)
    # Skirts of 100 Hz, since a brick wall rings.
    gain = np.clip((hertz - BAND[0]) / 100 + 1, 0, 1) * np.clip((BAND[1] - hertz) / 100 + 1, 0, 1)
    banded = np.clip(np.fft.irfft(spectrum * gain, narrow.size), -1, 1).astype(np.float32)
    return mu_law(banded) if law == "mu-law" else a_law(banded)
