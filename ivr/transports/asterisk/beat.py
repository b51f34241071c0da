"""The 20 ms beat that every call's sound leaves on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections.abc import Callable

from ivr.transports.transport import FRAME_MS

log = logging.getLogger(__name__)

_INTERVAL_S = FRAME_MS / 1000
_MOST_AT_ONCE = 5
"""Frames made up for in one go after the process was late; more than that is skipped."""


class Beat:
    """Calls every listener once per 20 ms of the monotonic clock, all calls on one timer."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._listeners: set[Callable[[], None]] = set()
        self._task: asyncio.Task[None] | None = None

    def add(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` on every beat until it is removed."""
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    def remove(self, listener: Callable[[], None]) -> None:
        """Call it no more; nothing runs while nobody listens."""
        self._listeners.discard(listener)

    async def stop(self) -> None:
        """End, and forget every listener."""
        self._listeners.clear()
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        due = self._clock()
        while self._listeners:
            behind = math.floor((self._clock() - due) / _INTERVAL_S) + 1
            for _ in range(min(behind, _MOST_AT_ONCE)):
                for listener in tuple(self._listeners):
                    self._call(listener)
            due += behind * _INTERVAL_S
            await asyncio.sleep(due - self._clock())

    def _call(self, listener: Callable[[], None]) -> None:
        try:
            listener()
        except Exception:  # one call's fault must not silence the others
            log.exception("a listener failed on the beat")
            self._listeners.discard(listener)
