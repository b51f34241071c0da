"""From a stored message to what the customer's side may see of it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, select

from bot.conversations.messages import Author, MessageView
from bot.records.tables import agents, messages


def select_messages() -> Select[Any]:
    """Rows for view_of: messages with the names of the agents who wrote them."""
    return select(messages, agents.c.name.label("agent_name")).select_from(
        messages.outerjoin(agents, agents.c.id == messages.c.agent_id)
    )


def view_of(row: Any) -> MessageView:
    """The view of a row of select_messages: payloads of quick replies stay behind."""
    return MessageView(
        seq=row.seq,
        author=Author(row.author),
        text=row.text,
        at=row.at,
        client_id=row.client_id,
        quick_replies=tuple(option["title"] for option in row.quick_replies or ()),
        card=row.card,
        files=tuple(row.files or ()),
        name=row.agent_name,
    )
