"""Bringing notices to customers: stored first, sent once, tried again, logged."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.conversations import ConversationKey
from bot.notices.choosing import Refusal, choose, conversation_of, day_of
from bot.notices.models import Notice
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import events, notices
from bot.turn import DeliveryFailed

log = logging.getLogger(__name__)

BACKOFF_S = (10, 60, 300, 1800)
"""Pauses before the next tries; after the last one the notice is dead."""

SENDING_LEASE = timedelta(seconds=60)
BATCH = 20
EVERY_S = 2.0


@dataclass(frozen=True)
class Sent:
    """How a notice went: ``way`` is message or template; ``platform_id`` the platform's name of it."""

    way: str
    platform_id: str | None = None


class NoticeChannel(Protocol):
    """A channel that can reach customers unasked."""

    async def notify(self, key: ConversationKey, notice: Notice) -> Sent:
        """Send a notice.

        Raises:
            DeliveryFailed: the platform did not take it, or allows no way to send it now.
        """
        ...


class NoticeConflict(Exception):
    """The id was used before for another notice."""


class Notices:
    """Takes notices in and sends them.

    Args:
        database: where they wait.
        channels: by name.
        per_day: how many one customer gets on a business day, over all channels.
        clock: current time.
    """

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, NoticeChannel],
        per_day: int,
        clock: Clock,
    ) -> None:
        self._database = database
        self._channels = channels
        self._per_day = per_day
        self._clock = clock
        self._due = asyncio.Event()
        self._loop: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to send."""
        self._loop = asyncio.create_task(self._for_ever())

    async def stop(self) -> None:
        """Stop; what is not sent waits stored."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop

    async def accept(self, notice: Notice) -> bool:
        """Store a notice; whether it is new.

        Raises:
            NoticeConflict: another notice has its id.
            DatabaseUnavailable: it could not be stored.
        """
        now, digest = self._clock(), notice.digest()

        def store(tx: Connection) -> bool:
            insert_new = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
            stored = tx.execute(
                insert_new(notices)
                .values(
                    id=notice.id,
                    kind=notice.kind.value,
                    shop_customer_id=notice.customer_id,
                    data=notice.model_dump(mode="json"),
                    digest=digest,
                    status="waiting",
                    attempts=0,
                    next_at=now,
                    created_at=now,
                )
                .on_conflict_do_nothing(index_elements=["id"])
            )
            if stored.rowcount:
                return True
            known = tx.execute(select(notices.c.digest).where(notices.c.id == notice.id))
            if known.scalar_one() != digest:
                raise NoticeConflict
            return False

        new = await self._database.write(store)
        self._due.set()
        return new

    async def state(self, notice_id: str) -> dict[str, Any] | None:
        """What has become of a notice: ``status``, ``reason``, ``channel``, ``way``, ``sent_at``."""
        query = select(
            notices.c.status,
            notices.c.reason,
            notices.c.channel,
            notices.c.way,
            notices.c.sent_at,
        ).where(notices.c.id == notice_id)
        row = await self._database.read(lambda tx: tx.execute(query).mappings().one_or_none())
        if row is None:
            return None
        return {**row, "sent_at": row["sent_at"].isoformat() if row["sent_at"] else None}

    async def result(self, platform_id: str, status: str) -> None:
        """The platform tells how a template message ended (``success``, ``failed:user block`` …)."""
        if not platform_id or status == "success":
            return
        failed = (
            update(notices)
            .where(notices.c.platform_id == platform_id, notices.c.status == "sent")
            .values(status="dead", reason=status[:64])
        )
        await self._database.write(lambda tx: tx.execute(failed))

    async def run_once(self) -> int:
        """Send what is due; returns how many notices were looked at.

        Raises:
            DatabaseUnavailable: they cannot be read or marked.
        """
        now = self._clock()
        rows = await self._database.write(lambda tx: self._claim(tx, now))
        for row in rows:
            await self._bring(row)
        return len(rows)

    def _claim(self, tx: Connection, now: datetime) -> list[Any]:
        due = (
            select(notices)
            .where(notices.c.status.in_(("waiting", "sending")), notices.c.next_at <= now)
            .order_by(notices.c.created_at)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        rows = list(tx.execute(due))
        tx.execute(
            update(notices)
            .where(notices.c.id.in_([row.id for row in rows]))
            .values(status="sending", next_at=now + SENDING_LEASE)
        )
        return rows

    async def _bring(self, row: Any) -> None:
        now = self._clock()
        notice = Notice.model_validate(row.data)
        where = await self._database.write(lambda tx: self._reserve(tx, row, now))
        if where is None:
            return
        try:
            sent = await self._channels[where.channel].notify(where, notice)
        except DeliveryFailed as failure:
            outcome = self._failed(row, failure.code, final=failure.final)
        except Exception as failure:
            log.exception("channel failed", extra={"channel": where.channel})
            outcome = self._failed(row, type(failure).__name__, final=False)
        else:
            outcome = {
                "status": "sent",
                "sent_at": now,
                "way": sent.way,
                "platform_id": sent.platform_id,
                "reason": None,
                "text": notice.text() if sent.way == "message" else None,
            }
        await self._database.write(lambda tx: _note(tx, row.id, where, notice, outcome, now))

    def _reserve(self, tx: Connection, row: Any, now: datetime) -> ConversationKey | None:
        """Where it goes, counted against the day before it is sent; None (and said why) if not."""
        if row.day is not None:
            # A later try of one that was counted before.
            return ConversationKey(row.channel, row.external_id)
        where = choose(tx, row.shop_customer_id, list(self._channels), self._per_day, now)
        if isinstance(where, Refusal):
            values: dict[str, Any] = {"status": "skipped", "reason": where.reason}
        else:
            values = {
                "channel": where.channel,
                "external_id": where.external_id,
                "day": day_of(now),
            }
        tx.execute(update(notices).where(notices.c.id == row.id).values(**values))
        return None if isinstance(where, Refusal) else where

    def _failed(self, row: Any, code: str, *, final: bool) -> dict[str, Any]:
        attempts = row.attempts + 1
        outcome: dict[str, Any] = {"attempts": attempts, "reason": code[:64]}
        if final or attempts > len(BACKOFF_S):
            # What did not reach the customer does not use up their day.
            return outcome | {"status": "dead", "day": None}
        pause = timedelta(seconds=BACKOFF_S[attempts - 1])
        return outcome | {"status": "waiting", "next_at": self._clock() + pause}

    async def _for_ever(self) -> None:
        while True:
            self._due.clear()
            try:
                while await self.run_once():
                    pass
            except DatabaseUnavailable:
                log.warning("notices paused: the database is away")
            except Exception:
                log.exception("notices failed")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), EVERY_S)


def _note(
    tx: Connection,
    notice_id: str,
    where: ConversationKey,
    notice: Notice,
    outcome: dict[str, Any],
    now: datetime,
) -> None:
    tx.execute(update(notices).where(notices.c.id == notice_id).values(**outcome))
    found = conversation_of(tx, where)
    if found is None or outcome["status"] == "waiting":
        return
    tx.execute(
        insert(events).values(
            # Outside of any episode, unless one happens to be open: a notice opens none.
            episode_id=found.episode_id or "",
            conversation_id=found.id,
            kind="notice",
            data={
                "id": notice.id,
                "kind": notice.kind.value,
                "status": outcome["status"],
                "way": outcome.get("way"),
            },
            at=now,
        )
    )
