"""Sounds that can be told apart after a telephone line: tones, and A-law that survives it exactly."""

from __future__ import annotations

import math
import random
import struct
import wave
from pathlib import Path

RATE = 8000
WINDOW = RATE // 50


def tone(hertz: float, seconds: float, loudness: int = 8000) -> bytes:
    """A sine, s16le at 8 kHz."""
    samples = (
        round(loudness * math.sin(2 * math.pi * hertz * n / RATE))
        for n in range(round(seconds * RATE))
    )
    return b"".join(struct.pack("<h", sample) for sample in samples)


def write_wav(path: Path, pcm: bytes) -> Path:
    """A wav file of it."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)
    return path


def spans(pcm: bytes, hertz: float) -> list[tuple[float, float]]:
    """When a tone is to be heard: (begin, end) in seconds, gaps under 60 ms closed."""
    hits = [
        index * 0.02
        for index in range(len(pcm) // (2 * WINDOW))
        if _has(pcm[2 * WINDOW * index : 2 * WINDOW * (index + 1)], hertz)
    ]
    found: list[tuple[float, float]] = []
    for at in hits:
        if found and at - found[-1][1] <= 0.06:
            found[-1] = (found[-1][0], at + 0.02)
        else:
            found.append((at, at + 0.02))
    return found


def seconds(pcm: bytes, hertz: float) -> float:
    """How long a tone is to be heard in all."""
    return sum(end - begin for begin, end in spans(pcm, hertz))


def _has(window: bytes, hertz: float) -> bool:
    """Whether most of a window's energy is at this frequency (Goertzel)."""
    samples = struct.unpack(f"<{len(window) // 2}h", window)
    energy = sum(sample * sample for sample in samples)
    if energy < len(samples) * 300**2:
        return False
    turn = 2 * math.cos(2 * math.pi * hertz / RATE)
    one = two = 0.0
    for sample in samples:
        one, two = sample + turn * one - two, one
    power = one * one + two * two - turn * one * two
    return power > 0.5 * energy * len(samples) / 2


def alaw_noise(frames: int, seed: int) -> bytes:
    """A-law bytes that nobody else sends, 160 a frame."""
    return random.Random(seed).randbytes(160 * frames)


def alaw_to_pcm(alaw: bytes) -> bytes:
    """ITU-T G.711 A-law, decoded; a standard encoder gives the same bytes back."""
    return b"".join(_ALAW[byte] for byte in alaw)


def _sample(byte: int) -> int:
    byte ^= 0x55
    exponent, mantissa = byte >> 4 & 7, byte & 15
    size = (mantissa << 4) + 8
    if exponent:
        size = size + 0x100 << exponent - 1
    return size if byte & 0x80 else -size


_ALAW = [struct.pack("<h", _sample(byte)) for byte in range(256)]
