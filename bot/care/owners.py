"""Whose a case is: who is at work, has the rank and the skill, and the fewest cases."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from bot.care.policy import RANKS
from bot.records.tables import agents, cases


def choose_owner(
    tx: Connection,
    rank: str,
    *,
    skill: str | None = None,
    but: str | None = None,
    online_only: bool = True,
) -> str | None:
    """An agent of this rank for a case; None if nobody is at work.

    Args:
        tx: the transaction.
        rank: agent, supervisor or admin; nobody above it is asked.
        skill: who has it comes first.
        but: not this one.
        online_only: whether somebody who is not at work may be chosen after those who are.
    """
    load = (
        select(cases.c.owner_id, func.count().label("n"))
        .where(cases.c.status != "done")
        .group_by(cases.c.owner_id)
        .subquery()
    )
    rows = tx.execute(
        select(agents.c.id, agents.c.presence, agents.c.skills, func.coalesce(load.c.n, 0))
        .outerjoin(load, load.c.owner_id == agents.c.id)
        .where(agents.c.active.is_(True), agents.c.role == rank)
    ).all()
    able = [
        (presence != "online", skill is not None and skill not in skills, busy, agent_id)
        for agent_id, presence, skills, busy in rows
        if agent_id != but and (presence == "online" or not online_only)
    ]
    return min(able)[3] if able else None


def next_rank(tx: Connection, owner_id: str | None, floor: str) -> str | None:
    """Who takes over what was late: the next rank that has anybody, at work or not.

    Args:
        tx: the transaction.
        owner_id: who had it.
        floor: the rank it was meant for, when nobody had it.
    """
    role = role_of(tx, owner_id) or floor
    at = RANKS.index(role) if role in RANKS else 0
    for rank in (*RANKS[at + 1 :], *RANKS[at : at + 1]):
        chosen = choose_owner(tx, rank, but=owner_id, online_only=False)
        if chosen is not None:
            return chosen
    return owner_id


def role_of(tx: Connection, agent_id: str | None) -> str | None:
    """An active agent's role."""
    if agent_id is None:
        return None
    role: str | None = tx.execute(
        select(agents.c.role).where(agents.c.id == agent_id, agents.c.active.is_(True))
    ).scalar_one_or_none()
    return role


def name_of(tx: Connection, agent_id: str | None) -> str:
    """What colleagues read; 待分配 for nobody."""
    if agent_id is None:
        return "待分配"
    name: str | None = tx.execute(
        select(agents.c.name).where(agents.c.id == agent_id)
    ).scalar_one_or_none()
    return name or "已离职同事"
