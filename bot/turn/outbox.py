"""Delivering replies to channels that must be pushed to (a platform's API), at least once, in order.

Replies of channels that fetch (the web chat) need no relay: history is their delivery and the read
mark its proof. For the others each turn leaves an outbox row; the relay claims due rows, delivers,
and marks them sent only when the platform has said so. A failure is tried again with growing pauses
and ends in the dead letter, where a person can see it. A later reply waits for an earlier one of the
same conversation.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, and_, bindparam, exists, select, update

from bot.clock import Clock
from bot.conversations import ConversationKey, MessageView, Said, select_messages, view_of
from bot.records import Database
from bot.records.tables import UtcDateTime, conversations, messages, outbox
from bot.turn.undelivered import note_undelivered

log = logging.getLogger(__name__)

BACKOFF_S = (2, 5, 15, 60, 300, 900)
"""Pauses before the next tries; after the last one the delivery is dead."""

SENDING_LEASE = timedelta(seconds=60)
"""A delivery that its relay has not finished after this long is taken up by another."""

BATCH = 50


class DeliveryFailed(Exception):
    """The platform did not take a message.

    Args:
        code: short, machine-readable, without personal data (e.g. ``45015``).
        final: trying again cannot help.
    """

    def __init__(self, code: str, final: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.final = final


class Channel(Protocol):
    """A channel that must be pushed to."""

    async def deliver(self, key: ConversationKey, views: list[MessageView]) -> None:
        """Send the replies of one turn to a customer.

        Raises:
            DeliveryFailed: the platform did not take them.
        """
        ...


_earlier = outbox.alias("earlier")
_HELD_BACK = exists().where(
    and_(
        _earlier.c.conversation_id == outbox.c.conversation_id,
        _earlier.c.id < outbox.c.id,
        _earlier.c.status.in_(("waiting", "sending")),
    )
)
_DUE = (
    select(outbox.c.id)
    .where(outbox.c.channel.in_(bindparam("the_channels", expanding=True)))
    .where(outbox.c.next_at <= bindparam("the_now", type_=UtcDateTime))
    .where(outbox.c.status.in_(("waiting", "sending")))
    .where(~_HELD_BACK)
    .order_by(outbox.c.id)
    .limit(BATCH)
    .with_for_update(skip_locked=True, of=outbox)
)
_CLAIM = (
    update(outbox)
    .where(outbox.c.id.in_(bindparam("the_ids", expanding=True)))
    .values(status="sending", next_at=bindparam("the_end", type_=UtcDateTime))
)
_CLAIMED = (
    select(outbox, conversations.c.external_id)
    .join(conversations, conversations.c.id == outbox.c.conversation_id)
    .where(outbox.c.id.in_(bindparam("the_ids", expanding=True)))
    .order_by(outbox.c.id)
)
_SAID = (
    select_messages()
    .where(messages.c.conversation_id == bindparam("the_conversation"))
    .where(messages.c.seq.between(bindparam("the_first"), bindparam("the_last")))
    .order_by(messages.c.seq)
)
"""Statements are built once: building them costs more than running them."""


@dataclass(frozen=True)
class _Delivery:
    id: int
    conversation_id: str
    key: ConversationKey
    views: list[MessageView]
    attempts: int


class Relay:
    """Brings replies to the channels that must be pushed to.

    Args:
        database: where the outbox is.
        channels: by channel name.
        clock: current time.
        publish: hears of what is said in another conversation, where a reply cannot be delivered.
    """

    def __init__(
        self,
        database: Database,
        channels: dict[str, Channel],
        clock: Clock,
        publish: Callable[[Said], Awaitable[None]] | None = None,
    ) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock
        self._publish = publish

    @property
    def names(self) -> frozenset[str]:
        """The channels that are pushed to."""
        return frozenset(self._channels)

    async def run_once(self) -> int:
        """Deliver what is due now; returns how many deliveries were tried.

        Raises:
            DatabaseUnavailable: the outbox cannot be read or marked; deliveries under way are
                tried again later.
        """
        due = await self._database.write(self._claim_due)
        # One of each conversation, so that they may go at once without changing anybody's order.
        await asyncio.gather(*(self._deliver(delivery) for delivery in due))
        return len(due)

    async def _deliver(self, delivery: _Delivery) -> None:
        outcome: dict[str, Any]
        try:
            await self._channels[delivery.key.channel].deliver(delivery.key, delivery.views)
            outcome = {"status": "sent", "sent_at": self._clock(), "error": None}
        except DeliveryFailed as failure:
            outcome = self._failed(delivery, failure.code, failure.final)
        except Exception as failure:
            log.exception("channel failed", extra={"channel": delivery.key.channel})
            outcome = self._failed(delivery, type(failure).__name__, final=False)
        said = await self._database.write(lambda tx: self._note(tx, delivery, outcome))
        if said is not None and self._publish is not None:
            await self._publish(said)

    def _note(self, tx: Connection, delivery: _Delivery, outcome: dict[str, Any]) -> Said | None:
        tx.execute(update(outbox).where(outbox.c.id == delivery.id).values(**outcome))
        if outcome["status"] != "dead":
            return None
        return note_undelivered(
            tx,
            delivery.conversation_id,
            delivery.views,
            outcome["error"],
            self._clock(),
            self.names,
        )

    def _failed(self, delivery: _Delivery, code: str, final: bool) -> dict[str, Any]:
        attempts = delivery.attempts + 1
        outcome: dict[str, Any] = {"attempts": attempts, "error": code[:64]}
        if final or attempts > len(BACKOFF_S):
            log.error("reply undeliverable", extra={"outbox": delivery.id, "code": code})
            return outcome | {"status": "dead"}
        pause = timedelta(seconds=BACKOFF_S[attempts - 1])
        return outcome | {"status": "waiting", "next_at": self._clock() + pause}

    def _claim_due(self, tx: Connection) -> list[_Delivery]:
        now = self._clock()
        ids = list(
            tx.execute(_DUE, {"the_channels": list(self._channels), "the_now": now}).scalars()
        )
        if not ids:
            return []
        tx.execute(_CLAIM, {"the_ids": ids, "the_end": now + SENDING_LEASE})
        rows = tx.execute(_CLAIMED, {"the_ids": ids}).all()
        return [
            _Delivery(
                row.id,
                row.conversation_id,
                ConversationKey(row.channel, row.external_id),
                _views(tx, row),
                row.attempts,
            )
            for row in rows
        ]


def _views(tx: Connection, row: Any) -> list[MessageView]:
    wanted = {
        "the_conversation": row.conversation_id,
        "the_first": row.first_seq,
        "the_last": row.last_seq,
    }
    return [view_of(message) for message in tx.execute(_SAID, wanted)]
