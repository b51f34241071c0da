"""Asking, at the right moment and not too often."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Connection, insert, or_, select

from bot.clock import Clock
from bot.conversations import Author, ConversationKey, say
from bot.errors import NotFound
from bot.handoff import Effects, HandoffDesk
from bot.handoff.loop import Loop
from bot.handoff.packet import ReplyWindows
from bot.handoff.rows import lock_conversation
from bot.handoff.step import Step
from bot.records import Database, DatabaseUnavailable
from bot.records.people import person_of
from bot.records.tables import (
    conversations,
    customers,
    episode_facts,
    episodes,
    identities,
    satisfaction,
)
from bot.satisfaction.cases import LOW
from bot.satisfaction.rating import note, question, score

log = logging.getLogger(__name__)

NOT_AGAIN = timedelta(hours=24)
"""Nobody is asked twice within this time, whatever they came about, on whatever channel."""

WITHIN = timedelta(hours=2)
"""Later than this after its end nobody is asked about an episode."""

ABOUT = ("automated_confirmed", "automated_fulfilled", "handed_off", "unresolved")
"""Outcomes that are asked about. Who left, or waits for us, is not bothered."""

LEAST_LEFT = 3
"""Where a platform counts what we send, asking must leave enough for answers."""

SPOKEN = "phone"
SPOKEN_THANKS = "谢谢您的评价。"
SPOKEN_LOW = "谢谢您的反馈，我们会尽快回访您。"
LOOK_EVERY_S = 5.0
MOST = 100


@dataclass(frozen=True)
class _Who:
    conversation_id: str
    person: str


class Satisfaction:
    """Asks customers how satisfied they were, and takes note of keys pressed on the phone.

    Args:
        database: the truth.
        desk: says things to customers, and tells the desks.
        clock: current time.
        windows: by channel, what its platform still lets us send.
        enabled: whether anybody is asked by itself.
    """

    def __init__(
        self,
        database: Database,
        desk: HandoffDesk,
        clock: Clock,
        windows: Mapping[str, ReplyWindows] | None = None,
        *,
        enabled: bool = True,
    ) -> None:
        self._database = database
        self._desk = desk
        self._clock = clock
        self._windows = dict(windows or {})
        self._left_out: dict[str, datetime] = {}
        self._loop = Loop(self.ask_due, LOOK_EVERY_S) if enabled else None

    async def start(self) -> None:
        """Begin to ask."""
        if self._loop is not None:
            self._loop.start()

    async def stop(self) -> None:
        """Stop asking."""
        if self._loop is not None:
            await self._loop.stop()

    async def ask_due(self) -> int:
        """Ask about every episode that has ended lately; returns how many.

        One that cannot be asked about (data that do not fit together) is logged and left out from
        then on, so that it never stands before the others.

        Raises:
            DatabaseUnavailable: the next look makes up for it.
        """
        now = self._clock()
        asked = 0
        left_out = frozenset(self._left_out)
        for row in await self._database.read(lambda tx: _due(tx, now, left_out)):
            try:
                asked += await self._ask_about(row)
            except DatabaseUnavailable:
                raise
            except Exception:
                log.exception("cannot ask about an episode", extra={"episode": row.episode_id})
                self._left_out[row.episode_id] = now
        self._left_out = {one: at for one, at in self._left_out.items() if now - at < WITHIN}
        return asked

    async def _ask_about(self, row: Any) -> bool:
        if not await self._may_send(ConversationKey(row.channel, row.external_id)):
            return False
        effects = await self._database.write(partial(self._ask, row=row))
        if effects is None:
            return False
        await self._desk.publish(effects)
        return True

    async def may_ask(self, episode_id: str) -> bool:
        """Whether the caller of a running episode may be asked at its end."""
        now = self._clock()

        def look(tx: Connection) -> bool:
            who = _who(tx, episode_id)
            return who is not None and not _asked_lately(tx, who.person, who.conversation_id, now)

        return await self._database.read(look)

    async def by_key(self, episode_id: str, key: str) -> str:
        """Take note of a key pressed on the phone; returns what to say.

        Args:
            episode_id: the call's episode, running or over.
            key: ``1`` to ``5``, 5 the best.

        Raises:
            NotFound: there is no such episode.
            ValueError: no such key.
        """
        if key not in ("1", "2", "3", "4", "5"):
            raise ValueError("a key from 1 to 5")

        def write(tx: Connection) -> tuple[str, Effects]:
            step = self._desk.step(tx)
            who = _who(tx, episode_id)
            if who is None:
                raise NotFound
            lock_conversation(tx, who.conversation_id)
            known = select(satisfaction).where(satisfaction.c.episode_id == episode_id)
            if tx.execute(known).one_or_none() is None:
                _note_asked(step, episode_id, who, None)
            row = tx.execute(known).one()
            given = int(key)
            score(step, row, given)
            return SPOKEN_LOW if given <= LOW else SPOKEN_THANKS, step.effects

        text, effects = await self._database.write(write)
        await self._desk.publish(effects)
        return text

    def _ask(self, tx: Connection, row: Any) -> Effects | None:
        return _ask(self._desk.step(tx), row)

    async def _may_send(self, key: ConversationKey) -> bool:
        rule = self._windows.get(key.channel)
        window = await rule.window(key) if rule is not None else None
        return window is None or window.left is None or window.left >= LEAST_LEFT


def _due(tx: Connection, now: datetime, left_out: Collection[str]) -> list[Any]:
    """Episodes that ended lately, of customers who are silent and were not asked lately."""
    facts = episode_facts.c
    query = (
        select(
            facts.episode_id,
            facts.conversation_id,
            facts.person,
            conversations.c.channel,
            conversations.c.external_id,
        )
        .join(conversations, conversations.c.id == facts.conversation_id)
        .outerjoin(satisfaction, satisfaction.c.episode_id == facts.episode_id)
        .where(facts.ended_at > now - WITHIN, facts.excluded.is_(None))
        .where(facts.outcome.in_(ABOUT), satisfaction.c.episode_id.is_(None))
        .where(conversations.c.episode_id.is_(None), conversations.c.channel != SPOKEN)
        .where(facts.episode_id.not_in(left_out))
        .order_by(facts.ended_at)
        .limit(MOST)
    )
    return [
        row
        for row in tx.execute(query).all()
        if not _asked_lately(tx, row.person, row.conversation_id, now)
    ]


def _ask(step: Step, row: Any) -> Effects | None:
    """Ask, unless the customer has come back or was asked meanwhile."""
    conversation = lock_conversation(step.tx, row.conversation_id)
    if conversation.episode_id is not None:
        return None
    if _asked_lately(step.tx, row.person, row.conversation_id, step.now):
        return None
    said = say(
        step.tx,
        row.conversation_id,
        Author.SYSTEM,
        [question(row.episode_id)],
        step.now,
        push_channels=step.push_channels,
        episode_id=row.episode_id,
    )
    step.said(said)
    _note_asked(step, row.episode_id, row, said.views[0].seq)
    return step.effects


def _note_asked(step: Step, episode_id: str, who: Any, seq: int | None) -> None:
    step.tx.execute(
        insert(satisfaction).values(
            episode_id=episode_id,
            conversation_id=who.conversation_id,
            person=who.person,
            asked_at=step.now,
            seq=seq,
        )
    )
    row = step.tx.execute(select(satisfaction).where(satisfaction.c.episode_id == episode_id)).one()
    note(step, row, "csat_asked")


def _asked_lately(tx: Connection, person: str, conversation_id: str, now: datetime) -> bool:
    # By the facts: who was a stranger when asked may be known by now.
    query = (
        select(satisfaction.c.episode_id)
        .outerjoin(episode_facts, episode_facts.c.episode_id == satisfaction.c.episode_id)
        .where(
            or_(
                satisfaction.c.person == person,
                satisfaction.c.conversation_id == conversation_id,
                episode_facts.c.person == person,
            ),
            satisfaction.c.asked_at > now - NOT_AGAIN,
        )
    )
    return tx.execute(query.limit(1)).first() is not None


def _who(tx: Connection, episode_id: str) -> Any:
    """The conversation of an episode, and the person in it as reports know them."""
    known = customers.c.shop_customer_id
    row = tx.execute(
        select(
            episodes.c.conversation_id,
            episodes.c.shop_customer_id,
            known.label("linked"),
            conversations.c.identity_id,
        )
        .join(conversations, conversations.c.id == episodes.c.conversation_id)
        .join(identities, identities.c.id == conversations.c.identity_id)
        .outerjoin(customers, customers.c.id == identities.c.customer_id)
        .where(episodes.c.id == episode_id)
    ).one_or_none()
    return None if row is None else _Who(row.conversation_id, person_of(row))
