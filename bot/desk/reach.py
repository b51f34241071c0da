"""Which conversations an agent may look at, help with, and act in."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from sqlalchemy import Connection, select

from bot.desk.accounts import Actor
from bot.desk.permissions import Op
from bot.errors import DeskConflict, DeskForbidden, NotFound
from bot.records import Database
from bot.records.tables import conversations


class Reach(IntEnum):
    """How close one must be to do something; each includes the ones before it."""

    NONE = 0
    SEE = 1  # one's own, the queue, what one resolved; a supervisor: everything
    HELP = 2  # notes, tags, cases: in charge, or a supervisor
    CHARGE = 3  # whatever the customer notices: only who is in charge


def reach_of(actor: Actor, conversation: Any) -> Reach:
    """How close an agent is to a conversation (a row of ``conversations``)."""
    human = conversation.owner == "human"
    if human and conversation.agent_id == actor.id:
        return Reach.CHARGE
    if actor.may(Op.SEE_ALL):
        return Reach.HELP
    waiting = human and conversation.agent_id is None
    resolved = not human and conversation.last_agent_id == actor.id
    return Reach.SEE if waiting or resolved else Reach.NONE


async def within(database: Database, actor: Actor, conversation_id: str, need: Reach) -> Any:
    """The conversation's row, if the agent is close enough.

    Raises:
        NotFound: there is no such conversation.
        DeskConflict: the agent could take it, but has not.
        DeskForbidden: it is somebody else's.
    """
    return await database.read(lambda tx: check_reach(tx, actor, conversation_id, need))


def check_reach(tx: Connection, actor: Actor, conversation_id: str, need: Reach) -> Any:
    """`within`, inside a transaction."""
    query = select(conversations).where(conversations.c.id == conversation_id)
    row = tx.execute(query).one_or_none()
    if row is None:
        raise NotFound("没有找到这个会话。")
    have = reach_of(actor, row)
    if have >= need:
        return row
    if have is Reach.NONE:
        raise DeskForbidden("这个会话由其他同事负责。")
    if row.owner != "human":
        raise DeskConflict("这个会话现在由机器人接待或已经结束，不能这样操作。", "not_yours")
    raise DeskConflict("请先接手这个会话，再进行这一步。", "not_yours")
