"""Deriving the whole history anew, on all processors, and mending what differs."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import batched
from multiprocessing import get_context
from typing import Any

from sqlalchemy import Connection, func, select

from bot.records import Database
from bot.records.tables import episode_facts, episodes
from bot.reports import filling, keeping, verifying
from bot.reports.verifying import Span

SPAN = 5_000
"""Episodes that one worker derives at once."""

FEW = 20_000
"""Up to so many episodes processes of their own would cost more than they save."""

AHEAD = 2
"""Parts that are given out for each processor, so that none waits for the next."""


@dataclass(frozen=True)
class Rebuilt:
    """What deriving the history anew came to.

    Args:
        episodes: how many were derived.
        differed: facts that were missing or not what they should be.
        cells_differed: sums that were not what they should be.
    """

    episodes: int
    differed: int
    cells_differed: int


async def rebuild(database: Database, progress: Callable[[int], None]) -> Rebuilt:
    """Derive everything anew. Customers may write meanwhile: each mending is a short transaction.

    Raises:
        DatabaseUnavailable: what is mended is mended; begin again.
    """
    spans = await database.read(lambda tx: _spans(tx, episodes.c.id))
    many = len(spans) * SPAN > FEW
    with _workers(many) as workers:

        async def work[P, T](
            what: Callable[[str, P], T], parts: Sequence[P]
        ) -> AsyncIterator[tuple[P, T]]:
            """What workers find in each part, as they find it; all are busy, few results wait."""
            loop = asyncio.get_running_loop()
            room = asyncio.Semaphore(AHEAD * (os.cpu_count() or 1))

            async def one(part: P) -> tuple[P, T]:
                async with room:
                    return part, await loop.run_in_executor(workers, what, database.url, part)

            for found in asyncio.as_completed([one(part) for part in parts]):
                yield await found

        done = differed = cells = 0
        mended: set[str] = set()
        async for _span, found in work(verifying.wrong_facts, spans):
            done += found.episodes
            differed += await _mend(database, found.wrong)
            if found.missing:
                differed += await database.write(
                    partial(filling.add_missing, rows=found.missing, gaps=found.gaps)
                )
                mended.update(row[0] for row in found.missing)
            progress(done)
        people = await database.read(lambda tx: _spans(tx, episode_facts.c.person))
        async for _span, repeats in work(verifying.wrong_repeats, people):
            # An episode that was missing altogether is counted once.
            differed += sum(one.episode_id not in mended for one in repeats)
            if repeats:
                others = await database.write(partial(filling.set_repeats, repeats=repeats))
                await _mend(database, others)
        days = await database.read(keeping.days_known)
        async for day, wrong_day in work(verifying.wrong_day, days):
            if wrong_day:
                cells += await database.write(partial(keeping.recount_day, day=day))
    return Rebuilt(done, differed, cells)


async def _mend(database: Database, wrong: Sequence[str]) -> int:
    differed = 0
    for ids in batched(wrong, keeping.BATCH):
        differed += await database.write(partial(keeping.count, episode_ids=ids))
    return differed


def _workers(many: bool) -> Executor:
    if not many:
        return ThreadPoolExecutor(1, "rebuild")
    # Spawned: a fork would share the connections of this process. Without the collector, which
    # doubled the time of a span: it looks for cycles among hundred thousands of dicts that have none.
    return ProcessPoolExecutor(os.cpu_count(), get_context("spawn"), initializer=gc.disable)


def _spans(tx: Connection, column: Any) -> list[Span]:
    """The whole range of a key in parts of about ``SPAN`` rows, by walking its index."""
    found: list[Span] = []
    after = ""
    while True:
        key = column.label("key")
        some = select(key).where(column > after).order_by(column).limit(SPAN).subquery()
        until = tx.execute(select(func.max(some.c.key))).scalar_one_or_none()
        if until is None:
            return found
        found.append(Span(after, until))
        after = until
