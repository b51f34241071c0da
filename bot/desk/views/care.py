"""Cases of upset customers as agents see them: the page's rows, one case, a customer's record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, or_, select

from bot.care import ENDINGS, LEVEL_NAMES
from bot.desk.accounts import Actor
from bot.desk.permissions import Op
from bot.desk.views.names import CASE_STATES, channel_name
from bot.records.tables import (
    agents,
    care_cases,
    care_timers,
    case_steps,
    cases,
    conversations,
    coupon_grants,
)

STAGES = {"waiting": "待处理", "acting": "处理中", "watching": "观察中", "over": "已结束"}
_LEVELS = case((care_cases.c.level == "severe", 0), (care_cases.c.level == "medium", 1), else_=2)
_MEASURES = ("plan", "contacted", "visited", "coupon", "checked", "voucher")
_RECORD = 10
_RECENT = timedelta(days=30)


def touches(tx: Connection, conversation_ids: Collection[str]) -> bool:
    """Whether a case that is not over stands in one of these conversations."""
    query = (
        select(care_cases.c.case_id)
        .join(cases, cases.c.id == care_cases.c.case_id)
        .where(cases.c.conversation_id.in_(conversation_ids), care_cases.c.stage != "over")
    )
    return tx.execute(query.limit(1)).first() is not None


def listed(
    tx: Connection, actor: Actor, now: datetime, *, scope: str = "open", limit: int = 200
) -> list[dict[str, Any]]:
    """Cases that this agent may see: late ones first, then by deadline, the worse level first.

    Args:
        tx: a transaction.
        actor: sees their own and those that nobody has; a supervisor all.
        now: current time.
        scope: ``open`` (running, or with a visit that is due), ``watching`` or ``over``.
        limit: at most so many.
    """
    visit = _visit_due()
    query = _query()
    if not actor.may(Op.CASE_ALL):
        query = query.where(or_(cases.c.owner_id == actor.id, cases.c.owner_id.is_(None)))
    running = care_cases.c.stage.in_(("waiting", "acting"))
    wants_visit = care_cases.c.case_id.in_(visit)
    if scope == "open":
        query = query.where(or_(running, wants_visit))
    elif scope == "watching":
        query = query.where(care_cases.c.stage == "watching")
    else:
        query = query.where(care_cases.c.stage == "over").order_by(care_cases.c.ended_at.desc())
    rows = tx.execute(query.order_by(cases.c.due_at, _LEVELS, cases.c.id).limit(limit)).all()
    visits = _visits(tx, [row.id for row in rows])
    shown = [view(row, now, visits.get(row.id)) for row in rows]
    if scope == "open":
        shown.sort(key=lambda one: (not one["late"], one["due_at"], one["level_order"]))
    return shown


def one(tx: Connection, case_id: str, now: datetime) -> dict[str, Any] | None:
    """A case with its timers still to come; None if it is no case of an upset customer."""
    row = tx.execute(_query().where(cases.c.id == case_id)).one_or_none()
    if row is None:
        return None
    timers = tx.execute(
        select(care_timers)
        .where(care_timers.c.case_id == case_id, care_timers.c.state == "set")
        .where(care_timers.c.kind.in_(("first", "promise", "visit", "visit_late", "watch")))
        .order_by(care_timers.c.due_at)
    ).all()
    given = tx.execute(
        select(coupon_grants.c.cents, coupon_grants.c.status).where(
            coupon_grants.c.case_id == case_id,
            coupon_grants.c.status.not_in(("refused", "failed")),
        )
    ).all()
    visits = _visits(tx, [case_id])
    return view(row, now, visits.get(case_id)) | {
        "timers": [
            {"kind": t.kind, "text": _timer_text(t), "due_at": t.due_at.isoformat()} for t in timers
        ],
        "coupons_yuan": sum(g.cents for g in given) / 100,
    }


def record(
    tx: Connection, conversation_id: str, customer: str | None, now: datetime
) -> list[dict[str, Any]]:
    """What a customer was upset about before, what was done and what they said, newest first."""
    whose = cases.c.conversation_id == conversation_id
    if customer is not None:
        whose = or_(whose, cases.c.shop_customer_id == customer)
    rows = tx.execute(_query().where(whose).order_by(cases.c.opened_at.desc()).limit(_RECORD)).all()
    done = _measures(tx, [row.id for row in rows])
    visits = _visits(tx, [row.id for row in rows])
    return [
        view(row, now, visits.get(row.id))
        | {"measures": done[row.id], "recent": now - row.opened_at <= _RECENT}
        for row in rows
    ]


def late_alarms(tx: Connection, now: datetime) -> list[dict[str, Any]]:
    """Running cases whose deadline has passed, as alarms of the supervisors' wall."""
    rows = tx.execute(
        _query()
        .where(care_cases.c.stage.in_(("waiting", "acting")), cases.c.due_at < now)
        .order_by(cases.c.due_at)
        .limit(50)
    )
    return [
        {
            "id": f"{row.id}:late:{row.escalation}",
            "kind": "case",
            "conversation": row.conversation_id,
            "case": row.id,
            "text": f"{LEVEL_NAMES[row.level]}情绪个案（{row.cause}）已超时"
            + (f"，负责人{row.owner_name}。" if row.owner_name else "，还没有负责人。"),
            "at": row.due_at.isoformat(),
        }
        for row in rows
    ]


def view(row: Any, now: datetime, visit_due: datetime | None) -> dict[str, Any]:
    """The wire form of docs/care.md."""
    running = row.stage in ("waiting", "acting")
    due = visit_due if visit_due is not None and not running else row.due_at
    return {
        "id": row.id,
        "level": row.level,
        "level_text": LEVEL_NAMES[row.level],
        "level_order": ("severe", "medium", "light").index(row.level),
        "cause": row.cause,
        "scene": row.scene,
        "evidence": row.evidence,
        "source": row.source,
        "title": row.title,
        "detail": row.detail,
        "facts": row.facts or {},
        "status": row.status,
        "status_text": CASE_STATES.get(row.status, row.status),
        "stage": row.stage,
        "stage_text": "待回访" if visit_due is not None and not running else STAGES[row.stage],
        "conversation": row.conversation_id,
        "channel_name": channel_name(row.channel) if row.channel else None,
        "owner": {"id": row.owner_id, "name": row.owner_name} if row.owner_id else None,
        "opened_at": row.opened_at.isoformat(),
        "due_at": due.isoformat(),
        "visit_due": visit_due.isoformat() if visit_due else None,
        "late": (running or visit_due is not None) and due < now,
        "escalation": row.escalation,
        "reopened": row.reopened,
        "voucher": row.voucher,
        "feedback": row.feedback,
        "ending": row.ending,
        "ending_text": ENDINGS.get(row.ending) if row.ending else None,
        "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        "watch_until": row.watch_until.isoformat() if row.watch_until else None,
    }


def _query() -> Any:
    return (
        select(cases, care_cases, agents.c.name.label("owner_name"), conversations.c.channel)
        .join(care_cases, care_cases.c.case_id == cases.c.id)
        .outerjoin(agents, agents.c.id == cases.c.owner_id)
        .outerjoin(conversations, conversations.c.id == cases.c.conversation_id)
    )


def _visit_due() -> Any:
    return select(care_timers.c.case_id).where(
        and_(care_timers.c.kind == "visit_late", care_timers.c.state == "set")
    )


def _visits(tx: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """Until when a visit must be written down, of the cases in which one is due."""
    rows = tx.execute(
        select(care_timers.c.case_id, care_timers.c.due_at)
        .where(care_timers.c.case_id.in_(ids), care_timers.c.kind == "visit_late")
        .where(care_timers.c.state == "set")
        .order_by(care_timers.c.due_at.desc())
    )
    return {row.case_id: row.due_at for row in rows}


def _measures(tx: Connection, ids: Sequence[str]) -> defaultdict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    rows = tx.execute(
        select(case_steps.c.case_id, case_steps.c.text)
        .where(case_steps.c.case_id.in_(ids), case_steps.c.kind.in_(_MEASURES))
        .order_by(case_steps.c.id)
    )
    for row in rows:
        found[row.case_id].append(row.text)
    return found


def _timer_text(timer: Any) -> str:
    if timer.kind in ("visit", "visit_late"):
        hours = timer.number % 1000
        return f"{hours} 小时回访" + ("，待完成" if timer.kind == "visit_late" else "")
    return {"first": "首次处理", "promise": "兑现承诺", "watch": "观察期结束"}[timer.kind]
