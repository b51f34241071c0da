"""What WeChat still lets us send (公众号文档 · 客服消息).

48 hours and 5 messages after a customer's message, 1 minute and 3 messages after a menu press, a
follow or a scan. Kept in the database, since the count is the platform's and survives us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.conversations import ConversationKey
from bot.records import Database
from bot.records.tables import UtcDateTime, reply_windows, sent_parts

MESSAGE = "message"
EVENT = "event"
_LIFE = {MESSAGE: timedelta(hours=48), EVENT: timedelta(minutes=1)}
_COUNT = {MESSAGE: 5, EVENT: 3}
_ORDER = (EVENT, MESSAGE)
"""What lapses sooner is used first."""

KEPT = timedelta(days=4)
"""Notes of sent parts outlive every retry of their reply."""

_OPEN = {
    "sqlite": (_new_sqlite := sqlite.insert(reply_windows)).on_conflict_do_update(
        index_elements=["channel", "external_id", "kind"],
        set_={"until": _new_sqlite.excluded.until, "left": _new_sqlite.excluded.left},
    ),
    "postgresql": (_new_postgresql := postgresql.insert(reply_windows)).on_conflict_do_update(
        index_elements=["channel", "external_id", "kind"],
        set_={"until": _new_postgresql.excluded.until, "left": _new_postgresql.excluded.left},
    ),
}
_OURS = and_(
    reply_windows.c.channel == bindparam("the_channel"),
    reply_windows.c.external_id == bindparam("the_external_id"),
)
_LASTS = and_(
    reply_windows.c.until > bindparam("the_now", type_=UtcDateTime), reply_windows.c.left > 0
)
_LEFT = select(reply_windows.c.until, reply_windows.c.left).where(_OURS, _LASTS)
_TAKE = (
    update(reply_windows)
    .where(_OURS, _LASTS, reply_windows.c.kind == bindparam("the_kind"))
    .values(left=reply_windows.c.left - 1)
)
_LAST_PART = (
    select(sent_parts.c.part)
    .where(sent_parts.c.channel == bindparam("the_channel"))
    .where(sent_parts.c.external_id == bindparam("the_external_id"))
    .where(sent_parts.c.seq == bindparam("the_seq"))
    .order_by(sent_parts.c.part.desc())
    .limit(1)
)
"""Statements are built once: building them costs more than running them."""


def _names(key: ConversationKey) -> dict[str, Any]:
    return {"the_channel": key.channel, "the_external_id": key.external_id}


@dataclass(frozen=True)
class Window:
    """How many messages are left, and until when; (0, None): none until the customer writes."""

    left: int
    until: datetime | None


def open_window(tx: Connection, key: ConversationKey, kind: str, now: datetime) -> None:
    """The customer did something: the platform's count begins anew."""
    tx.execute(
        _OPEN[tx.dialect.name],
        {
            "channel": key.channel,
            "external_id": key.external_id,
            "kind": kind,
            "until": now + _LIFE[kind],
            "left": _COUNT[kind],
        },
    )


def window_of(tx: Connection, key: ConversationKey, now: datetime) -> Window:
    """What may be sent now."""
    rows = tx.execute(_LEFT, _names(key) | {"the_now": now}).all()
    return Window(sum(row.left for row in rows), max((row.until for row in rows), default=None))


class Windows:
    """Counts messages against the platform's quota.

    Args:
        database: where the counts are.
        clock: current time.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def window(self, key: ConversationKey) -> Window:
        """What may be sent now."""
        now = self._clock()
        return await self._database.read(lambda tx: window_of(tx, key, now))

    async def begin(self, key: ConversationKey, seq: int) -> tuple[int, Window]:
        """How many parts of the reply ``seq`` were sent before, and what may be sent."""
        now = self._clock()

        def look(tx: Connection) -> tuple[int, Window]:
            sent = tx.execute(_LAST_PART, _names(key) | {"the_seq": seq}).scalar()
            return (0 if sent is None else sent + 1), window_of(tx, key, now)

        return await self._database.read(look)

    async def take(self, key: ConversationKey) -> str | None:
        """Count one message before it is sent; None if there is none left."""
        now = self._clock()

        def take(tx: Connection) -> str | None:
            for kind in _ORDER:
                taken = tx.execute(_TAKE, _names(key) | {"the_kind": kind, "the_now": now})
                if taken.rowcount:
                    return kind
            return None

        return await self._database.write(take)

    async def give_back(self, key: ConversationKey, kind: str) -> None:
        """The platform did not take it after all."""
        more = self._of(key, kind).values(left=reply_windows.c.left + 1)
        await self._database.write(
            lambda tx: tx.execute(more.where(reply_windows.c.left < _COUNT[kind]))
        )

    async def shut(self, key: ConversationKey) -> None:
        """The platform says that nothing may be sent: it knows better than our count."""
        none = (
            update(reply_windows)
            .where(reply_windows.c.channel == key.channel)
            .where(reply_windows.c.external_id == key.external_id)
            .values(left=0)
        )
        await self._database.write(lambda tx: tx.execute(none))

    async def note_sent(self, key: ConversationKey, seq: int, part: int) -> None:
        """A part of a reply has been taken by the platform; its next try begins after it."""
        now = self._clock()
        await self._database.write(lambda tx: note_sent(tx, key, seq, part, now))

    @staticmethod
    def _of(key: ConversationKey, kind: str) -> Any:
        return (
            update(reply_windows)
            .where(reply_windows.c.channel == key.channel)
            .where(reply_windows.c.external_id == key.external_id, reply_windows.c.kind == kind)
        )


def note_sent(tx: Connection, key: ConversationKey, seq: int, part: int, now: datetime) -> None:
    """Write down that the parts of a reply up to ``part`` were sent; forget very old ones."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    tx.execute(
        insert(sent_parts)
        .values(channel=key.channel, external_id=key.external_id, seq=seq, part=part, at=now)
        .on_conflict_do_nothing(index_elements=["channel", "external_id", "seq", "part"])
    )
    tx.execute(sent_parts.delete().where(sent_parts.c.at < now - KEPT))
