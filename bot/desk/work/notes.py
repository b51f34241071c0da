"""Words among colleagues: private notes, and a supervisor's whisper to the agent in charge."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.desk.accounts import Actor
from bot.desk.permissions import Op
from bot.records import new_id
from bot.records.tables import agents, conversations, notes

NOTE, WHISPER = "note", "whisper"
MAX_LENGTH = 2000
_SHOWN = 200


def add(
    tx: Connection, actor: Actor, conversation: Any, kind: str, text: str, now: datetime
) -> str:
    """Write a note beside a conversation, after what has been said so far; returns its id."""
    note_id = new_id("nt")
    tx.execute(
        insert(notes).values(
            id=note_id,
            conversation_id=conversation.id,
            agent_id=actor.id,
            kind=kind,
            text=text,
            after_seq=conversation.last_seq,
            at=now,
        )
    )
    return note_id


def of_conversation(
    tx: Connection, actor: Actor, conversation_id: str, *, since: datetime | None = None
) -> list[dict[str, Any]]:
    """The notes that this agent may read, oldest first."""
    in_charge = tx.execute(
        select(conversations.c.agent_id).where(conversations.c.id == conversation_id)
    ).scalar_one()
    return [
        note
        for note in all_of(tx, conversation_id, since=since)
        if readable(note, actor, in_charge)
    ]


def all_of(
    tx: Connection, conversation_id: str, *, since: datetime | None = None
) -> list[dict[str, Any]]:
    """Every note of a conversation, oldest first."""
    query = (
        select(notes, agents.c.name)
        .join(agents, agents.c.id == notes.c.agent_id)
        .where(notes.c.conversation_id == conversation_id)
        .order_by(notes.c.at.desc(), notes.c.id)
        .limit(_SHOWN)
    )
    if since is not None:
        query = query.where(notes.c.at >= since)
    return [view(row) for row in tx.execute(query)][::-1]


def readable(note: dict[str, Any], actor: Actor, in_charge: str | None) -> bool:
    """A whisper is for the agent in charge, supervisors, and whoever wrote it."""
    if note["kind"] != WHISPER:
        return True
    return actor.may(Op.WHISPER) or actor.id in (in_charge, note["agent"]["id"])


def view(row: Any) -> dict[str, Any]:
    """The wire form of docs/desk.md."""
    return {
        "id": row.id,
        "kind": row.kind,
        "agent": {"id": row.agent_id, "name": row.name},
        "text": row.text,
        "after_seq": row.after_seq,
        "at": row.at.isoformat(),
    }
