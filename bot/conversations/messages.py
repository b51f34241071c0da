"""What is said in a conversation, as every part of the service and every channel sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Author(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


@dataclass(frozen=True)
class ConversationKey:
    """One customer on one channel: the unit of order and of history."""

    channel: str
    external_id: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.external_id}"


def choices(*titles: str) -> tuple[dict[str, Any], ...]:
    """Quick replies that send what they read."""
    return tuple({"title": title, "payload": title} for title in titles)


@dataclass(frozen=True)
class Bubble:
    """One message of ours to be said, with the payloads that stay on the server.

    Args:
        text: natural Chinese.
        quick_replies: ``{"title", "payload"}`` each.
        card: structured picture of the answer, see docs/chat-protocol.md.
        files: ``{"id", "name", "mime", "size"}`` of stored files that go with it (see `attach`).
        offer: ends in the offer of a person.
        asks: ends in a question of the assistant.
    """

    text: str
    quick_replies: tuple[dict[str, Any], ...] = ()
    card: dict[str, Any] | None = None
    files: tuple[dict[str, Any], ...] = ()
    offer: bool = False
    asks: bool = False


@dataclass(frozen=True)
class MessageView:
    """A message as the customer's side may see it: quick replies without their payloads.

    ``files`` are ``{"id", "name", "mime", "size"}`` each; ``name`` is the agent's, for their words.
    """

    seq: int
    author: Author
    text: str
    at: datetime
    client_id: str | None = None
    quick_replies: tuple[str, ...] = ()
    card: dict[str, Any] | None = None
    files: tuple[dict[str, Any], ...] = ()
    name: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The wire form that docs/chat-protocol.md describes."""
        wire: dict[str, Any] = {
            "seq": self.seq,
            "author": self.author.value,
            "text": self.text,
            "at": self.at.isoformat(),
            "quick_replies": [{"title": title} for title in self.quick_replies],
            "card": self.card,
        }
        if self.client_id is not None:
            wire["client_id"] = self.client_id
        if self.files:
            wire["files"] = list(self.files)
        if self.name is not None:
            wire["name"] = self.name
        return wire


@dataclass(frozen=True)
class Typing:
    """Somebody is (or has stopped) writing: our side, or the customer."""

    on: bool
    author: Author = Author.BOT


@dataclass(frozen=True)
class ConversationState:
    """Where a conversation stands; ``latest`` and ``read`` are seqs, 0 = none.

    ``owner`` is ``bot`` or ``human``; ``agent`` is the name of who has it, None in the queue.
    """

    latest: int = 0
    read: int = 0
    owner: str = "bot"
    agent: str | None = None
