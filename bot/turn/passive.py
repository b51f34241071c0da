"""Answers that go back in reply to the platform's own request (WeChat: within five seconds).

A message accepted with ``passive_for`` leaves its answer to the channel's request handler for that
long; the relay sends it only afterwards. Handler and relay take it by a conditional update of the
same row, so that exactly one of them answers. What the handler has taken and not confirmed (the
process died while answering) falls to the relay.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select, update

from bot.clock import Clock
from bot.conversations import MessageView, select_messages, view_of
from bot.records import Database
from bot.records.tables import inbox, messages, outbox
from bot.turn.messages import Accepted

PASSIVE = "passive"

TAKEN_FOR = timedelta(seconds=20)
"""Longer than a platform goes on repeating its request (WeChat: three tries of five seconds)."""


@dataclass(frozen=True)
class Taken:
    """An answer that this request may give; ``again`` if an earlier one has given it already."""

    outbox_id: int
    views: tuple[MessageView, ...]
    again: bool


class PassiveReplies:
    """Hands answers to request handlers, each to one of them or to the relay.

    Args:
        database: where the outbox is.
        clock: current time.
        wake_relay: tells the relay that something is due.
    """

    def __init__(self, database: Database, clock: Clock, wake_relay: Callable[[], None]) -> None:
        self._database = database
        self._clock = clock
        self._wake_relay = wake_relay

    async def reopen(self, accepted: Accepted, passive_for: timedelta) -> None:
        """The platform repeats a request whose message is still being answered: wait for it anew.

        Raises:
            DatabaseUnavailable: it cannot be written down just now.
        """
        until = self._clock() + passive_for
        await self._database.write(
            lambda tx: tx.execute(
                update(inbox)
                .where(inbox.c.id == accepted.inbox_id, inbox.c.status == "waiting")
                .values(passive_until=until)
            )
        )

    async def take(self, accepted: Accepted) -> Taken | None:
        """The answer, if it may be given here and now; None if there is none or the relay has it.

        Raises:
            DatabaseUnavailable: it cannot be taken just now.
        """
        now = self._clock()

        def take(tx: Connection) -> Taken | None:
            row = tx.execute(
                select(outbox)
                .where(outbox.c.inbox_id == accepted.inbox_id)
                .with_for_update(of=outbox)
            ).one_or_none()
            if row is None:
                return None
            if row.via == PASSIVE:
                return Taken(row.id, _views(tx, row), again=True)
            if row.status != "waiting" or row.attempts or _held_back(tx, row):
                return None
            tx.execute(
                update(outbox)
                .where(outbox.c.id == row.id)
                .values(status="sending", via=PASSIVE, next_at=now + TAKEN_FOR)
            )
            return Taken(row.id, _views(tx, row), again=False)

        return await self._database.write(take)

    async def confirm(
        self, taken: Taken, *, complete: bool, along: Callable[[Connection], object] | None = None
    ) -> None:
        """The answer has been given; unless it was ``complete``, the relay sends the rest.

        Args:
            taken: what was given.
            complete: whether it was all of it.
            along: what the channel writes down in the same transaction.

        Raises:
            DatabaseUnavailable: it cannot be written down just now.
        """
        now = self._clock()
        given: dict[str, Any] = {"status": "sent", "sent_at": now}
        if not complete:
            given = {"status": "waiting", "next_at": now}

        def confirm(tx: Connection) -> None:
            confirmed = tx.execute(
                update(outbox)
                .where(outbox.c.id == taken.outbox_id)
                .where(outbox.c.status == "sending", outbox.c.via == PASSIVE)
                .values(**given)
            )
            if confirmed.rowcount and along is not None:
                along(tx)

        await self._database.write(confirm)
        if not complete:
            self._wake_relay()

    async def leave(self, accepted: Accepted) -> None:
        """The handler will not answer: the relay need not wait for it any longer.

        Raises:
            DatabaseUnavailable: it cannot be written down just now; the relay waits a little.
        """
        now = self._clock()

        def leave(tx: Connection) -> None:
            tx.execute(
                update(inbox)
                .where(inbox.c.id == accepted.inbox_id, inbox.c.passive_until > now)
                .values(passive_until=now)
            )
            tx.execute(
                update(outbox)
                .where(outbox.c.inbox_id == accepted.inbox_id)
                .where(outbox.c.status == "waiting", outbox.c.attempts == 0)
                .where(outbox.c.next_at > now)
                .values(next_at=now)
            )

        await self._database.write(leave)
        self._wake_relay()


def _held_back(tx: Connection, row: Any) -> bool:
    """Whether an earlier answer of the conversation has yet to be sent: order comes first."""
    earlier = (
        select(outbox.c.id)
        .where(outbox.c.conversation_id == row.conversation_id, outbox.c.id < row.id)
        .where(outbox.c.status.in_(("waiting", "sending")))
        .limit(1)
    )
    return tx.execute(earlier).first() is not None


def _views(tx: Connection, row: Any) -> tuple[MessageView, ...]:
    found = tx.execute(
        select_messages()
        .where(messages.c.conversation_id == row.conversation_id)
        .where(messages.c.seq.between(row.first_seq, row.last_seq))
        .order_by(messages.c.seq)
    )
    return tuple(view_of(message) for message in found)
