"""Path parameters, and what several endpoints do."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator
from sqlalchemy import Connection, select

from bot.desk.accounts import Actor
from bot.desk.permissions import Op
from bot.desk.reach import Reach, reach_of
from bot.desk.service import Desk
from bot.desk.work import audit
from bot.errors import NotFound
from bot.records.tables import audit as audit_log

_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_JOINED_FOR = timedelta(minutes=30)


def _possible(text: str) -> str:
    if not _ID.fullmatch(text):
        raise NotFound
    return text


Id = Annotated[str, Path(description="an id of ours"), AfterValidator(_possible)]

OWN_OPERATIONS = {
    Reach.CHARGE: (
        Op.REPLY,
        Op.TRANSFER,
        Op.SNOOZE,
        Op.RESOLVE,
        Op.HAND_BACK,
        Op.START_RETURN,
        Op.COUPON,
    ),
    Reach.HELP: (Op.NOTE, Op.WHISPER, Op.TAG, Op.CASE, Op.REVEAL),
    Reach.SEE: (Op.SEE, Op.CUSTOMER),
}


def may_now(actor: Actor, conversation: Any) -> list[str]:
    """What this agent may do with a conversation as it stands, for the desk's buttons."""
    reach = reach_of(actor, conversation)
    names = [
        op.value
        for needed, ops in OWN_OPERATIONS.items()
        if reach >= needed
        for op in ops
        if actor.may(op)
    ]
    if conversation.owner == "human":
        if conversation.agent_id is None:
            names.append(Op.TAKE.value)
        elif conversation.agent_id != actor.id and actor.may(Op.TRANSFER) and reach >= Reach.HELP:
            names.append(Op.TRANSFER.value)
        if conversation.agent_id != actor.id and actor.may(Op.TAKE_OVER):
            names += [Op.TAKE_OVER.value, Op.JOIN.value]
    return names


def note_join(tx: Connection, desk: Desk, actor: Actor, conversation: Any) -> None:
    """Write down that a supervisor looks into a conversation that is not theirs, once a while."""
    if conversation.owner == "human" and conversation.agent_id in (None, actor.id):
        return
    if not actor.may(Op.JOIN):
        return
    now = desk.clock()
    subject = f"conversation:{conversation.id}"
    known = select(audit_log.c.id).where(
        audit_log.c.agent_id == actor.id,
        audit_log.c.action == "join",
        audit_log.c.subject == subject,
        audit_log.c.at > now - _JOINED_FOR,
    )
    if tx.execute(known.limit(1)).first() is None:
        audit.write(tx, actor, "join", subject, now)
