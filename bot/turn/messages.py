"""What goes into a turn and what comes out, as channels see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from bot.conversations import ConversationKey, MessageView


@dataclass(frozen=True)
class Choice:
    """A quick reply: the ``index``-th option of the message ``seq``."""

    seq: int
    index: int


@dataclass(frozen=True)
class Prepared:
    """What a channel answers by itself, without asking the engine (a welcome, "voices later").

    ``intent`` is what the event log says of the turn, so that a welcome does not count as a request.
    """

    text: str
    intent: str | None = None
    quick_replies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Inbound:
    """A customer's message as a channel hands it in.

    Args:
        key: whose conversation.
        dedup_key: the same for every repeat of the same message on this channel.
        text: what the customer wrote; for a choice, the option's title (may be empty).
        choice: which offered quick reply was pressed, if any.
        verified_customer_id: the shop's customer id, only when the channel has proof of it.
        client_id: the sender's own name for the message.
        files: ids of stored files that go with it.
        prepared: what to answer instead of the engine (while the bot has the conversation).
        passive_for: how long the answer is left to the channel's own request (bot.turn.passive).
        along: what the channel writes down in the accepting transaction; not for a repeat.
        test: somebody tries the assistant; an episode that begins with it counts nowhere.
    """

    key: ConversationKey
    dedup_key: str
    text: str
    choice: Choice | None = None
    verified_customer_id: str | None = None
    client_id: str | None = None
    files: tuple[str, ...] = ()
    prepared: Prepared | None = None
    passive_for: timedelta | None = None
    along: Callable[[Connection], object] | None = None
    test: bool = False


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
