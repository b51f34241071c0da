"""Microsoft's online voices by edge-tts, under deadlines that a caller can bear.

The package waits 10 s for a connection and 60 s for sound, and takes a connection that ends early
for the end of the text; both are put right here. What is spoken is sent to Microsoft
(docs/speech.md): an operator who must not do that leaves ``edge`` out of the engines.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import av
import edge_tts
import numpy as np
import soxr
from av.error import FFmpegError
from edge_tts.exceptions import EdgeTTSException

from bot.clock import Clock
from ivr.voices.voice import VoiceError

log = logging.getLogger(__name__)

RATE = 24_000
_GAP_S = 2.0
"""Longest wait between two pieces of sound."""
_FAILURES = (EdgeTTSException, aiohttp.ClientError, TimeoutError, OSError, FFmpegError, ValueError)


class Breaker:
    """Keeps calls from waiting for a service that is down.

    After ``failures`` in a row it is not asked for ``rest``, then once; each time that this fails
    the rest is twice as long, up to ``longest``.

    Args:
        clock: current time.
        failures: in a row that open it.
        rest: time without asking.
        longest: that the rest grows to.
    """

    def __init__(
        self,
        clock: Clock,
        failures: int = 2,
        rest: timedelta = timedelta(seconds=60),
        longest: timedelta = timedelta(minutes=30),
    ) -> None:
        self._clock = clock
        self._most = failures
        self._first = rest
        self._rest = rest
        self._longest = longest
        self._failed = 0
        self._closed_until: datetime | None = None

    def allows(self) -> bool:
        """Whether the service may be asked now; counts as the one trial where it is resting."""
        if self._closed_until is None:
            return True
        if self._clock() < self._closed_until:
            return False
        # Others wait for the result of this trial.
        self._closed_until = self._clock() + self._rest
        return True

    def succeeded(self) -> None:
        """It answered as it should."""
        self._failed, self._closed_until, self._rest = 0, None, self._first

    def failed(self) -> None:
        """It did not."""
        self._failed += 1
        if self._failed < self._most:
            return
        if self._failed > self._most:
            self._rest = min(self._rest * 2, self._longest)
        self._closed_until = self._clock() + self._rest


class EdgeVoice:
    """One of the online voices.

    Args:
        voice: its short name.
        breaker: shared by all calls.
        first_byte_s: longest wait for the first sound, connecting included.
    """

    def __init__(self, voice: str, breaker: Breaker, first_byte_s: float = 1.5) -> None:
        self.name = f"edge:{voice}"
        self._voice = voice
        self._breaker = breaker
        self._first_byte_s = first_byte_s

    async def start(self) -> None:
        """Nothing to load."""

    async def stop(self) -> None:
        """Nothing to let go of."""

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        """Sound as it comes; see `Voice.speak`."""
        if not self._breaker.allows():
            raise VoiceError("the online voice is resting after failures")
        try:
            async for pcm in self._sound(text, rate, pace):
                yield pcm
        except _FAILURES as error:
            self._breaker.failed()
            log.warning("the online voice failed: %s", type(error).__name__)
            raise VoiceError(f"the online voice failed: {type(error).__name__}") from error
        self._breaker.succeeded()

    async def _sound(self, text: str, rate: int, pace: float) -> AsyncIterator[bytes]:
        online = edge_tts.Communicate(
            text,
            self._voice,
            rate=f"{round((pace - 1) * 100):+d}%",  # SSML's prosody
            connect_timeout=2,
            receive_timeout=3,
        )
        mp3, came = _Mp3(rate), 0
        messages = online.stream()
        try:
            deadline_s = self._first_byte_s
            ends = asyncio.get_running_loop().time() + deadline_s
            while True:
                async with asyncio.timeout_at(ends):
                    message: Any = await anext(messages, None)
                if message is None:
                    break
                if message["type"] != "audio":
                    continue
                came += len(message["data"])
                if pcm := mp3.decode(message["data"]):
                    yield pcm
                ends = asyncio.get_running_loop().time() + _GAP_S
            # The package adds a text's bytes up when the service says that it is at its end.
            if online.state["cumulative_audio_bytes"] != came:
                raise VoiceError("the online voice broke off")
            if pcm := mp3.rest():
                yield pcm
        except VoiceError as error:
            raise ConnectionResetError(str(error)) from error
        finally:
            await messages.aclose()


class _Mp3:
    """Decodes mp3 as it comes, to s16le at ``rate``."""

    def __init__(self, rate: int) -> None:
        self._codec: Any = av.CodecContext.create("mp3", "r")
        self._to = soxr.ResampleStream(RATE, rate, 1, "float32", "HQ")

    def decode(self, data: bytes) -> bytes:
        return self._pcm(data, last=False)

    def rest(self) -> bytes:
        return self._pcm(b"", last=True)

    def _pcm(self, data: bytes, *, last: bool) -> bytes:
        packets = self._codec.parse(data) + (self._codec.parse(b"") if last and data else [])
        frames = [frame for packet in packets for frame in self._codec.decode(packet)]
        sound = [np.asarray(frame.to_ndarray()[0], np.float32) for frame in frames]
        samples = np.concatenate(sound) if sound else np.zeros(0, np.float32)
        out = self._to.resample_chunk(samples, last=last)
        return bytes((np.clip(out, -1, 1) * 32767).astype("<i2").tobytes())
