"""A message left while nobody is there becomes a case with a due time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import insert, select

from bot.clock import BUSINESS_ZONE
from bot.handoff.policy import Policy
from bot.handoff.step import Step
from bot.privacy import mask_personal
from bot.records import new_id
from bot.records.tables import cases, episodes, events, handoffs

KIND = "left_message"
_TITLE = 40


def leave_message(step: Step, conversation_id: str, episode_id: str, text: str) -> str:
    """Open a case for a message; returns until when it is answered, in words."""
    due = due_at(step.policy, step.now)
    handoff = step.tx.execute(
        select(handoffs.c.id, handoffs.c.priority)
        .where(handoffs.c.episode_id == episode_id)
        .order_by(handoffs.c.opened_at.desc(), handoffs.c.id.desc())
        .limit(1)
    ).one_or_none()
    shop_customer_id = step.tx.execute(
        select(episodes.c.shop_customer_id).where(episodes.c.id == episode_id)
    ).scalar_one()
    priority = handoff.priority if handoff is not None else 5
    case_id = new_id("cs")
    first_line = mask_personal(" ".join(text.split()))
    title = first_line if len(first_line) <= _TITLE else f"{first_line[:_TITLE]}…"
    step.tx.execute(
        insert(cases).values(
            id=case_id,
            kind=KIND,
            status="open",
            grade={1: "urgent", 2: "important"}.get(priority, "ordinary"),
            title=f"客户留言：{title}",
            detail=text,
            conversation_id=conversation_id,
            episode_id=episode_id,
            handoff_id=handoff.id if handoff is not None else None,
            shop_customer_id=shop_customer_id,
            opened_at=step.now,
            due_at=due,
        )
    )
    step.tx.execute(
        insert(events).values(
            episode_id=episode_id,
            conversation_id=conversation_id,
            kind=KIND,
            data={"case": case_id},
            at=step.now,
        )
    )
    step.changed(conversation_id)
    return say_moment(due, step.now)


def due_at(policy: Policy, now: datetime) -> datetime:
    """Until when a message left now is answered: so many hours after people are there (again)."""
    hours = timedelta(hours=policy.assignment.message_answered_within_hours)
    if policy.hours.are_open(now) and policy.hours.are_open(now + hours):
        return now + hours
    return policy.hours.next_opening(now) + hours


def say_moment(at: datetime, now: datetime) -> str:
    """A moment to come as people say it: ``今天 14:05``, ``明天 11:00``, ``11月25日 11:00``."""
    local, today = at.astimezone(BUSINESS_ZONE), now.astimezone(BUSINESS_ZONE).date()
    near = {0: "今天", 1: "明天", 2: "后天"}.get((local.date() - today).days)
    return f"{near or f'{local.month}月{local.day}日'} {local:%H:%M}"
