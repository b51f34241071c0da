"""What goes into a turn and what comes out, as channels see it."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Choice:
    """A quick reply: the ``index``-th option of the message ``seq``."""

    seq: int
    index: int


@dataclass(frozen=True)
class Inbound:
    """A customer's message as a channel hands it in.

    Args:
        key: whose conversation.
        dedup_key: the same for every repeat of the same message on this channel.
        text: what the customer wrote; for a choice, the option's title (may be empty).
        choice: which offered quick reply was pressed, if any.
        verified_customer_id: the shop's customer id, only when the channel has proof of it.
    """

    key: ConversationKey
    dedup_key: str
    text: str
    choice: Choice | None = None
    verified_customer_id: str | None = None
    client_id: str | None = None


@dataclass(frozen=True)
class Accepted:
    """A message that is stored and will be answered exactly once.

    ``seq`` is its place in the conversation; ``duplicate`` tells that it had been accepted before.
    """

    inbox_id: str
    key: ConversationKey
    conversation_id: str
    seq: int
    duplicate: bool


@dataclass(frozen=True)
class MessageView:
    """A message as the customer's side may see it: quick replies without their payloads."""

    seq: int
    author: Author
    text: str
    at: datetime
    client_id: str | None = None
    quick_replies: tuple[str, ...] = ()
    card: dict[str, Any] | None = None

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
        return wire


@dataclass(frozen=True)
class Typing:
    """Somebody on our side is (or has stopped) preparing an answer."""

    on: bool


@dataclass(frozen=True)
class ConversationState:
    """Where a conversation stands; ``latest`` and ``read`` are seqs, 0 = none."""

    latest: int = 0
    read: int = 0
    owner: str = "bot"


@dataclass(frozen=True)
class TurnResult:
    """What a turn came to, for the CLI, evaluations and tests."""

    replies: tuple[MessageView, ...]
    intent: str | None
    confidence: float | None
    owner: str
    handoff: str | None
    episode: str
    actions: tuple[str, ...] = ()
    intent_ranking: tuple[dict[str, Any], ...] = ()
    entities: tuple[dict[str, Any], ...] = ()
    emotion: dict[str, Any] | None = None
    errors: tuple[dict[str, Any], ...] = field(default=())
