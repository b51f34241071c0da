"""Who is at work: presence, signs of life, and what becomes of the work of who has gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from bot.errors import DeskError
from bot.handoff.ownership import requeue
from bot.handoff.rows import agent_of, lock_open, lock_queue
from bot.handoff.step import Step
from bot.records.tables import agents, handoffs

PRESENCES = ("online", "away", "offline")
"""online: gets work; away: keeps what is in hand, gets no more; offline: all goes back."""


def set_presence(step: Step, agent_id: str, presence: str) -> None:
    """Come, pause or go; who goes gives everything in hand back to the queue.

    Raises:
        NotFound: no such agent.
        DeskError: no such presence.
    """
    if presence not in PRESENCES:
        raise DeskError("没有这种在线状态。", "unknown_presence")
    lock_queue(step.tx)
    agent = agent_of(step.tx, agent_id)
    step.tx.execute(
        update(agents).where(agents.c.id == agent_id).values(presence=presence, seen_at=step.now)
    )
    step.changed("")
    if presence == "offline":
        give_up_work(step, agent)
    step.effects.queue_moves = True


def beat(step: Step, agent_id: str) -> str | None:
    """A sign of life of an agent's desk; returns the presence as we know it (None: no agent).

    An agent who was taken for gone stays offline: the desk then says ``online`` anew.
    """
    presence: str | None = step.tx.execute(
        update(agents)
        .where(agents.c.id == agent_id, agents.c.active.is_(True))
        .values(seen_at=step.now)
        .returning(agents.c.presence)
    ).scalar_one_or_none()
    return presence


def give_up_work(step: Step, agent: Any) -> None:
    """Everything an agent has in hand goes back to the queue; the queue is locked."""
    for conversation_id in in_hand(step, agent.id):
        _conversation, handoff = lock_open(step.tx, conversation_id)
        if handoff.agent_id != agent.id:
            continue
        requeue(step, handoff, "offline")
        if handoff.answered_at is not None:
            text = step.policy.wording.agent_left.format(agent=agent.name)
            step.tell(conversation_id, text, episode_id=handoff.episode_id)


def in_hand(step: Step, agent_id: str) -> list[str]:
    """The conversations an agent has, in a fixed order."""
    query = (
        select(handoffs.c.conversation_id)
        .where(handoffs.c.agent_id == agent_id, handoffs.c.status == "assigned")
        .order_by(handoffs.c.conversation_id)
    )
    return list(step.tx.execute(query).scalars())


def gone(tx: Connection, offline_after_s: float, now: datetime) -> list[Any]:
    """Agents whose desk has given no sign of life for too long."""
    silent = agents.c.seen_at.is_(None) | (
        agents.c.seen_at < now - timedelta(seconds=offline_after_s)
    )
    return list(tx.execute(select(agents).where(agents.c.presence != "offline", silent)).all())
