"""One utterance on its way into text, beginning before it is certain that it has ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress

from ivr.hearing import Heard, Recogniser, Stream

log = logging.getLogger(__name__)

RECOGNISE_WITHIN_S = 8.0
"""An engine that takes longer has not understood."""


class Utterance:
    """Hears one utterance with a recogniser.

    Engines that work while one speaks are asked at the end. Others begin when the speaker pauses,
    so that most of their work is done when the silence has become an end; if the speaker goes on,
    that work is thrown away.

    Args:
        recogniser: the engine.
        rate: samples a second.
        grammar: words expected.
    """

    def __init__(
        self, recogniser: Recogniser, rate: int, grammar: Sequence[str] | None = None
    ) -> None:
        self._recogniser = recogniser
        self._rate = rate
        self._grammar = grammar
        self._sound = bytearray()
        self._fed: asyncio.Queue[bytes] = asyncio.Queue()
        self._stream: Stream | None = recogniser.stream(rate, grammar)
        self._live = False
        self._guess: asyncio.Task[Heard] | None = None
        self._feeding = asyncio.create_task(self._feed(self._stream, self._fed))

    def feed(self, pcm: bytes) -> None:
        """More of it."""
        self._sound += pcm
        self._fed.put_nowait(pcm)

    def paused(self) -> None:
        """Perhaps it is over."""
        if not self._live and self._guess is None:
            self._guess = asyncio.create_task(self._finish())

    def went_on(self) -> None:
        """It was not over: what was begun is void."""
        if self._guess is None:
            return
        self._guess.cancel()
        self._guess = None
        self._drop()
        self._fed = asyncio.Queue()
        self._fed.put_nowait(bytes(self._sound))
        self._stream = self._recogniser.stream(self._rate, self._grammar)
        self._feeding = asyncio.create_task(self._feed(self._stream, self._fed))

    async def heard(self) -> Heard:
        """It is over: what was said; empty if the engine failed or took too long."""
        if self._guess is None:
            self._guess = asyncio.create_task(self._finish())
        try:
            async with asyncio.timeout(RECOGNISE_WITHIN_S):
                return await self._guess
        except TimeoutError:
            log.warning("recognition took too long", extra={"engine": self._recogniser.name})
        except Exception:
            log.exception("recognition failed", extra={"engine": self._recogniser.name})
        return Heard("")

    async def close(self) -> None:
        """Forget it."""
        tasks = [task for task in (self._guess, self._feeding) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._drop()

    async def _feed(self, stream: Stream, fed: asyncio.Queue[bytes]) -> None:
        while True:
            pcm = await fed.get()
            try:
                if await stream.feed(pcm) is not None:
                    self._live = True
            except Exception:
                log.exception("recogniser refused sound", extra={"engine": self._recogniser.name})
            finally:
                fed.task_done()

    async def _finish(self) -> Heard:
        await self._fed.join()
        self._feeding.cancel()
        stream, self._stream = self._stream, None
        if stream is None:
            return Heard("")
        try:
            return await stream.finish()
        except asyncio.CancelledError:
            with suppress(Exception):
                stream.close()
            raise

    def _drop(self) -> None:
        self._feeding.cancel()
        if self._stream is not None:
            with suppress(Exception):
                self._stream.close()
            self._stream = None
