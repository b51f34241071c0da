"""Messages as an agent sees them: with what the machine understood, and whether they arrived."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, select

from bot.desk.views.light import Reading, lights
from bot.desk.views.names import intent_name
from bot.privacy import mask_shown
from bot.records.tables import agents, conversations, messages, outbox

MAX_PAGE = 200
_BEFORE = 12
"""Messages looked at before the page, so that its first sentences know their forerunners."""
_DELIVERY = {"sending": "waiting", "delivered": "sent"}

Message = dict[str, Any]
"""DeskMessage of docs/desk.md."""


def page(
    tx: Connection,
    conversation_id: str,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
) -> list[Message]:
    """A page of a conversation, oldest first: the newest, those before, or those after a seq."""
    limit = max(1, min(limit, MAX_PAGE))
    query = _query(conversation_id)
    if after is not None:
        query = query.where(messages.c.seq > after).order_by(messages.c.seq).limit(limit)
        rows = list(tx.execute(query))
    else:
        if before is not None:
            query = query.where(messages.c.seq < before)
        rows = list(tx.execute(query.order_by(messages.c.seq.desc()).limit(limit)))[::-1]
    if not rows:
        return []
    earlier = tx.execute(
        select(messages.c.emotion)
        .where(messages.c.conversation_id == conversation_id, messages.c.seq < rows[0].seq)
        .where(messages.c.episode_id == rows[0].episode_id, messages.c.author == "customer")
        .order_by(messages.c.seq.desc())
        .limit(_BEFORE)
    ).scalars()
    return _rendered(tx, rows, list(earlier)[::-1])


def _query(conversation_id: str) -> Select[Any]:
    return (
        select(messages, agents.c.name.label("agent_name"), conversations.c.read_seq)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .outerjoin(agents, agents.c.id == messages.c.agent_id)
        .where(messages.c.conversation_id == conversation_id)
    )


def _rendered(tx: Connection, rows: Sequence[Any], earlier: list[Reading]) -> list[Message]:
    said = [row for row in rows if row.author == "customer"]
    shown = lights([*earlier, *(row.emotion for row in said)])[len(earlier) :]
    light = {row.seq: colour for row, colour in zip(said, shown, strict=True)}
    sent = tx.execute(
        select(outbox.c.first_seq, outbox.c.last_seq, outbox.c.status)
        .where(outbox.c.conversation_id == rows[0].conversation_id)
        .where(outbox.c.last_seq >= rows[0].seq, outbox.c.first_seq <= rows[-1].seq)
    ).all()
    delivery = {
        seq: _DELIVERY.get(row.status, row.status)
        for row in sent
        for seq in range(row.first_seq, row.last_seq + 1)
    }
    return [_message(row, light.get(row.seq), delivery.get(row.seq)) for row in rows]


def _message(row: Any, light: str | None, delivery: str | None) -> Message:
    return {
        "seq": row.seq,
        "author": row.author,
        "agent_name": row.agent_name,
        "text": mask_shown(row.text),
        "at": row.at.isoformat(),
        "client_id": row.client_id,
        "quick_replies": [{"title": option["title"]} for option in row.quick_replies or ()],
        "card": row.card,
        "files": list(row.files or ()),
        "intent": row.intent,
        "intent_name": intent_name(row.intent),
        "confidence": row.confidence,
        "light": light,
        "read": row.author != "customer" and row.seq <= row.read_seq,
        "delivery": delivery,
    }
