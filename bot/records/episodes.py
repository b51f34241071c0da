"""Opening and closing episodes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert, select, update

from bot.records.database import new_id
from bot.records.outcome import derive_outcome
from bot.records.tables import conversations, episodes, events, inbox


def open_episode(
    tx: Connection,
    conversation_id: str,
    channel: str,
    verified_customer_id: str | None,
    now: datetime,
) -> str:
    """Begin an episode and return its id; verified from the start if the channel vouches."""
    episode_id = new_id("ep")
    level = "verified" if verified_customer_id is not None else "anonymous"
    tx.execute(
        insert(episodes).values(
            id=episode_id,
            conversation_id=conversation_id,
            channel=channel,
            level=level,
            shop_customer_id=verified_customer_id,
            proof_tries=0,
            turns=0,
            fallbacks=0,
            opened_at=now,
            last_at=now,
        )
    )
    tx.execute(
        insert(events).values(
            episode_id=episode_id,
            conversation_id=conversation_id,
            kind="episode_opened",
            data={"channel": channel, "level": level},
            at=now,
        )
    )
    return episode_id


def close_episode(tx: Connection, episode_id: str, why: str, now: datetime) -> None:
    """End an episode and give it its one outcome; does nothing if it has ended already.

    The caller holds the lock of the conversation's row: accepting a message and committing a turn
    take it first too, so nothing is said in an episode while it is closed.
    """
    log = tx.execute(
        select(events.c.kind, events.c.data)
        .where(events.c.episode_id == episode_id)
        .order_by(events.c.id)
    )
    outcome = derive_outcome((row.kind, row.data) for row in log)
    closed = tx.execute(
        update(episodes)
        .where(episodes.c.id == episode_id, episodes.c.closed_at.is_(None))
        .values(closed_at=now, close_reason=why, outcome=outcome.value if outcome else None)
        .returning(episodes.c.conversation_id)
    )
    conversation_id = closed.scalar_one_or_none()
    if conversation_id is None:
        return
    tx.execute(
        insert(events).values(
            episode_id=episode_id,
            conversation_id=conversation_id,
            kind="episode_closed",
            data={"why": why, "outcome": outcome.value if outcome else None},
            at=now,
        )
    )
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id, conversations.c.episode_id == episode_id)
        .values(episode_id=None)
    )


def close_if_idle(tx: Connection, episode_id: str, idle: timedelta, now: datetime) -> None:
    """End an episode unless somebody has spoken in it since, or a message in it waits."""
    locked = tx.execute(
        select(conversations.c.last_at)
        .join(episodes, episodes.c.conversation_id == conversations.c.id)
        .where(episodes.c.id == episode_id)
        .with_for_update(of=conversations)
    ).one()
    waiting = tx.execute(
        select(inbox.c.id)
        .where(inbox.c.episode_id == episode_id, inbox.c.status == "waiting")
        .limit(1)
    ).first()
    if waiting is None and now - locked.last_at > idle:
        close_episode(tx, episode_id, "idle", now)
