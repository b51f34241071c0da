"""Putting down which closed episodes must be counted (again); bot.reports takes them up."""

from __future__ import annotations

from sqlalchemy import Connection, insert, literal, select

from bot.records.tables import conversations, episodes, report_dirty


def mark_episode(tx: Connection, episode_id: str) -> None:
    """Something that reports count has changed in an episode."""
    tx.execute(insert(report_dirty).values(episode_id=episode_id))


def mark_identity(tx: Connection, identity_id: str) -> None:
    """An identity belongs to somebody else now: so do its closed episodes."""
    tx.execute(
        insert(report_dirty).from_select(
            ["episode_id"],
            select(episodes.c.id)
            .join(conversations, conversations.c.id == episodes.c.conversation_id)
            .where(conversations.c.identity_id == literal(identity_id))
            .where(episodes.c.closed_at.is_not(None)),
        )
    )
