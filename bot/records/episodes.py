"""Opening and closing episodes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.records.database import new_id
from bot.records.dirty import mark_episode
from bot.records.outcome import Outcome, derive_outcome
from bot.records.tables import conversations, episodes, events, inbox

# Built once: building them costs more than running them.
_NEWEST = (
    select(episodes.c.id)
    .where(episodes.c.conversation_id == bindparam("the_conversation"))
    .order_by(episodes.c.opened_at.desc())
    .limit(1)
)
_INSERT_EPISODE = insert(episodes)
_INSERT_EVENT = insert(events)


def open_episode(
    tx: Connection,
    conversation_id: str,
    channel: str,
    verified_customer_id: str | None,
    now: datetime,
    *,
    test: bool = False,
) -> str:
    """Begin an episode and return its id; verified from the start if the channel vouches.

    It knows the one before it in the same conversation. A ``test`` of ours counts nowhere.
    """
    previous_id = tx.execute(_NEWEST, {"the_conversation": conversation_id}).scalar_one_or_none()
    episode_id = new_id("ep")
    level = "verified" if verified_customer_id is not None else "anonymous"
    tx.execute(
        _INSERT_EPISODE,
        {
            "id": episode_id,
            "conversation_id": conversation_id,
            "channel": channel,
            "level": level,
            "shop_customer_id": verified_customer_id,
            "proof_tries": 0,
            "turns": 0,
            "fallbacks": 0,
            "previous_id": previous_id,
            "opened_at": now,
            "last_at": now,
        },
    )
    tx.execute(
        _INSERT_EVENT,
        {
            "episode_id": episode_id,
            "conversation_id": conversation_id,
            "kind": "episode_opened",
            "data": {"channel": channel, "level": level} | ({"test": True} if test else {}),
            "at": now,
        },
    )
    return episode_id


def close_episode(tx: Connection, episode_id: str, why: str, now: datetime) -> None:
    """End an episode and give it its one outcome; does nothing if it has ended already.

    The caller holds the lock of the conversation's row: accepting a message and committing a turn
    take it first too, so nothing is said in an episode while it is closed.
    """
    outcome = _outcome_so_far(tx, episode_id)
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
        .values(episode_id=None, expecting=None)
    )
    mark_episode(tx, episode_id)


def settle_outcome(tx: Connection, episode_id: str) -> None:
    """Derive the outcome of a closed episode anew: something was done for it afterwards."""
    outcome = _outcome_so_far(tx, episode_id)
    tx.execute(
        update(episodes)
        .where(episodes.c.id == episode_id, episodes.c.closed_at.is_not(None))
        .values(outcome=outcome.value if outcome else None)
    )
    mark_episode(tx, episode_id)


def _outcome_so_far(tx: Connection, episode_id: str) -> Outcome | None:
    log = tx.execute(
        select(events.c.kind, events.c.data)
        .where(events.c.episode_id == episode_id)
        .order_by(events.c.id)
    )
    return derive_outcome((row.kind, row.data) for row in log)


def close_if_idle(tx: Connection, episode_id: str, idle: timedelta, now: datetime) -> None:
    """End an episode unless somebody has spoken in it since, a message waits, or people own it."""
    locked = tx.execute(
        select(conversations.c.last_at, conversations.c.owner)
        .join(episodes, episodes.c.conversation_id == conversations.c.id)
        .where(episodes.c.id == episode_id)
        .with_for_update(of=conversations)
    ).one()
    waiting = tx.execute(
        select(inbox.c.id)
        .where(inbox.c.episode_id == episode_id, inbox.c.status == "waiting")
        .limit(1)
    ).first()
    if waiting is None and locked.owner == "bot" and now - locked.last_at > idle:
        close_episode(tx, episode_id, "idle", now)


def read_snapshot(tx: Connection, episode_id: str) -> dict[str, Any] | None:
    """What the assistant remembers of an episode."""
    snapshot: dict[str, Any] | None = tx.execute(
        select(episodes.c.snapshot).where(episodes.c.id == episode_id)
    ).scalar_one()
    return snapshot


def write_snapshot(tx: Connection, episode_id: str, snapshot: dict[str, Any] | None) -> None:
    """Change what the assistant remembers, outside a turn.

    The number of turns goes up by one: an engine that holds the conversation in memory then sees
    that its own state is not the newest, and takes this one.
    """
    tx.execute(
        update(episodes)
        .where(episodes.c.id == episode_id)
        .values(snapshot=snapshot, turns=episodes.c.turns + 1)
    )
