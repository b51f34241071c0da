"""A call begins: its conversation, its episode, and the greeting as its first message."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, update

from actions.context import IdentityLevel
from bot.conversations import Author, Bubble, Said, say
from bot.customers import open_identity
from bot.handoff import Step, customer_left
from bot.records import new_id
from bot.records.episodes import close_episode, open_episode
from bot.records.tables import calls, conversations

CHANNEL = "phone"


def open_call(
    step: Step,
    call_id: str,
    external_id: str,
    door: str,
    number: str | None,
    dialled: str | None,
    greeting: str,
    recorded: bool,
    lost_after: timedelta,
) -> Said | None:
    """Write a call down; None if it is known already.

    A number that is being talked with on another line (a company's switchboard) gets a
    conversation of its own: one caller must never end up in another's proven episode.
    """
    tx, now = step.tx, step.now
    if tx.execute(select(calls.c.id).where(calls.c.id == call_id)).first() is not None:
        return None
    found = _conversation(step, external_id)
    if found is not None and _busy(step, found.id, lost_after):
        external_id = f"call-{call_id}"
        found = _conversation(step, external_id)
    if found is None:
        identity = open_identity(tx, CHANNEL, external_id, IdentityLevel.ANONYMOUS, now)
        conversation_id = new_id("co")
        tx.execute(
            insert(conversations).values(
                id=conversation_id,
                identity_id=identity,
                channel=CHANNEL,
                external_id=external_id,
                owner="bot",
                last_seq=0,
                read_seq=0,
                last_at=now,
            )
        )
    else:
        conversation_id = found.id
        if found.owner == "human":
            customer_left(step, found.id)
        if found.episode_id is not None:
            close_episode(tx, found.episode_id, "ended", now)
    episode_id = open_episode(tx, conversation_id, CHANNEL, None, now)
    tx.execute(
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(episode_id=episode_id, last_at=now)
    )
    tx.execute(
        insert(calls).values(
            id=call_id,
            conversation_id=conversation_id,
            episode_id=episode_id,
            door=door,
            number=number,
            dialled=dialled,
            state="bot",
            transcribed=True,
            recorded=recorded,
            began_at=now,
            seen_at=now,
        )
    )
    return say(
        tx, conversation_id, Author.BOT, [Bubble(greeting)], now, push_channels=step.push_channels
    )


def _conversation(step: Step, external_id: str) -> Any:
    return step.tx.execute(
        select(conversations.c.id, conversations.c.owner, conversations.c.episode_id)
        .where(conversations.c.channel == CHANNEL, conversations.c.external_id == external_id)
        .with_for_update()
    ).one_or_none()


def _busy(step: Step, conversation_id: str, lost_after: timedelta) -> bool:
    live = (
        select(calls.c.id)
        .where(calls.c.conversation_id == conversation_id, calls.c.ended_at.is_(None))
        .where(calls.c.seen_at > step.now - lost_after)
    )
    return step.tx.execute(live).first() is not None
