"""Work that is looked for again and again, and sooner when it is called for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from bot.errors import DeskBusy
from bot.records import DatabaseUnavailable

log = logging.getLogger(__name__)


class Loop:
    """Runs a piece of work for ever; a failure is logged and made up for by the next run.

    Args:
        work: one look.
        every_s: pause between looks, in seconds, unless one is called for.
    """

    def __init__(self, work: Callable[[], Awaitable[object]], every_s: float) -> None:
        self._work = work
        self._every_s = every_s
        self._called = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop, in the middle of a look if need be."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    @property
    def running(self) -> bool:
        """Whether a call leads to a look."""
        return self._task is not None and not self._task.done()

    def call(self) -> None:
        """Look at once."""
        self._called.set()

    async def _run(self) -> None:
        while True:
            self._called.clear()
            try:
                await self._work()
            except (DatabaseUnavailable, DeskBusy):
                log.warning("paused: the database is away")
            except Exception:
                log.exception("failed; the next look makes up for it")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._called.wait(), self._every_s)
