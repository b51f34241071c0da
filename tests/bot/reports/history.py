"""Histories written by the real functions, without the engine: who came, about what, how it went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from actions.context import IdentityLevel
from bot.customers import link_customer, open_identity
from bot.records import new_id
from bot.records.dirty import mark_episode
from bot.records.episodes import close_episode, open_episode
from bot.records.tables import (
    conversations,
    episode_facts,
    episodes,
    events,
    messages,
    not_understood,
    report_cells,
    report_dirty,
)

Talk = Sequence[tuple[str, dict[str, Any]]]
"""Events of an episode, in order; each is a second after the one before."""


def turn(intent: str | None, **data: Any) -> tuple[str, dict[str, Any]]:
    """The assistant answered."""
    return "turn", {"intent": intent, "fulfilled": False, "errors": []} | data


def done(intent: str, **data: Any) -> tuple[str, dict[str, Any]]:
    """The assistant did what was asked."""
    return turn(intent, fulfilled=True, **data)


PEOPLE = (
    ("handoff_opened", {"reason": "asked_for_human", "sla_s": 600.0}),
    ("agent_assigned", {}),
    ("agent_joined", {}),
    ("resolved", {"disposition": "solved"}),
)


@dataclass
class Visitor:
    """Somebody on a channel."""

    identity: str
    conversation: str
    channel: str


def visitor(tx: Connection, channel: str, name: str, now: datetime) -> Visitor:
    """Somebody, met now or before."""
    known = tx.execute(
        select(conversations.c.id, conversations.c.identity_id)
        .where(conversations.c.channel == channel)
        .where(conversations.c.external_id == name)
    ).one_or_none()
    if known is not None:
        return Visitor(known.identity_id, known.id, channel)
    identity = open_identity(tx, channel, name, IdentityLevel.ANONYMOUS, now)
    conversation = new_id("co")
    tx.execute(
        insert(conversations).values(
            id=conversation,
            identity_id=identity,
            channel=channel,
            external_id=name,
            owner="bot",
            last_seq=0,
            read_seq=0,
            last_at=now,
        )
    )
    return Visitor(identity, conversation, channel)


def visit(
    tx: Connection,
    who: Visitor,
    at: datetime,
    talk: Talk,
    *,
    customer: str | None = None,
    words: str = "我的订单到哪了，电话 13812345678",
    test: bool = False,
) -> str:
    """One contact from its beginning to its end; returns the episode."""
    episode = open_episode(tx, who.conversation, who.channel, customer, at, test=test)
    seq = tx.execute(
        update(conversations)
        .where(conversations.c.id == who.conversation)
        .values(last_seq=conversations.c.last_seq + 1)
        .returning(conversations.c.last_seq)
    ).scalar_one()
    tx.execute(
        insert(messages).values(
            conversation_id=who.conversation,
            seq=seq,
            episode_id=episode,
            author="customer",
            text=words,
            at=at,
        )
    )
    for number, (kind, data) in enumerate(talk, 1):
        note(tx, who, episode, kind, {"seq": seq} | data, at + timedelta(seconds=number))
    close_episode(tx, episode, "idle", at + timedelta(minutes=40))
    return episode


def note(
    tx: Connection, who: Visitor, episode: str, kind: str, data: dict[str, Any], at: datetime
) -> None:
    """Write an event into an episode's log."""
    tx.execute(
        insert(events).values(
            episode_id=episode, conversation_id=who.conversation, kind=kind, data=data, at=at
        )
    )


def becomes(tx: Connection, who: Visitor, customer: str, now: datetime) -> None:
    """An anonymous visitor turns out to be a customer."""
    link_customer(tx, who.identity, customer, IdentityLevel.LINKED, now)


def kept(tx: Connection) -> tuple[list[Any], list[Any]]:
    """Facts and sums as they are kept."""
    facts = tx.execute(select(episode_facts).order_by(episode_facts.c.episode_id)).all()
    cells = tx.execute(select(report_cells).order_by(*report_cells.primary_key)).all()
    return [tuple(row) for row in facts], [tuple(row) for row in cells]


def forget(tx: Connection) -> None:
    """Everything that is derived is lost; all that ended is put down."""
    for table in (episode_facts, report_cells, not_understood, report_dirty):
        tx.execute(delete(table))
    ended = select(episodes.c.id).where(episodes.c.closed_at.is_not(None)).order_by(episodes.c.id)
    for episode in tx.execute(ended).scalars().all():
        mark_episode(tx, episode)
