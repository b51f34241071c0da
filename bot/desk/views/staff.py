"""Colleagues, the supervisor's wall and what alarms a supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select

from bot.clock import BUSINESS_ZONE
from bot.desk.views.items import Item, items, readings
from bot.desk.views.light import RED, light_of
from bot.handoff import Policy
from bot.records.tables import agents, conversations, events, handoffs

_ALARMS = 200


def colleagues(tx: Connection, now: datetime, *, everybody: bool = False) -> list[dict[str, Any]]:
    """Agents with their load; those who left only for an administrator."""
    awake = or_(conversations.c.snoozed_until.is_(None), conversations.c.snoozed_until <= now)
    load = (
        select(conversations.c.agent_id, func.count().label("load"))
        .where(conversations.c.owner == "human", conversations.c.agent_id.is_not(None), awake)
        .group_by(conversations.c.agent_id)
        .subquery()
    )
    query: Select[Any] = (
        select(agents, func.coalesce(load.c.load, 0).label("load"))
        .outerjoin(load, load.c.agent_id == agents.c.id)
        .order_by(agents.c.created_at, agents.c.login)
    )
    if not everybody:
        query = query.where(agents.c.active.is_(True))
    return [_colleague(row, everybody) for row in tx.execute(query)]


def _colleague(row: Any, everything: bool) -> dict[str, Any]:
    shown = {
        "id": row.id,
        "name": row.name,
        "role": row.role,
        "presence": row.presence,
        "load": row.load,
        "capacity": row.capacity,
        "extension": row.extension,
        "skills": list(row.skills),
        "active": row.active,
    }
    if everything:
        shown |= {
            "login": row.login,
            "languages": list(row.languages),
            "totp": row.totp_secret is not None,
            "created_at": row.created_at.isoformat(),
        }
    return shown


def may_alarm(tx: Connection, policy: Policy, now: datetime) -> list[str]:
    """Open conversations whose time has come to alarm somebody; `items` says whether they do."""
    rules = policy.assignment
    due = now + timedelta(seconds=rules.sla_warning_s)
    silent = now - timedelta(minutes=rules.silent_minutes)
    query = (
        select(handoffs.c.conversation_id)
        .where(handoffs.c.closed_at.is_(None))
        .where(
            or_(
                handoffs.c.answered_at.is_(None)
                & handoffs.c.unanswered_since.is_not(None)
                & (handoffs.c.sla_due <= due),
                handoffs.c.unanswered_since <= silent,
                handoffs.c.supervised.is_(True),
            )
        )
        .order_by(handoffs.c.sla_due)
        .limit(_ALARMS)
    )
    return list(tx.execute(query).scalars())


def alarm_of(item: Item, policy: Policy, now: datetime) -> dict[str, Any] | None:
    """What a supervisor is told about a conversation, if anything."""
    kind = item["alarm"]
    if kind is None:
        return None
    who = item["customer_name"]
    agent = item["agent"]["name"] if item["agent"] else None
    if kind == "silent" and (agent is None or item["unanswered_since"] is None):
        kind = "unanswered"
    text = {
        "negative": f"{who}已连续多句情绪负面，请关注。",
        "sla": f"{who}的首次响应即将超时" + (f"（{agent}）。" if agent else "，还在排队。"),
        # Who has it now may have got it a moment ago: the wait is the customer's, over all hands.
        "silent": f"{who}已超过 {policy.assignment.silent_minutes:g} 分钟没有得到回复"
        + f"（现在由{agent or '客服'}接待）。",
        "unanswered": f"{who}多次派单无人应答，请主管处理。",
    }[kind]
    if kind == "sla" and item["sla_due"] and datetime.fromisoformat(item["sla_due"]) <= now:
        text = text.replace("即将超时", "已经超时")
    return {
        "id": f"{item['conversation']}:{item['handoff'] or ''}:{kind}",
        "kind": kind,
        "conversation": item["conversation"],
        "text": text,
        "at": now.isoformat(),
    }


def wall(
    tx: Connection, policy: Policy, now: datetime, alarms: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    """How things stand, for a supervisor's screen."""
    asleep = conversations.c.snoozed_until > now
    human = conversations.c.owner == "human"

    def count(*where: Any) -> int:
        found: int = tx.execute(
            select(func.count()).select_from(conversations).where(*where)
        ).scalar_one()
        return found

    handled = (human, conversations.c.agent_id.is_not(None))
    snoozed = count(*handled, asleep)
    open_ones = tx.execute(
        select(
            handoffs.c.status,
            handoffs.c.reason,
            handoffs.c.queued_at,
            handoffs.c.sla_due,
            handoffs.c.answered_at,
            handoffs.c.unanswered_since,
            handoffs.c.episode_id,
        ).where(handoffs.c.closed_at.is_(None))
    ).all()
    waiting = [row for row in open_ones if row.status == "waiting"]
    unanswered = [
        row for row in open_ones if row.answered_at is None and row.unanswered_since is not None
    ]
    warning = timedelta(seconds=policy.assignment.sla_warning_s)
    felt = readings(tx, [row.episode_id for row in open_ones])
    by_reason: dict[str, int] = {}
    for row in open_ones:
        by_reason[row.reason] = by_reason.get(row.reason, 0) + 1
    return {
        "counts": {
            "waiting": len(waiting),
            "assigned": count(*handled) - snoozed,
            "snoozed": snoozed,
            "bot": count(conversations.c.owner == "bot", conversations.c.episode_id.is_not(None)),
        },
        "longest_wait_s": max(
            ((now - row.queued_at).total_seconds() for row in waiting), default=0.0
        ),
        "sla_at_risk": sum(now < row.sla_due <= now + warning for row in unanswered),
        "sla_broken": sum(row.sla_due <= now for row in unanswered),
        "negative": sum(light_of(found)["light"] == RED for found in felt.values()),
        "agents": colleagues(tx, now),
        "by_reason": by_reason,
        "alarms": list(alarms),
        "today": _today(tx, now),
    }


def alarms_now(tx: Connection, policy: Policy, now: datetime) -> list[dict[str, Any]]:
    """Everything that alarms by time alone, now."""
    found = [
        alarm_of(item, policy, now) for item in items(tx, may_alarm(tx, policy, now), policy, now)
    ]
    return [alarm for alarm in found if alarm is not None]


def _today(tx: Connection, now: datetime) -> dict[str, Any]:
    start = datetime.combine(now.astimezone(BUSINESS_ZONE).date(), time(), BUSINESS_ZONE)
    rows = tx.execute(
        select(handoffs.c.id, handoffs.c.status, handoffs.c.opened_at).where(
            or_(handoffs.c.opened_at >= start, handoffs.c.closed_at >= start)
        )
    ).all()
    # A conversation that is passed on is answered anew; the customer's first answer stays the first.
    of_handoff = events.c.data["handoff"].as_string()
    joined = tx.execute(
        select(of_handoff, func.min(events.c.at))
        .where(
            events.c.kind == "agent_joined",
            events.c.episode_id.in_(
                select(handoffs.c.episode_id).where(handoffs.c.opened_at >= start)
            ),
        )
        .group_by(of_handoff)
    )
    first = {handoff: at for handoff, at in joined}
    answered = [
        (first[row.id] - row.opened_at).total_seconds()
        for row in rows
        if row.id in first and row.opened_at >= start
    ]
    return {
        "opened": sum(row.opened_at >= start for row in rows),
        "resolved": sum(row.status == "resolved" for row in rows),
        "handed_back": sum(row.status == "handed_back" for row in rows),
        "median_answer_s": round(median(answered), 1) if answered else None,
    }
