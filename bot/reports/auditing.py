"""The human audit: a hundred "fulfilled" episodes a week, read by a supervisor.

Who is drawn is decided by a number that hangs on nothing but the episode's id (``lot``): the hundred
lowest of the week. So the draw is at random, the same for everybody, and needs no keeping; while the
week goes on a lower one may take a place.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.errors import NotFound
from bot.records.tables import agents, audit_labels, episode_facts
from bot.reports.assembling import AUDITED_A_WEEK, weeks_of
from bot.reports.drilling import lines
from bot.reports.models import AuditItem, AuditSample
from bot.reports.rows import day_bounds
from bot.reports.statistics import rate

LABELS = frozenset({"right", "wrong", "unsure"})
FULFILLED = "automated_fulfilled"


def sample(tx: Connection, day: date, now: datetime) -> AuditSample:
    """The week's drawn episodes, in the order of the draw, with what was said of them."""
    (monday,) = weeks_of([day])
    rows = tx.execute(_drawn(monday)).all()
    ids = [row.episode_id for row in rows]
    said = {
        row.episode_id: row
        for row in tx.execute(
            select(audit_labels, agents.c.name)
            .outerjoin(agents, agents.c.id == audit_labels.c.agent_id)
            .where(audit_labels.c.episode_id.in_(ids))
        )
    }
    items = [_item(line, said.get(line.id)) for line in lines(tx, rows, now)]
    right = sum(item.label == "right" for item in items)
    wrong = sum(item.label == "wrong" for item in items)
    return AuditSample(
        week=monday,
        precision=rate(right, right + wrong),
        labelled=len(said),
        items=tuple(items),
    )


def label(
    tx: Connection, episode_id: str, said: str, note: str, agent_id: str, now: datetime
) -> None:
    """Write down what a supervisor found; a second look replaces the first.

    Raises:
        NotFound: the episode was not drawn.
        ValueError: no such label.
    """
    if said not in LABELS:
        raise ValueError("label must be right, wrong or unsure")
    known = tx.execute(
        select(episode_facts.c.day).where(episode_facts.c.episode_id == episode_id)
    ).scalar_one_or_none()
    drawn: set[str] = set()
    if known is not None:
        (monday,) = weeks_of([date.fromisoformat(known)])
        drawn = {row.episode_id for row in tx.execute(_drawn(monday))}
    if episode_id not in drawn:
        raise NotFound("这个会话不在本周的抽检名单里。")
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    values = {"label": said, "note": note, "agent_id": agent_id, "at": now}
    tx.execute(
        dialect.insert(audit_labels)
        .values(episode_id=episode_id, **values)
        .on_conflict_do_update(index_elements=["episode_id"], set_=values)
    )


def _drawn(monday: date) -> Select[Any]:
    facts = episode_facts.c
    first, after = day_bounds(monday, monday + timedelta(days=6))
    return (
        select(episode_facts)
        .where(
            facts.started_at >= first,
            facts.started_at < after,
            facts.excluded.is_(None),
            facts.outcome == FULFILLED,
        )
        .order_by(facts.lot, facts.episode_id)
        .limit(AUDITED_A_WEEK)
    )


def _item(line: Any, said: Any) -> AuditItem:
    return AuditItem(
        episode=line,
        label=said.label if said else None,
        note=said.note if said else "",
        labelled_by=said.name if said else None,
        labelled_at=said.at if said else None,
    )
