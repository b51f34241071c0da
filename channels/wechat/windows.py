"""What WeChat still lets us send (公众号文档 · 客服消息).

48 hours and 5 messages after a customer's message, 1 minute and 3 messages after a menu press, a
follow or a scan. Kept in the database, since the count is the platform's and survives us.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.conversations import ConversationKey
from bot.records import Database
from bot.records.tables import reply_windows, sent_parts

MESSAGE = "message"
EVENT = "event"
_LIFE = {MESSAGE: timedelta(hours=48), EVENT: timedelta(minutes=1)}
_COUNT = {MESSAGE: 5, EVENT: 3}
_ORDER = (EVENT, MESSAGE)
"""What lapses sooner is used first."""

KEPT = timedelta(days=4)
"""Notes of sent parts outlive every retry of their reply."""


@dataclass(frozen=True)
class Window:
    """How many messages are left, and until when; (0, None): none until the customer writes."""

    left: int
    until: datetime | None


def open_window(tx: Connection, key: ConversationKey, kind: str, now: datetime) -> None:
    """The customer did something: the platform's count begins anew."""
    insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
    values = {"until": now + _LIFE[kind], "left": _COUNT[kind]}
    tx.execute(
        insert(reply_windows)
        .values(channel=key.channel, external_id=key.external_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["channel", "external_id", "kind"], set_=values)
    )


def window_of(tx: Connection, key: ConversationKey, now: datetime) -> Window:
    """What may be sent now."""
    rows = tx.execute(
        select(reply_windows.c.until, reply_windows.c.left)
        .where(reply_windows.c.channel == key.channel)
        .where(reply_windows.c.external_id == key.external_id)
        .where(reply_windows.c.until > now, reply_windows.c.left > 0)
    ).all()
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
            sent = tx.execute(
                select(sent_parts.c.part)
                .where(sent_parts.c.channel == key.channel)
                .where(sent_parts.c.external_id == key.external_id, sent_parts.c.seq == seq)
                .order_by(sent_parts.c.part.desc())
                .limit(1)
            ).scalar()
            return (0 if sent is None else sent + 1), window_of(tx, key, now)

        return await self._database.read(look)

    async def take(self, key: ConversationKey) -> str | None:
        """Count one message before it is sent; None if there is none left."""
        now = self._clock()

        def take(tx: Connection) -> str | None:
            for kind in _ORDER:
                taken = tx.execute(
                    self._of(key, kind)
                    .where(reply_windows.c.until > now, reply_windows.c.left > 0)
                    .values(left=reply_windows.c.left - 1)
                )
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
