"""What the desk, the terminal and the metrics ask about the past."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import date

from bot.clock import Clock
from bot.processes import Worker, WorkerFailed
from bot.records import Database, DatabaseUnavailable
from bot.reports import auditing, clustering, drilling, gaps, keeping, rebuilding
from bot.reports.aims import REPETITIVE
from bot.reports.assembling import Costs, assemble
from bot.reports.models import (
    AuditSample,
    CellKey,
    EpisodePage,
    Gaps,
    Report,
    ReportFilter,
    Transcript,
)
from bot.reports.reading import read_material
from bot.reports.rebuilding import Rebuilt

log = logging.getLogger(__name__)

LOOK_EVERY_S = 5.0
"""Pause between looks for episodes that have ended; a report looks itself before it answers."""

WARM_AFTER_S = 20.0
"""What groups texts is loaded so long after the start: the first who asks waits no longer than the
second, and nobody who talks to us at the start."""

GROUP_WITHIN_S = 60.0
"""Patience with the grouping of texts."""


class Reports:
    """Figures, their episodes, audits and gaps.

    Args:
        database: the truth.
        clock: current time.
        costs: inputs of the cost formula.
        repetitive: main intents of repetitive questions.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        costs: Costs | None = None,
        repetitive: Sequence[str] = REPETITIVE,
    ) -> None:
        self._database = database
        self._clock = clock
        self._costs = costs or Costs()
        self._repetitive = tuple(repetitive)
        # In this process it would hold up every customer for seconds: what it imports, what it counts.
        self._grouping = Worker(clustering.group, clustering.load)
        self._keeping: asyncio.Task[None] | None = None
        self._warming: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to count what ends, and get ready to group what was not understood."""
        self._keeping = asyncio.create_task(self._keep_for_ever())
        self._warming = asyncio.create_task(self._warm())

    async def stop(self) -> None:
        """Stop; what is not counted yet is put down."""
        for task in (self._keeping, self._warming):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await self._grouping.stop()

    async def catch_up(self) -> int:
        """Count every episode that has ended or changed; returns how many.

        Raises:
            DatabaseUnavailable: the rest is counted next time.
        """
        total = 0
        while True:
            done = await self._database.write(keeping.take_up)
            total += done
            if done < keeping.BATCH:
                return total

    async def rebuild(self, progress: Callable[[int], None] | None = None) -> Rebuilt:
        """Derive the whole history anew from the event log, and mend what differs.

        It may run while customers write: each step is a short transaction.

        Args:
            progress: hears how many episodes are done.

        Raises:
            DatabaseUnavailable: what is done is done; begin again.
        """
        await self.catch_up()
        return await rebuilding.rebuild(self._database, progress or (lambda _done: None))

    async def report(self, wanted: ReportFilter) -> Report:
        """All figures of the episodes that a filter names, as of now.

        Raises:
            DatabaseUnavailable: they cannot be read.
        """
        await self.catch_up()
        now = self._clock()
        got = await self._database.read(lambda tx: read_material(tx, wanted, now))
        return await asyncio.to_thread(assemble, wanted, got, self._costs, now, self._repetitive)

    async def episodes_of(
        self, cell: CellKey, *, after: str | None = None, limit: int = 50
    ) -> EpisodePage:
        """The episodes behind a figure, newest first; ``after`` is a page's ``next``.

        Raises:
            NotFound: there is no such page.
        """
        now = self._clock()
        return await self._database.read(
            lambda tx: drilling.page(tx, cell, now, after=after, limit=limit)
        )

    async def transcript(self, episode_id: str) -> Transcript:
        """What was said in an episode, masked.

        Raises:
            NotFound: there is no such episode, or it has not ended.
        """
        now = self._clock()
        return await self._database.read(lambda tx: drilling.transcript(tx, episode_id, now))

    async def audit_sample(self, week: date) -> AuditSample:
        """The episodes drawn for the week of a day, with what was said of them."""
        now = self._clock()
        return await self._database.read(lambda tx: auditing.sample(tx, week, now))

    async def audit_label(self, episode_id: str, label: str, note: str, agent_id: str) -> None:
        """Say of a drawn episode whether it was really fulfilled: right, wrong or unsure.

        Raises:
            NotFound: the episode was not drawn.
            ValueError: no such label.
        """
        now = self._clock()
        await self._database.write(
            lambda tx: auditing.label(tx, episode_id, label, note, agent_id, now)
        )

    async def gaps(self, since: date, until: date) -> Gaps:
        """What was not understood and has no label yet, grouped by meaning.

        Raises:
            DatabaseUnavailable: it cannot be read.
            WorkerFailed: it could not be grouped.
        """
        await self.catch_up()
        heard = await self._database.read(lambda tx: gaps.read(tx, since, until))
        texts = await asyncio.to_thread(gaps.texts_of, heard)
        groups = await self._group([one.text for one in texts[: clustering.MOST]])
        return gaps.gaps_of(texts, groups, heard.waiting)

    async def label_gap(self, keys: Sequence[str], label: str, agent_id: str) -> int:
        """Say what texts mean: an intent's name, ``faq/…``, or ``ignore``.

        Returns:
            How many texts were labelled.

        Raises:
            ValueError: no usable label.
        """
        gaps.check_label(label)
        rows = await self._database.read(gaps.read_all)
        texts = await asyncio.to_thread(gaps.named, rows, keys)
        now = self._clock()
        return await self._database.write(lambda tx: gaps.label(tx, texts, label, agent_id, now))

    async def export(self, *, everything: bool = False) -> str:
        """Labelled texts as Rasa NLU YAML; only those not exported yet, unless everything."""
        now = self._clock()
        return await self._database.write(lambda tx: gaps.export(tx, now, everything=everything))

    async def _warm(self) -> None:
        await asyncio.sleep(WARM_AFTER_S)
        try:
            await self._group([])
        except WorkerFailed:
            log.exception("cannot group what was not understood")

    async def _group(self, texts: Sequence[str]) -> list[clustering.Group]:
        return await self._grouping.call(GROUP_WITHIN_S, texts)

    async def _keep_for_ever(self) -> None:
        while True:
            try:
                await self.catch_up()
            except DatabaseUnavailable:
                log.warning("counting paused: the database is away")
            except Exception:
                log.exception("counting failed")
            await asyncio.sleep(LOOK_EVERY_S)
