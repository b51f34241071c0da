"""From a stored message to what the customer's side may see of it."""

from __future__ import annotations

from typing import Any

from bot.conversations.messages import Author, MessageView


def view_of(row: Any) -> MessageView:
    """The view of a row of ``messages``: payloads of quick replies stay behind.

    The agent's name is taken from a column ``agent_name``, if the query joined it in.
    """
    return MessageView(
        seq=row.seq,
        author=Author(row.author),
        text=row.text,
        at=row.at,
        client_id=row.client_id,
        quick_replies=tuple(option["title"] for option in row.quick_replies or ()),
        card=row.card,
        files=tuple(row.files or ()),
        name=getattr(row, "agent_name", None),
    )
