"""Timers of cases: rows that leave the state ``set`` once, whoever is first.

Kinds: ``first`` (the first step is due), ``promise`` (what the customer was promised is due),
``visit`` (time to ask how it is), ``visit_late``, ``look`` (ask the shop what the customer did
since), ``watch`` (the watch ends).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.records.tables import care_timers

SET, FIRED, MET, VOID = "set", "fired", "met", "void"
DEADLINES = ("first", "promise", "visit", "visit_late")
"""Kinds that somebody works towards."""


def set_timer(tx: Connection, case_id: str, kind: str, number: int, due_at: datetime) -> None:
    """Set a timer; the same number of the same kind is set once for ever."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(
        insert(care_timers)
        .values(case_id=case_id, kind=kind, number=number, due_at=due_at, state=SET)
        .on_conflict_do_nothing(index_elements=["case_id", "kind", "number"])
    )


def settle(tx: Connection, case_id: str, kinds: Collection[str], how: str, now: datetime) -> int:
    """Take timers out of ``set`` before their time (MET or VOID); how many there were."""
    changed = tx.execute(
        update(care_timers)
        .where(care_timers.c.case_id == case_id, care_timers.c.state == SET)
        .where(care_timers.c.kind.in_(kinds))
        .values(state=how, settled_at=now)
    )
    return int(changed.rowcount)


def settle_next(tx: Connection, case_id: str, kind: str, how: str, now: datetime) -> int | None:
    """Take the soonest timer of a kind out of ``set``; its number."""
    soonest = (
        select(care_timers.c.id)
        .where(care_timers.c.case_id == case_id, care_timers.c.state == SET)
        .where(care_timers.c.kind == kind)
        .order_by(care_timers.c.due_at)
        .limit(1)
        .scalar_subquery()
    )
    number: int | None = tx.execute(
        update(care_timers)
        .where(care_timers.c.id == soonest)
        .values(state=how, settled_at=now)
        .returning(care_timers.c.number)
    ).scalar_one_or_none()
    return number


def fire(tx: Connection, timer_id: int, now: datetime) -> Any:
    """A timer's time has come: its row, or None if it was dealt with meanwhile."""
    return tx.execute(
        update(care_timers)
        .where(care_timers.c.id == timer_id, care_timers.c.state == SET)
        .where(care_timers.c.due_at <= now)
        .values(state=FIRED, settled_at=now)
        .returning(care_timers)
    ).one_or_none()


def next_deadline(tx: Connection, case_id: str) -> datetime | None:
    """When somebody must have done something next."""
    found: datetime | None = tx.execute(
        select(care_timers.c.due_at)
        .where(care_timers.c.case_id == case_id, care_timers.c.state == SET)
        .where(care_timers.c.kind.in_(DEADLINES))
        .order_by(care_timers.c.due_at)
        .limit(1)
    ).scalar_one_or_none()
    return found


def count_of(tx: Connection, case_id: str, kind: str) -> int:
    """How many timers of a kind a case has had."""
    found: int = tx.execute(
        select(func.count())
        .select_from(care_timers)
        .where(care_timers.c.case_id == case_id, care_timers.c.kind == kind)
    ).scalar_one()
    return found
