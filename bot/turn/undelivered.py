"""What no platform would take: written down, and offered where the same customer can read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.conversations import Author, Bubble, MessageView, Said, say
from bot.records.episodes import open_episode
from bot.records.tables import conversations, customers, events, identities, messages

FETCHED = ("app_chat",)
"""Channels that customers read by themselves, where a message can always be left."""

LEFT_HERE = "有消息没能发到您的微信上，放在这里给您查看："


def note_undelivered(
    tx: Connection,
    conversation_id: str,
    views: Sequence[MessageView],
    code: str,
    now: datetime,
    push_channels: frozenset[str],
) -> Said | None:
    """Log that messages will not reach the customer; leave them in their verified app chat.

    Only a conversation whose channel vouches for the same customer (signed in to the app) is used:
    what was said may be personal.

    Returns:
        What was said there, to be published; None where there is no such conversation.
    """
    if not views:
        return None
    seqs = [views[0].seq, views[-1].seq]
    episode_id = tx.execute(
        select(messages.c.episode_id).where(
            messages.c.conversation_id == conversation_id, messages.c.seq == seqs[0]
        )
    ).scalar_one()
    other = _elsewhere(tx, conversation_id)
    tx.execute(
        insert(events).values(
            episode_id=episode_id,
            conversation_id=conversation_id,
            kind="undelivered",
            data={"seqs": seqs, "code": code, "offered": other.channel if other else None},
            at=now,
        )
    )
    if other is None:
        return None
    episode = other.episode_id
    if episode is None:
        episode = open_episode(tx, other.id, other.channel, other.shop_customer_id, now)
        tx.execute(
            update(conversations).where(conversations.c.id == other.id).values(episode_id=episode)
        )
    # Options are left out: they belong to the other conversation's dialogue.
    bubbles = [Bubble(LEFT_HERE), *(Bubble(v.text, card=v.card, files=v.files) for v in views)]
    return say(
        tx,
        other.id,
        Author.SYSTEM,
        bubbles,
        now,
        push_channels=push_channels,
        episode_id=episode,
    )


def _elsewhere(tx: Connection, conversation_id: str) -> Any:
    mine = (
        select(identities.c.customer_id)
        .join(conversations, conversations.c.identity_id == identities.c.id)
        .where(conversations.c.id == conversation_id)
        .scalar_subquery()
    )
    return tx.execute(
        select(
            conversations.c.id,
            conversations.c.channel,
            conversations.c.episode_id,
            customers.c.shop_customer_id,
        )
        .join(identities, identities.c.id == conversations.c.identity_id)
        .join(customers, customers.c.id == identities.c.customer_id)
        .where(identities.c.customer_id == mine, identities.c.level == "verified")
        .where(conversations.c.id != conversation_id, conversations.c.channel.in_(FETCHED))
        .order_by(conversations.c.last_at.desc())
        .limit(1)
        .with_for_update(of=conversations)
    ).one_or_none()
