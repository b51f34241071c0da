"""Voices: AMR as WeChat records it, decoded for whatever recogniser there is."""

from __future__ import annotations

import asyncio
import io
from typing import Protocol

import av
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

RATE = 16_000
"""Samples a second of what recognisers get, 16 bit, one channel."""

LONGEST_S = 70
"""WeChat records 60 seconds at most."""


class Recogniser(Protocol):
    """Turns speech into words."""

    async def recognise(self, pcm: bytes, rate: int) -> str:
        """The words of a recording (s16le, mono); empty if there are none.

        Any exception means that it could not be recognised just now.
        """
        ...


class BadSound(Exception):
    """Not a recording that can be decoded."""


async def decode(content: bytes) -> bytes:
    """A recording (AMR, Speex or any other that FFmpeg reads) as s16le mono at RATE.

    Raises:
        BadSound: it cannot be decoded, or is empty.
    """
    return await asyncio.to_thread(_decode, content)


def _decode(content: bytes) -> bytes:
    most = LONGEST_S * RATE * 2
    pcm = bytearray()
    try:
        with av.open(io.BytesIO(content), mode="r") as container:
            resampler = AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in container.decode(audio=0):
                for piece in resampler.resample(frame):
                    pcm += bytes(piece.planes[0])[: piece.samples * 2]
                if len(pcm) > most:
                    break
            for piece in resampler.resample(None):
                pcm += bytes(piece.planes[0])[: piece.samples * 2]
    except (FFmpegError, IndexError, ValueError, EOFError) as error:
        raise BadSound from error
    if not pcm:
        raise BadSound
    return bytes(pcm[:most])
