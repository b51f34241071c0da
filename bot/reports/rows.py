"""A fact as it is stored, and what it adds to the cell that it belongs to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from typing import Any

from pydantic_core import from_json, to_json

from bot.clock import BUSINESS_ZONE
from bot.records.facts import Facts

CellId = tuple[str, str, str, str]
"""Day, channel, main intent, tier."""

DAY_S = 86_400
FINAL_S = 3 * DAY_S
"""Until 72 h have passed a success can be taken back (DESIGN.md section 3)."""
WEEK_S = 7 * DAY_S

AUTOMATED = ("automated_confirmed", "automated_fulfilled")
SETTLED = (*AUTOMATED, "handed_off")
NONE = "none"
"""Stands for a tier or an intent that is not known."""


@dataclass(slots=True)
class FactRow:
    """A row of ``episode_facts``."""

    episode_id: str
    conversation_id: str
    person: str
    day: str
    channel: str
    tier: str
    intent: str
    subjects: str
    started_at: datetime
    ended_at: datetime
    outcome: str | None
    excluded: str | None
    handoff_reason: str | None
    repeat_after_s: int | None
    repeats: bool
    moved: bool
    csat: int | None
    lot: int
    counts: str

    @property
    def cell(self) -> CellId:
        """Where it is counted."""
        return self.day, self.channel, self.intent, self.tier

    def values(self) -> dict[str, Any]:
        """Column by column, for the database."""
        return {name: getattr(self, name) for name in COLUMNS}


@dataclass(slots=True)
class Contact:
    """What of a fact decides who came back; all columns would take half as long again."""

    person: str
    episode_id: str
    channel: str
    started_at: datetime
    ended_at: datetime
    subjects: str
    excluded: str | None
    repeat_after_s: int | None
    repeats: bool
    moved: bool


@dataclass(slots=True)
class Counted:
    """What of a fact its day's sums are made of."""

    day: str
    channel: str
    intent: str
    tier: str
    outcome: str | None
    excluded: str | None
    handoff_reason: str | None
    repeat_after_s: int | None
    repeats: bool
    moved: bool
    csat: int | None
    counts: str


COLUMNS = tuple(field.name for field in fields(FactRow))


def day_bounds(first: date, last: date) -> tuple[datetime, datetime]:
    """When episodes of these days begin: from the one moment up to, not with, the other.

    ``day`` follows from ``started_at``, which has an index; ``day`` has none.
    """
    return (
        datetime.combine(first, time(), BUSINESS_ZONE),
        datetime.combine(last + timedelta(days=1), time(), BUSINESS_ZONE),
    )


def row_of(episode_id: str, conversation_id: str, person: str, facts: Facts) -> FactRow:
    """The row for an episode's facts, before its repeats are known."""
    return FactRow(
        episode_id,
        conversation_id,
        person,
        facts.started_at.astimezone(BUSINESS_ZONE).date().isoformat(),
        facts.channel,
        facts.tier or NONE,
        (facts.intent or NONE).partition("/")[0],
        " ".join(facts.subjects),
        facts.started_at,
        facts.ended_at,
        facts.outcome.value if facts.outcome else None,
        facts.excluded,
        facts.handoff_reason,
        None,
        False,
        False,
        facts.csat,
        int.from_bytes(blake2b(episode_id.encode(), digest_size=7).digest()),
        packed(facts.counts),
    )


def gaps_of(row: FactRow, facts: Facts) -> list[dict[str, Any]]:
    """What was not understood in an episode, as ``not_understood`` has it; nothing of a test."""
    if facts.excluded == "test":
        return []
    return [
        {
            "conversation_id": row.conversation_id,
            "seq": seq,
            "episode_id": row.episode_id,
            "person": row.person,
            "guess": guess,
            "at": facts.started_at,
        }
        for seq, guess in facts.not_understood
    ]


def contribution(row: FactRow | Counted) -> Mapping[str, int]:
    """What an episode adds to its cell: measure to number, never 0."""
    if row.excluded is not None:
        return {"all": 1, f"excluded:{row.excluded}": 1}
    counts: dict[str, int] = from_json(row.counts)
    counts |= {"all": 1, "eligible": 1, f"outcome:{row.outcome}": 1}
    after = row.repeat_after_s
    for name, limit in (("24h", DAY_S), ("72h", FINAL_S), ("7d", WEEK_S)):
        if after is not None and after <= limit:
            counts[f"repeat:{name}"] = 1
        elif row.outcome in AUTOMATED:
            counts[f"automated:{name}"] = 1
    if row.moved:
        counts["moved"] = 1
        if "known" in counts:
            counts["continued"] = 1
    if row.handoff_reason is not None:
        counts[f"handoff:{row.handoff_reason}"] = 1
    if not row.repeats:
        counts["first"] = 1
        if row.outcome in SETTLED and "repeat:72h" not in counts:
            counts["first_settled"] = 1
    if row.csat is not None:
        counts[f"csat:{row.csat}"] = 1
    return counts


def packed(counts: Mapping[str, int]) -> str:
    """Counts as stored: no zeros, in one order."""
    return to_json({name: n for name, n in sorted(counts.items()) if n}).decode()


def unpacked(text: str) -> Counter[str]:
    """Counts as they are added up."""
    return Counter(from_json(text))
