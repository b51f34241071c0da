"""What the desk, the terminal and the metrics ask about the past."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from bot.clock import Clock
from bot.records import Database
from bot.reports.models import (
    AuditSample,
    CellKey,
    EpisodePage,
    Gaps,
    Report,
    ReportFilter,
    Transcript,
)


@dataclass(frozen=True)
class Costs:
    """Inputs of the cost formula; settings (docs/measuring.md).

    Args:
        agent_minutes: an agent's working time for one contact.
        agent_yuan_per_hour: what an hour of an agent costs, everything included.
        bot_yuan_per_episode: what a contact costs the assistant (servers, messages).
    """

    agent_minutes: float = 6.0
    agent_yuan_per_hour: float = 45.0
    bot_yuan_per_episode: float = 0.05


class Reports:
    """Figures, their episodes, audits and gaps.

    Args:
        database: the truth.
        clock: current time.
        costs: inputs of the cost formula.
    """

    def __init__(self, database: Database, clock: Clock, costs: Costs | None = None) -> None:
        self._database = database
        self._clock = clock
        self._costs = costs or Costs()

    async def report(self, wanted: ReportFilter) -> Report:
        """All figures of the episodes that a filter names, as of now.

        Raises:
            DatabaseUnavailable: they cannot be read.
        """
        raise NotImplementedError

    async def episodes_of(
        self, cell: CellKey, *, after: str | None = None, limit: int = 50
    ) -> EpisodePage:
        """The episodes behind a figure, newest first; ``after`` is a page's ``next``."""
        raise NotImplementedError

    async def transcript(self, episode_id: str) -> Transcript:
        """What was said in an episode, masked.

        Raises:
            NotFound: there is no such episode.
        """
        raise NotImplementedError

    async def audit_sample(self, week: date) -> AuditSample:
        """The episodes drawn for the week of a day, with what was said of them."""
        raise NotImplementedError

    async def audit_label(self, episode_id: str, label: str, note: str, agent_id: str) -> None:
        """Say of a drawn episode whether it was really fulfilled: right, wrong or unsure.

        Raises:
            NotFound: there is no such episode, or it does not count as fulfilled.
            ValueError: no such label.
        """
        raise NotImplementedError

    async def gaps(self, since: date, until: date) -> Gaps:
        """What was not understood and has no label yet, grouped by meaning."""
        raise NotImplementedError

    async def label_gap(self, keys: Sequence[str], label: str, agent_id: str) -> int:
        """Say what texts mean: an intent's name, ``faq/…``, or ``ignore``.

        Returns:
            How many texts were labelled.

        Raises:
            ValueError: no usable label.
        """
        raise NotImplementedError

    async def export(self, *, everything: bool = False) -> str:
        """Labelled texts as Rasa NLU YAML; only those not exported yet, unless everything."""
        raise NotImplementedError
