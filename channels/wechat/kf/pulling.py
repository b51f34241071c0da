"""Fetching messages by cursor, so that each gets into the inbox exactly once.

A callback says only that there is something. It is counted in the database before it is answered;
whoever holds the account's lease fetches page after page, accepts every message (a repeat finds its
first copy) and only then moves the cursor. A process that dies leaves a count that a sweep sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.errors import ServiceBusy
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import sync_cursors
from channels.wechat.errors import ApiError
from channels.wechat.kf.api import KfApi

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
"""How long a page may take before another process begins anew."""

SWEEP_EVERY_S = 10.0
TOKEN_IS_OVER = "95007"  # noqa: S105 - an error code

Take = Callable[[str, dict[str, Any], bool], Awaitable[None]]
"""Takes one message of an account; True: it is of the very first page, and may be days old."""


class Puller:
    """Fetches what customers sent.

    Args:
        database: cursors and leases.
        api: of the company.
        take: accepts a message; raising ServiceBusy stops the page, to be fetched again.
        clock: current time.
    """

    def __init__(self, database: Database, api: KfApi, take: Take, clock: Clock) -> None:
        self._database = database
        self._api = api
        self._take = take
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    async def called(self, open_kfid: str, token: str) -> None:
        """There is something in an account; it is written down when this returns.

        Raises:
            DatabaseUnavailable: it could not be.
        """
        now = self._clock()

        def note(tx: Connection) -> None:
            insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
            tx.execute(
                insert(sync_cursors)
                .values(account=open_kfid, cursor="", token=token, wanted=1, synced=0, at=now)
                .on_conflict_do_update(
                    index_elements=["account"],
                    set_={"token": token, "wanted": sync_cursors.c.wanted + 1, "at": now},
                )
            )

        await self._database.write(note)
        self._spawn(self.pull(open_kfid))

    def start(self) -> None:
        """Begin to take up what another process left."""
        self._spawn(self._sweep_for_ever())

    async def stop(self) -> None:
        """Let go; what is not fetched waits counted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def pull(self, open_kfid: str) -> None:
        """Fetch until nothing is left, unless another process is at it."""
        try:
            while (row := await self._claim(open_kfid)) is not None:
                if not await self._pages(row):
                    return
        except DatabaseUnavailable:
            log.warning("messages not fetched: the database is away")

    async def sweep(self) -> None:
        """Take up accounts whose callbacks are not all answered for."""
        left = select(sync_cursors.c.account).where(sync_cursors.c.wanted > sync_cursors.c.synced)
        for account in await self._database.read(lambda tx: list(tx.execute(left).scalars())):
            await self.pull(account)

    async def _claim(self, open_kfid: str) -> Any:
        now = self._clock()
        claim = (
            update(sync_cursors)
            .where(sync_cursors.c.account == open_kfid)
            .where(sync_cursors.c.wanted > sync_cursors.c.synced)
            .where(or_(sync_cursors.c.lease_until.is_(None), sync_cursors.c.lease_until < now))
            .values(lease_until=now + LEASE)
            .returning(sync_cursors)
        )
        return await self._database.write(lambda tx: tx.execute(claim).one_or_none())

    async def _pages(self, row: Any) -> bool:
        """Fetch page after page; False if it has to be tried again later."""
        cursor, token = row.cursor, row.token
        try:
            while True:
                page = await self._page(row.account, cursor, token)
                for message in page.get("msg_list") or ():
                    if isinstance(message, dict):
                        await self._take(row.account, message, not row.cursor)
                following = str(page.get("next_cursor") or cursor)[:256]
                more = bool(page.get("has_more")) and following != cursor
                await self._move(row, cursor, following, done=not more)
                cursor = following
                if not more:
                    return True
        except ApiError as error:
            log.warning("messages not fetched", extra={"code": error.code})
        except ServiceBusy:
            log.warning("messages not accepted: the database is away")
        except Exception:
            log.exception("messages not taken")
        with contextlib.suppress(DatabaseUnavailable):
            await self._release(row.account)
        return False

    async def _page(self, open_kfid: str, cursor: str, token: str) -> dict[str, Any]:
        try:
            return await self._api.page(open_kfid, cursor, token)
        except ApiError as error:
            if error.code != TOKEN_IS_OVER:
                raise
            return await self._api.page(open_kfid, cursor, "")

    async def _move(self, row: Any, before: str, after: str, *, done: bool) -> None:
        """Everything up to ``after`` is in the inbox; ``done``: and so is what was called for."""
        values: dict[str, Any] = {"cursor": after, "lease_until": self._clock() + LEASE}
        if done:
            values |= {"synced": row.wanted, "lease_until": None}
        moved = (
            update(sync_cursors)
            .where(sync_cursors.c.account == row.account, sync_cursors.c.cursor == before)
            .values(**values)
        )
        await self._database.write(lambda tx: tx.execute(moved))

    async def _release(self, account: str) -> None:
        free = (
            update(sync_cursors).where(sync_cursors.c.account == account).values(lease_until=None)
        )
        await self._database.write(lambda tx: tx.execute(free))

    async def _sweep_for_ever(self) -> None:
        while True:
            try:
                await self.sweep()
            except DatabaseUnavailable:
                log.warning("accounts not looked at: the database is away")
            await asyncio.sleep(SWEEP_EVERY_S)

    def _spawn(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
