"""How a call stands: who has it, what was said since, what the dialogue waits for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from bot.conversations import Author, MessageView, select_messages, view_of
from bot.records.tables import agents, conversations, episodes, messages

_OURS = (Author.AGENT.value, Author.SYSTEM.value)
MOST = 20


@dataclass(frozen=True)
class Standing:
    """See ivr.call.service.Standing, which this becomes on the other side of the door."""

    latest: int
    owner: str
    agent: str | None
    extension: str | None
    waiting: bool
    closed: bool
    replies: tuple[MessageView, ...]

    def as_json(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "latest": self.latest,
            "owner": self.owner,
            "agent": {"name": self.agent, "extension": self.extension} if self.agent else None,
            "waiting": self.waiting,
            "closed": self.closed,
            "replies": [view.as_json() for view in self.replies],
        }


def read_standing(tx: Connection, conversation_id: str, after: int) -> Standing:
    """How it stands, with what agents and the system said after ``after`` (0: none of it)."""
    row = tx.execute(
        select(
            conversations.c.last_seq,
            conversations.c.owner,
            conversations.c.episode_id,
            agents.c.name,
            agents.c.extension,
        )
        .outerjoin(agents, agents.c.id == conversations.c.agent_id)
        .where(conversations.c.id == conversation_id)
    ).one()
    said: list[MessageView] = []
    if after and row.last_seq > after:
        found = tx.execute(
            select_messages()
            .where(messages.c.conversation_id == conversation_id, messages.c.seq > after)
            .where(messages.c.author.in_(_OURS))
            .order_by(messages.c.seq)
            .limit(MOST)
        )
        said = [view_of(message) for message in found]
    return Standing(
        latest=row.last_seq,
        owner=row.owner,
        agent=row.name,
        extension=row.extension or None,
        waiting=row.owner == "human" and row.name is None,
        closed=row.episode_id is None,
        replies=tuple(said),
    )


def expects(tx: Connection, conversation_id: str) -> str | None:
    """What the dialogue waits for, as far as keys can give it: order_number or phone_tail."""
    snapshot = tx.execute(
        select(episodes.c.snapshot)
        .join(conversations, conversations.c.episode_id == episodes.c.id)
        .where(conversations.c.id == conversation_id, conversations.c.owner == "bot")
    ).scalar_one_or_none()
    slots = (snapshot or {}).get("slots") or {}
    tasks = [task for task in slots.get("tasks") or () if isinstance(task, dict)]
    if not tasks or tasks[-1].get("awaits") != "proof":
        return None
    return "phone_tail" if (tasks[-1].get("data") or {}).get("number") else "order_number"
