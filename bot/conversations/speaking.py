"""How our side says something outside a turn: an agent's words, or a notice of the system.

A turn numbers and writes its replies itself, under its claim (bot/turn/numbering.py). Everything else
that the customer is to read is said here, in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from bot.conversations.messages import Author, Bubble, ConversationKey, MessageView
from bot.records.tables import agents, conversations, messages, outbox


@dataclass(frozen=True)
class Said:
    """What was said: publish it on the bus once the transaction is committed."""

    conversation_id: str
    key: ConversationKey
    views: tuple[MessageView, ...]


def say(
    tx: Connection,
    conversation_id: str,
    author: Author,
    bubbles: Sequence[Bubble],
    now: datetime,
    *,
    push_channels: frozenset[str],
    episode_id: str | None = None,
    agent_id: str | None = None,
    client_id: str | None = None,
) -> Said:
    """Write messages of ours into a conversation and put them into the outbox.

    Args:
        tx: the caller's transaction; the conversation's row is locked in it from here on.
        conversation_id: an existing conversation.
        author: AGENT or SYSTEM (BOT for a notice in the assistant's name).
        bubbles: at least one.
        now: current time.
        push_channels: channels whose platform must be sent each message; all others fetch.
        episode_id: to which it belongs; None takes the open one.
        agent_id: who speaks, for AGENT.
        client_id: the sender's own name for a single message, so that a repeat can be recognised.

    Raises:
        LookupError: no such conversation, or no episode is open and none was named.
    """
    row = tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(last_seq=conversations.c.last_seq + len(bubbles), last_at=now)
        .returning(
            conversations.c.last_seq,
            conversations.c.channel,
            conversations.c.external_id,
            conversations.c.episode_id,
        )
    ).one_or_none()
    if row is None:
        raise LookupError("no such conversation")
    episode = episode_id or row.episode_id
    if episode is None:
        raise LookupError("no episode is open")
    first_seq = row.last_seq - len(bubbles) + 1
    numbered = list(enumerate(bubbles, first_seq))
    tx.execute(
        insert(messages),
        [
            {
                "conversation_id": conversation_id,
                "seq": seq,
                "episode_id": episode,
                "author": author.value,
                "agent_id": agent_id,
                "text": bubble.text,
                "client_id": client_id,
                "quick_replies": list(bubble.quick_replies) or None,
                "card": bubble.card,
                "files": list(bubble.files) or None,
                "at": now,
            }
            for seq, bubble in numbered
        ],
    )
    tx.execute(
        insert(outbox).values(
            conversation_id=conversation_id,
            channel=row.channel,
            first_seq=first_seq,
            last_seq=row.last_seq,
            status="waiting" if row.channel in push_channels else "available",
            attempts=0,
            next_at=now,
        )
    )
    name = None
    if agent_id is not None:
        known = select(agents.c.name).where(agents.c.id == agent_id)
        name = tx.execute(known).scalar_one_or_none()
    views = tuple(
        MessageView(
            seq=seq,
            author=author,
            text=bubble.text,
            at=now,
            client_id=client_id,
            quick_replies=tuple(option["title"] for option in bubble.quick_replies),
            card=bubble.card,
            files=bubble.files,
            name=name,
        )
        for seq, bubble in numbered
    )
    return Said(conversation_id, ConversationKey(row.channel, row.external_id), views)
