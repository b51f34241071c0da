"""What really happened, counted apart from the reports and in another way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yingda.simulation.plan import AUTOMATED

WINDOWS = {"24h": timedelta(hours=24), "72h": timedelta(hours=72), "7d": timedelta(days=7)}


@dataclass
class Happened:
    """A contact as it went.

    Args:
        person: who it really was.
        channel: by which it came.
        subject: what it was about; None where nothing was said of that.
        began: first word.
        ended: last word or deed.
        outcome: how it ended; None: nothing was asked.
        excluded: why it does not count.
    """

    person: str
    channel: str
    subject: str | None
    began: datetime
    ended: datetime
    outcome: str | None
    excluded: str | None = None


@dataclass
class Truth:
    """The figures that a report over everything must show."""

    episodes: int = 0
    eligible: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    excluded: Counter[str] = field(default_factory=Counter)
    automated: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    by_channel: Counter[tuple[str, str]] = field(default_factory=Counter)

    @staticmethod
    def of(happened: Iterable[Happened]) -> Truth:
        """Count what happened."""
        truth = Truth()
        same: defaultdict[tuple[str, str | None], list[Happened]] = defaultdict(list)
        everything = list(happened)
        for one in everything:
            truth.episodes += 1
            if one.excluded is not None or one.outcome is None:
                truth.excluded[one.excluded or ""] += 1
                continue
            truth.eligible += 1
            truth.outcomes[one.outcome] += 1
            same[one.person, one.subject].append(one)
        for (_person, subject), contacts in same.items():
            for one in contacts:
                later = [
                    other.began - one.ended
                    for other in contacts
                    if subject is not None and other.began > one.began
                ]
                for name, window in WINDOWS.items():
                    again = any(gap <= window for gap in later)
                    truth.repeated[name] += again
                    kept = not again and one.outcome in AUTOMATED
                    truth.automated[name] += kept
                    if name == "72h" and kept:
                        truth.by_channel[one.channel, "automated"] += 1
                truth.by_channel[one.channel, "eligible"] += 1
        return truth
