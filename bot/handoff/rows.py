"""Reading and locking what a handoff consists of.

Everybody who changes a handoff locks in this order: the queue (only who deals with several
conversations or with an agent's capacity), the conversation, its handoff, the agent. Transactions
that keep to it cannot wait for each other in a circle.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from bot.errors import DeskConflict, NotFound
from bot.records.tables import agents, conversations, handoffs

QUEUE_LOCK = 827365
"""Key of PostgreSQL's advisory lock of the queue; SQLite has a single writer anyway."""


def lock_queue(tx: Connection) -> None:
    """Wait until nobody else assigns, and keep others from it until the transaction ends."""
    if tx.dialect.name == "postgresql":
        tx.execute(select(func.pg_advisory_xact_lock(QUEUE_LOCK)))


def lock_conversation(tx: Connection, conversation_id: str) -> Row[Any]:
    """The conversation's row, locked.

    Raises:
        NotFound: there is none.
    """
    query = select(conversations).where(conversations.c.id == conversation_id).with_for_update()
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def lock_open(tx: Connection, conversation_id: str) -> tuple[Row[Any], Row[Any]]:
    """A conversation that people own, locked, and its open handoff.

    Raises:
        NotFound: there is no such conversation.
        DeskConflict: the bot owns it.
    """
    conversation = lock_conversation(tx, conversation_id)
    handoff = None
    if conversation.owner == "human":
        handoff = tx.execute(
            select(handoffs).where(handoffs.c.id == conversation.handoff_id)
        ).one_or_none()
    if handoff is None:
        raise DeskConflict("这个会话已经不在人工手里了，请刷新后再看。", "not_human")
    return conversation, handoff


def agent_of(tx: Connection, agent_id: str) -> Row[Any]:
    """An active agent.

    Raises:
        NotFound: there is none.
    """
    row = tx.execute(
        select(agents).where(agents.c.id == agent_id, agents.c.active.is_(True))
    ).one_or_none()
    if row is None:
        raise NotFound("没有找到这位客服。")
    return row


def load_of(tx: Connection, agent_id: str, now: datetime) -> int:
    """How many conversations an agent has in hand; snoozed ones are not counted."""
    awake = or_(conversations.c.snoozed_until.is_(None), conversations.c.snoozed_until <= now)
    query = (
        select(func.count())
        .select_from(handoffs.join(conversations, conversations.c.handoff_id == handoffs.c.id))
        .where(handoffs.c.agent_id == agent_id, handoffs.c.status == "assigned", awake)
    )
    count: int = tx.execute(query).scalar_one()
    return count
