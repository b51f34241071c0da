"""Deriving the whole history anew, on all processors, and mending what differs."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import batched
from multiprocessing import get_context
from typing import Any

from sqlalchemy import Connection, func, select

from bot.records import Database
from bot.records.tables import episode_facts, episodes
from bot.reports import keeping, verifying
from bot.reports.verifying import Span

SPAN = 5_000
"""Episodes that one worker derives at once."""

FEW = 20_000
"""Up to so many episodes processes of their own would cost more than they save."""


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
        loop = asyncio.get_running_loop()

        async def work[T](what: Callable[..., T], part: object) -> T:
            return await loop.run_in_executor(workers, what, database.url, part)

        done = differed = 0
        for some in batched(spans, 2 * (os.cpu_count() or 1)):
            for number, wrong in await asyncio.gather(
                *(work(verifying.wrong_facts, span) for span in some)
            ):
                done += number
                differed += await _mend(database, wrong)
            progress(done)
        for span in await database.read(lambda tx: _spans(tx, episode_facts.c.person)):
            differed += await _mend(database, await work(verifying.wrong_repeats, span))
        cells = 0
        days = await database.read(keeping.days_known)
        for some_days in await asyncio.gather(*(work(verifying.wrong_days, [day]) for day in days)):
            for day in some_days:
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
    # Spawned: a fork would share the connections of this process.
    return ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn"))


def _spans(tx: Connection, column: Any) -> list[Span]:
    """The whole range of a key in parts of about ``SPAN`` rows."""
    numbered = select(
        column.label("key"),
        func.row_number().over(order_by=column).label("number"),
    ).subquery()
    marks = list(
        tx.execute(
            select(numbered.c.key).where(numbered.c.number % SPAN == 0).order_by(numbered.c.key)
        ).scalars()
    )
    last = tx.execute(select(func.max(column))).scalar_one_or_none()
    return list(_between(marks, last)) if last is not None else []


def _between(marks: Sequence[str], last: str) -> Iterator[Span]:
    after = ""
    for mark in dict.fromkeys((*marks, last)):
        yield Span(after, mark)
        after = mark
