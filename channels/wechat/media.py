"""Pictures and voices: fetched from WeChat by jobs that survive us, since WeChat sends only an id.

A picture's message is accepted at once and gets its file when it is here. A voice that WeChat has
not recognised becomes a message only when it has been fetched, decoded and recognised.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import Clock
from bot.conversations import Author, ConversationKey, FileStore
from bot.errors import CustomerError
from bot.records import Database, DatabaseUnavailable, new_id
from bot.records.tables import inbox, media_jobs, messages
from bot.turn import Accepted, TurnService
from channels.wechat.errors import ApiError
from channels.wechat.sender import account_and_openid
from channels.wechat.voice import BadSound, Recogniser, decode

log = logging.getLogger(__name__)

IMAGE = "image"
VOICE = "voice"

LEASE = timedelta(seconds=30)
"""A job that its process has not finished after this long is taken up by another."""

BACKOFF_S = (2, 10, 60, 300)
"""Pauses before the next tries; after the last one the message goes on without its medium."""

SWEEP_EVERY_S = 5.0


@dataclass(frozen=True)
class Job:
    """A medium to fetch; ``once`` is the dedup key of its message."""

    key: ConversationKey
    once: str
    kind: str
    media_id: str
    attempts: int = 0


class MediaApi(Protocol):
    """What fetching needs of a platform."""

    async def media(self, media_id: str) -> bytes:
        """The content; raises ApiError."""
        ...


Heard = Callable[[Job, str | None, bool], Awaitable[Accepted | None]]
"""Accepts a voice's message: its words (None: it could not be heard), and whether the customer's
request still waits for the answer."""


class Media:
    """Fetches media.

    Args:
        database: where jobs wait.
        turns: hears of files that have come.
        files: keeps them.
        channel: whose media these are.
        api_of: the API of an account; None: it has none.
        recogniser: understands voices; None: nobody does.
        clock: current time.
    """

    def __init__(
        self,
        database: Database,
        turns: TurnService,
        files: FileStore,
        channel: str,
        api_of: Callable[[str], MediaApi | None],
        recogniser: Recogniser | None,
        clock: Clock,
    ) -> None:
        self._database = database
        self._turns = turns
        self._files = files
        self._channel = channel
        self._api_of = api_of
        self._recogniser = recogniser
        self._clock = clock
        self._heard: Heard | None = None
        self._running: dict[str, asyncio.Task[Accepted | None]] = {}
        self._awaited: set[str] = set()
        self._sweeping: asyncio.Task[None] | None = None

    @property
    def hears(self) -> bool:
        """Whether there is anybody to understand voices."""
        return self._recogniser is not None

    def start(self, heard: Heard) -> None:
        """Begin to take up jobs that an earlier process left."""
        self._heard = heard
        self._sweeping = asyncio.create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        """Let go; what is not done waits stored."""
        tasks = [task for task in (self._sweeping, *self._running.values()) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def note(self, tx: Connection, key: ConversationKey, once: str, kind: str, media: str) -> Job:
        """Write down that something is to be fetched; a repeat changes nothing."""
        now = self._clock()
        insert = sqlite.insert if tx.dialect.name == "sqlite" else postgresql.insert
        tx.execute(
            insert(media_jobs)
            .values(
                id=new_id("md"),
                channel=key.channel,
                external_id=key.external_id,
                dedup_key=once,
                kind=kind,
                media_id=media,
                status="waiting",
                attempts=0,
                received_at=now,
                next_at=now + LEASE,
            )
            .on_conflict_do_nothing(index_elements=["dedup_key"])
        )
        return Job(key, once, kind, media)

    def begin(self, job: Job) -> None:
        """Fetch now, in the background."""
        self._run(job)

    async def hear(self, job: Job, within_s: float) -> Accepted | None:
        """The accepted message of a voice, if it is understood within so many seconds."""
        self._awaited.add(job.once)
        task = self._run(job)
        try:
            done, _late = await asyncio.wait((task,), timeout=within_s)
            return task.result() if done and not task.cancelled() else None
        finally:
            self._awaited.discard(job.once)

    async def sweep(self) -> None:
        """Take up jobs that are due."""
        now = self._clock()

        def claim(tx: Connection) -> list[Any]:
            due = (
                select(media_jobs)
                .where(media_jobs.c.status == "waiting", media_jobs.c.next_at <= now)
                .where(media_jobs.c.channel == self._channel)
                .limit(20)
                .with_for_update(skip_locked=True)
            )
            rows = list(tx.execute(due))
            tx.execute(
                update(media_jobs)
                .where(media_jobs.c.id.in_([row.id for row in rows]))
                .values(next_at=now + LEASE)
            )
            return rows

        for row in await self._database.write(claim):
            key = ConversationKey(row.channel, row.external_id)
            self._run(Job(key, row.dedup_key, row.kind, row.media_id, row.attempts))

    def _run(self, job: Job) -> asyncio.Task[Accepted | None]:
        running = self._running.get(job.once)
        if running is None:
            running = asyncio.create_task(self._do(job))
            self._running[job.once] = running
            running.add_done_callback(lambda _: self._running.pop(job.once, None))
        return running

    async def _do(self, job: Job) -> Accepted | None:
        try:
            return await (self._picture(job) if job.kind == IMAGE else self._voice(job))
        except ApiError as error:
            log.warning("medium not fetched", extra={"kind": job.kind, "code": error.code})
            return await self._again(job)
        except (DatabaseUnavailable, CustomerError):
            log.warning("medium not kept: the job waits for the sweep")
        except Exception:
            log.exception("medium failed", extra={"kind": job.kind})
            with contextlib.suppress(DatabaseUnavailable):
                return await self._again(job)
        return None

    async def _fetch(self, job: Job) -> bytes:
        account, _ = account_and_openid(job.key)
        api = self._api_of(account)
        if api is None:
            raise ApiError("no_secret")
        return await api.media(job.media_id)

    async def _picture(self, job: Job) -> None:
        where = await self._database.read(lambda tx: _message_of(tx, job))
        if where is None:
            await self._done(job)
            return
        try:
            kept = await self._files.keep(
                where.conversation_id, Author.CUSTOMER, "微信图片", await self._fetch(job)
            )
        except CustomerError as refused:
            log.warning("picture refused", extra={"code": refused.code})
            await self._done(job)
            return

        def attach(tx: Connection) -> None:
            tx.execute(
                update(messages)
                .where(messages.c.conversation_id == where.conversation_id)
                .where(messages.c.seq == where.seq)
                .values(files=[kept])
            )
            _mark(tx, job, {"status": "done"})

        await self._database.write(attach)
        await self._turns.bus.changed(where.conversation_id)

    async def _voice(self, job: Job) -> Accepted | None:
        words: str | None = None
        if self._recogniser is not None:
            try:
                pcm = await decode(await self._fetch(job))
                words = (await self._recogniser.recognise(pcm, 16_000)).strip() or None
            except BadSound:
                log.warning("voice cannot be decoded")
        return await self._accept(job, words)

    async def _accept(self, job: Job, words: str | None) -> Accepted | None:
        if self._heard is None:
            return None
        accepted = await self._heard(job, words, job.once in self._awaited)
        await self._done(job)
        return accepted

    async def _again(self, job: Job) -> Accepted | None:
        if job.attempts >= len(BACKOFF_S):
            if job.kind == VOICE:
                return await self._accept(job, None)
            await self._done(job)
            return None
        pause = timedelta(seconds=BACKOFF_S[job.attempts])
        later = {"attempts": job.attempts + 1, "next_at": self._clock() + pause}
        await self._database.write(lambda tx: _mark(tx, job, later))
        return None

    async def _done(self, job: Job) -> None:
        await self._database.write(lambda tx: _mark(tx, job, {"status": "done"}))

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY_S)
            try:
                await self.sweep()
            except DatabaseUnavailable:
                log.warning("media not looked for: the database is away")


def _message_of(tx: Connection, job: Job) -> Any:
    return tx.execute(
        select(inbox.c.conversation_id, inbox.c.seq).where(
            inbox.c.channel == job.key.channel, inbox.c.dedup_key == job.once
        )
    ).one_or_none()


def _mark(tx: Connection, job: Job, values: dict[str, Any]) -> None:
    tx.execute(update(media_jobs).where(media_jobs.c.dedup_key == job.once).values(**values))
