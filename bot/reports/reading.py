"""Reading what a report is made of: sums, and the few rows that are not in them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Connection, func, select

from bot.records.tables import audit_labels, episode_facts, episodes, report_cells
from bot.reports.assembling import Material
from bot.reports.models import ReportFilter
from bot.reports.rows import FINAL_S, WEEK_S, day_bounds


def read_material(tx: Connection, wanted: ReportFilter, now: datetime) -> Material:
    """Everything that a report over a filter needs, as of now."""
    cells = tx.execute(
        select(
            report_cells.c.day,
            report_cells.c.channel,
            report_cells.c.intent,
            report_cells.c.tier,
            report_cells.c.counts,
        ).where(*within(report_cells.c, wanted))
    )
    facts = episode_facts.c
    of_facts = [*within(facts, wanted), facts.excluded.is_(None)]
    fresh = tx.execute(
        select(facts.day, facts.channel, facts.intent, facts.tier, func.count())
        .where(*of_facts, facts.ended_at > now - timedelta(seconds=FINAL_S))
        .group_by(facts.day, facts.channel, facts.intent, facts.tier)
    )
    # The index on ended_at is walked from its end until one fits. What is older than a week is final
    # in every figure; without a limit a report on a time long past would walk through all since.
    newest = tx.execute(
        select(facts.ended_at)
        .where(*of_facts, facts.ended_at > now - timedelta(seconds=WEEK_S))
        .order_by(facts.ended_at.desc())
        .limit(1)
    ).scalar_one_or_none()
    open_ones = select(func.count()).where(episodes.c.closed_at.is_(None))
    if wanted.channel is not None:
        open_ones = open_ones.where(episodes.c.channel == wanted.channel)
    return Material(
        cells=[((d, c, i, t), from_json(counts)) for d, c, i, t, counts in cells],
        fresh={(d, c, i, t): n for d, c, i, t, n in fresh},
        newest=newest,
        in_progress=tx.execute(open_ones).scalar_one(),
        labels=_labels(tx, wanted),
    )


def within(columns: Any, wanted: ReportFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter, on facts or on sums."""
    found = [
        columns.day >= wanted.since.isoformat(),
        columns.day <= wanted.until.isoformat(),
    ]
    for name in ("channel", "tier", "intent"):
        value = getattr(wanted, name)
        if value is not None:
            found.append(columns[name] == value)
    return found


def facts_within(wanted: ReportFilter) -> list[ColumnElement[bool]]:
    """The conditions of a filter on facts that are read in order of their beginning."""
    first, after = day_bounds(wanted.since, wanted.until)
    facts = episode_facts.c
    return [*within(facts, wanted), facts.started_at >= first, facts.started_at < after]


def _labels(tx: Connection, wanted: ReportFilter) -> dict[str, int]:
    rows = tx.execute(
        select(audit_labels.c.label, func.count())
        .join(episode_facts, episode_facts.c.episode_id == audit_labels.c.episode_id)
        .where(*within(episode_facts.c, wanted))
        .group_by(audit_labels.c.label)
    )
    return {row[0]: row[1] for row in rows}
