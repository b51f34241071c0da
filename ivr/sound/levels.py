"""Levels and lengths of s16le mono sound, and the tones that are left when no voice is."""

from __future__ import annotations

import numpy as np

SILENT_DB = -96.0
"""Level of digital silence: the smallest step of 16 bits."""


def level_db(pcm: bytes) -> float:
    """Root mean square level in dBFS (0 is full scale), SILENT_DB for silence."""
    samples = np.frombuffer(pcm, "<i2").astype(np.float32)
    if not samples.size:
        return SILENT_DB
    rms = float(np.sqrt(np.mean(samples * samples))) / 32768.0
    return max(SILENT_DB, 20.0 * float(np.log10(rms))) if rms > 0 else SILENT_DB


def milliseconds(pcm: bytes, rate: int) -> float:
    """How long a piece of sound lasts."""
    return len(pcm) / 2 / rate * 1000


def silence(ms: float, rate: int) -> bytes:
    """Nothing, for so long."""
    return b"\0\0" * int(rate * ms / 1000)


def beeps(rate: int, count: int = 2) -> bytes:
    """Short falling tones (-20 dBFS): "something is wrong here, but the line is alive"."""
    sound = b""
    for number in range(count):
        tone = np.arange(int(rate * 0.15))
        pitch = 660 if number % 2 == 0 else 520
        fade = np.minimum(1.0, np.minimum(tone, tone[::-1]) / (rate * 0.01))
        wave = 3276 * fade * np.sin(2 * np.pi * pitch * tone / rate)
        sound += wave.astype("<i2").tobytes() + silence(120, rate)
    return sound
