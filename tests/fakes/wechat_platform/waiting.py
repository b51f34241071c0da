"""Waiting for what the server's thread collects."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


async def at_least[T](count: int, look: Callable[[], list[T]], timeout_s: float) -> list[T]:
    """What ``look`` finds, once that is ``count`` things.

    Raises:
        TimeoutError: it stays less.
    """
    async with asyncio.timeout(timeout_s):
        while len(found := look()) < count:  # noqa: ASYNC110 - it grows in another thread
            await asyncio.sleep(0.02)
    return found
