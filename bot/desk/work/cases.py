"""Cases: work that outlives a conversation, with an owner, a due time and steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, case, func, insert, or_, select, update

from bot.desk.accounts import Actor
from bot.desk.errors import BadInput
from bot.desk.permissions import Op
from bot.desk.views.customer import who
from bot.desk.views.names import CASE_KINDS, CASE_STATES, GRADES, channel_name
from bot.errors import DeskConflict, DeskForbidden, NotFound
from bot.records import new_id
from bot.records.tables import agents, case_steps, cases, conversations

DUE = {
    "urgent": timedelta(hours=2),
    "important": timedelta(hours=8),
    "ordinary": timedelta(hours=24),
}
"""When a case of a grade is due, if nobody says otherwise."""
LATEST = timedelta(days=90)
_STEPS = 200


def open_case(
    tx: Connection,
    actor: Actor,
    conversation: Any,
    *,
    kind: str,
    grade: str,
    title: str,
    detail: str,
    due_at: datetime | None,
    now: datetime,
) -> str:
    """Open a case on a conversation, owned by whoever opens it; returns its id."""
    if due_at is not None:
        _check_due(due_at, now)
    case_id = new_id("cs")
    tx.execute(
        insert(cases).values(
            id=case_id,
            kind=kind,
            status="open",
            grade=grade,
            title=title,
            detail=detail,
            conversation_id=conversation.id,
            episode_id=conversation.episode_id,
            handoff_id=conversation.handoff_id,
            shop_customer_id=who(tx, conversation.id).customer,
            owner_id=actor.id,
            opened_by=actor.id,
            opened_at=now,
            due_at=due_at or now + DUE[grade],
        )
    )
    step(tx, case_id, actor, "opened", title, now)
    return case_id


def listed(
    tx: Connection,
    actor: Actor,
    now: datetime,
    *,
    status: str | None = None,
    mine: bool = False,
    limit: int = 100,
    conversation_id: str | None = None,
    customer: str | None = None,
) -> list[dict[str, Any]]:
    """Cases that this agent may see, the open ones by due time before the done ones.

    Of a customer or a conversation everybody who sees that sees all cases; otherwise an agent sees
    their own and those that nobody owns.
    """
    query = _query()
    if conversation_id is not None:
        same = cases.c.conversation_id == conversation_id
        if customer is not None:
            same = or_(same, cases.c.shop_customer_id == customer)
        query = query.where(same)
    elif mine:
        query = query.where(cases.c.owner_id == actor.id)
    elif not actor.may(Op.CASE_ALL):
        query = query.where(or_(cases.c.owner_id == actor.id, cases.c.owner_id.is_(None)))
    if status is not None:
        query = query.where(cases.c.status == status)
    done_last = case((cases.c.status == "done", 1), else_=0)
    rows = tx.execute(query.order_by(done_last, cases.c.due_at, cases.c.id).limit(limit))
    return [view(row, now) for row in rows]


def one(tx: Connection, actor: Actor, case_id: str, now: datetime) -> dict[str, Any]:
    """A case with its steps.

    Raises:
        NotFound, DeskForbidden: it is not there, or somebody else's.
    """
    return with_steps(tx, reachable(tx, actor, case_id), now)


def row_of(tx: Connection, case_id: str) -> Any:
    """A case's row, whoever asks."""
    return tx.execute(_query().where(cases.c.id == case_id)).one()


def with_steps(tx: Connection, row: Any, now: datetime) -> dict[str, Any]:
    """The view of a row, with what was done about it."""
    steps = tx.execute(
        select(case_steps, agents.c.name)
        .outerjoin(agents, agents.c.id == case_steps.c.agent_id)
        .where(case_steps.c.case_id == row.id)
        .order_by(case_steps.c.id.desc())
        .limit(_STEPS)
    ).all()[::-1]
    return view(row, now) | {
        "steps": [
            {"kind": s.kind, "text": s.text, "agent": s.name, "at": s.at.isoformat()} for s in steps
        ]
    }


def reachable(tx: Connection, actor: Actor, case_id: str) -> Any:
    """A case's row, if this agent may work on it.

    Raises:
        NotFound, DeskForbidden: it is not there, or somebody else's.
    """
    row = tx.execute(_query().where(cases.c.id == case_id)).one_or_none()
    if row is None:
        raise NotFound("没有找到这个工单。")
    mine = row.owner_id in (None, actor.id) or row.opened_by == actor.id
    if not mine and not actor.may(Op.CASE_ALL):
        raise DeskForbidden("这个工单由其他同事负责。")
    return row


def change(
    tx: Connection, actor: Actor, case_id: str, fields: dict[str, Any], now: datetime
) -> None:
    """Change status, grade, owner_id, due_at or result, each written down as a step.

    Raises:
        NotFound, DeskForbidden: it is not there, or somebody else's.
        DeskConflict: it is done.
        BadInput: an unknown owner, or an unusable due time.
    """
    tx.execute(select(cases.c.id).where(cases.c.id == case_id).with_for_update())
    row = reachable(tx, actor, case_id)
    if row.status == "done":
        raise DeskConflict("这个工单已经办结了，需要时请新建一个。", "case_done")
    if fields.get("due_at") is not None:
        _check_due(fields["due_at"], now)
    if fields.get("owner_id") is not None:
        owner = tx.execute(
            select(agents.c.name).where(
                agents.c.id == fields["owner_id"], agents.c.active.is_(True)
            )
        ).scalar_one_or_none()
        if owner is None:
            raise BadInput("没有找到要指派的同事。")
        step(tx, case_id, actor, "assigned", f"指派给{owner}", now)
    if fields.get("status") == "done":
        fields = fields | {"closed_at": now}
    tx.execute(update(cases).where(cases.c.id == case_id).values(**fields))
    if "status" in fields:
        step(tx, case_id, actor, "status", CASE_STATES[fields["status"]], now)
    if "grade" in fields:
        step(tx, case_id, actor, "grade", f"等级改为{GRADES[fields['grade']]}", now)
    if "due_at" in fields:
        step(tx, case_id, actor, "due", "修改了到期时间", now)


def lock_where(tx: Connection, case_id: str) -> None:
    """Lock the conversation of a case before the case itself, as everybody does."""
    where = select(cases.c.conversation_id).where(cases.c.id == case_id).scalar_subquery()
    tx.execute(select(conversations.c.id).where(conversations.c.id == where).with_for_update())


def close_answered(tx: Connection, actor: Actor, case_id: str, text: str, now: datetime) -> Any:
    """The customer has been answered: done; returns the case's row as it was.

    Raises:
        NotFound, DeskForbidden: it is not there, or somebody else's.
        DeskConflict: it is done, or it belongs to no conversation.
    """
    tx.execute(select(cases.c.id).where(cases.c.id == case_id).with_for_update())
    row = reachable(tx, actor, case_id)
    if row.status == "done":
        raise DeskConflict("这个工单已经办结了。", "case_done")
    if row.conversation_id is None:
        raise DeskConflict("这个工单没有关联会话，无法在渠道内回复。", "no_conversation")
    tx.execute(
        update(cases)
        .where(cases.c.id == case_id)
        .values(
            status="done",
            closed_at=now,
            result=text,
            owner_id=func.coalesce(cases.c.owner_id, actor.id),
        )
    )
    step(tx, case_id, actor, "answered", text, now)
    return row


def step(tx: Connection, case_id: str, actor: Actor, kind: str, text: str, now: datetime) -> None:
    """Write down what was done about a case."""
    tx.execute(
        insert(case_steps).values(case_id=case_id, agent_id=actor.id, kind=kind, text=text, at=now)
    )


def view(row: Any, now: datetime) -> dict[str, Any]:
    """The wire form of docs/desk.md."""
    return {
        "id": row.id,
        "kind": row.kind,
        "kind_text": CASE_KINDS.get(row.kind, row.kind),
        "status": row.status,
        "status_text": CASE_STATES.get(row.status, row.status),
        "grade": row.grade,
        "grade_text": GRADES.get(row.grade, row.grade),
        "title": row.title,
        "detail": row.detail,
        "conversation": row.conversation_id,
        "channel": row.channel,
        "channel_name": channel_name(row.channel) if row.channel else None,
        "owner": {"id": row.owner_id, "name": row.owner_name} if row.owner_id else None,
        "opened_by": row.opened_by,
        "opened_at": row.opened_at.isoformat(),
        "due_at": row.due_at.isoformat(),
        "closed_at": row.closed_at.isoformat() if row.closed_at else None,
        "result": row.result,
        "overdue": row.status != "done" and row.due_at < now,
    }


def _query() -> Select[Any]:
    return (
        select(cases, agents.c.name.label("owner_name"), conversations.c.channel)
        .outerjoin(agents, agents.c.id == cases.c.owner_id)
        .outerjoin(conversations, conversations.c.id == cases.c.conversation_id)
    )


def _check_due(due_at: datetime, now: datetime) -> None:
    if not now < due_at < now + LATEST:
        raise BadInput("到期时间要在现在之后、90 天以内。")
