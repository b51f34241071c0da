"""A low score is followed up by a person: a case with a due time, whose result goes back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from bot.clock import BUSINESS_ZONE
from bot.handoff.step import Step
from bot.records import new_id
from bot.records.tables import case_steps, cases

KIND = "satisfaction"
LOW = 2
"""A score up to this opens a case."""

_SATURDAY = 5


def grade_of(score: int, level: str) -> str:
    """How urgent a low score is.

    Args:
        score: 1 or 2.
        level: the episode's worst feeling (none, light, medium, severe).
    """
    if score == 1 and level in ("medium", "severe"):
        return "urgent"
    return "important" if score == 1 else "ordinary"


def due_of(grade: str, now: datetime) -> datetime:
    """Urgent within 1 h, important within 24 h, ordinary within 3 working days (Monday-Friday)."""
    if grade == "urgent":
        return now + timedelta(hours=1)
    if grade == "important":
        return now + timedelta(hours=24)
    due, left = now, 3
    while left:
        due += timedelta(days=1)
        if due.astimezone(BUSINESS_ZONE).weekday() < _SATURDAY:
            left -= 1
    return due


def open_case(step: Step, rated: Any, score: int, level: str, customer: str | None) -> str:
    """Open a case that nobody owns yet; returns its id.

    Args:
        step: the transaction.
        rated: the row of ``satisfaction``.
        score: the customer's.
        level: the episode's worst feeling.
        customer: the shop's id of the customer, if it is known.
    """
    case_id = new_id("cs")
    grade = grade_of(score, level)
    title = f"满意度 {score} 分，请回访"
    step.tx.execute(
        insert(cases).values(
            id=case_id,
            kind=KIND,
            status="open",
            grade=grade,
            title=title,
            detail="客户对这次服务打了低分，请查看会话后回访，并把处理结果答复给客户。",
            conversation_id=rated.conversation_id,
            episode_id=rated.episode_id,
            shop_customer_id=customer,
            opened_at=step.now,
            due_at=due_of(grade, step.now),
        )
    )
    add_step(step, case_id, "opened", title)
    return case_id


def add_step(step: Step, case_id: str, kind: str, text: str) -> None:
    """Write down what happened to a case by itself."""
    step.tx.execute(insert(case_steps).values(case_id=case_id, kind=kind, text=text, at=step.now))
