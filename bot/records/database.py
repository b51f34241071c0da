"""One database, SQLite or PostgreSQL, with short transactions and honest failures.

A transaction is a plain function of a connection, the same for both databases. On PostgreSQL it
runs on an async connection. SQLite works in the caller's thread, so there it runs whole in a thread
of ours: one hand-over between threads for a transaction, not one for each of its statements (which
cost more than the statements: 29 ms of processor time a turn against 18, measured under load).

SQLite allows one writer at a time: writers of this process queue for the one writing thread, which
commits together what has queued up (each in a savepoint of its own): one wait for the disk instead of
one each. Between processes ``BEGIN IMMEDIATE`` waits up to ``BUSY_TIMEOUT_S`` and then fails, instead
of failing in mid-transaction when a read lock cannot be upgraded.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    InvalidatePoolError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

BUSY_TIMEOUT_S = 3.0
"""How long a SQLite writer waits for a writer of another process."""

FRESH_S = 1.0
"""A pooled connection that was used so lately is not asked for a sign of life before it is used."""

GROUP = 32
"""So many writes that queue for SQLite are committed together."""

STATEMENT_TIMEOUT_S = 10.0
"""How long PostgreSQL may take for one statement; all of ours take milliseconds."""

READERS, WRITERS = 8, 12
"""Connections of one process to PostgreSQL: looks do not queue behind changes, nor these behind
looks."""

PREPARED = 500
"""Statements that a connection keeps prepared; more than we have, so that none is planned anew."""

MIGRATIONS = Path(__file__).parent / "migrations"

type Work[T] = Callable[[Connection], T]
"""What is done within one transaction."""


class DatabaseUnavailable(Exception):
    """The database is locked, full, or away; nothing of the transaction was kept."""


def new_id(kind: str) -> str:
    """A random id such as ``ep_3f2c…``; the prefix says what it names."""
    return f"{kind}_{uuid.uuid4().hex}"


class Database:
    """Runs transactions on the database of the service.

    Args:
        url: SQLAlchemy URL (``sqlite:///…`` or ``postgresql+asyncpg://…``).
        durable: a committed transaction survives a power cut. Only for a history that can be made
            again may it be false: then nobody waits for the disk.
    """

    def __init__(self, url: str, *, durable: bool = True) -> None:
        self.url = url
        parsed = make_url(url)
        self.dialect = parsed.get_backend_name()
        self._backend: _Backend = (
            _Threads(parsed, durable) if self.dialect == "sqlite" else _Async(parsed, durable)
        )

    async def read[T](self, work: Work[T]) -> T:
        """Look things up; ``work`` changes nothing (PostgreSQL refuses, SQLite undoes it).

        Raises:
            DatabaseUnavailable: it could not be asked.
        """
        with _translated():
            return await self._backend.read(work)

    async def write[T](self, work: Work[T]) -> T:
        """Run a transaction: committed when ``work`` returns, undone when it raises.

        Raises:
            DatabaseUnavailable: it could not begin or commit.
        """
        with _translated():
            return await self._backend.write(work)

    async def migrate(self) -> None:
        """Create the tables or bring them to the newest version (Alembic)."""
        await self.write(_upgrade)

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            DatabaseUnavailable: there is none.
        """
        await self.read(lambda connection: connection.execute(text("SELECT 1")))

    async def close(self) -> None:
        """Release all connections."""
        await self._backend.close()


class _Backend(Protocol):
    async def read[T](self, work: Work[T]) -> T: ...

    async def write[T](self, work: Work[T]) -> T: ...

    async def close(self) -> None: ...


class _Async:
    """PostgreSQL by an async driver."""

    def __init__(self, url: URL, durable: bool) -> None:
        self._reading = self._open(url, READERS, {"default_transaction_read_only": "on"})
        # Each statement sees what was committed before it, within a transaction as without one;
        # beginning and ending one would cost two more round trips for every look.
        self._reading = self._reading.execution_options(isolation_level="AUTOCOMMIT")
        waiting = {} if durable else {"synchronous_commit": "off"}
        self._writing = self._open(url, WRITERS, waiting)

    def _open(self, url: URL, connections: int, settings: dict[str, str]) -> AsyncEngine:
        # No overflow: connections that come and go with each burst cost more than the burst.
        engine = create_async_engine(
            url,
            pool_size=connections,
            max_overflow=0,
            pool_timeout=5,
            hide_parameters=True,
            connect_args={
                "timeout": 5,
                "command_timeout": STATEMENT_TIMEOUT_S,
                "prepared_statement_cache_size": PREPARED,
                "server_settings": settings,
            },
        )
        _ping_when_idle(engine.sync_engine)
        return engine

    async def read[T](self, work: Work[T]) -> T:
        async with self._reading.connect() as connection:
            return await connection.run_sync(work)

    async def write[T](self, work: Work[T]) -> T:
        async with self._writing.begin() as connection:
            return await connection.run_sync(work)

    async def close(self) -> None:
        await self._reading.dispose()
        await self._writing.dispose()


@dataclass(frozen=True)
class _Job:
    """A write that waits for its turn, and who waits for it."""

    work: Work[Any]
    future: asyncio.Future[Any]
    submitted: float

    def end(self, result: Any = None, error: BaseException | None = None) -> None:
        """Tell whoever waits, in their own thread."""

        def tell() -> None:
            if self.future.done():
                return  # they have stopped waiting
            if error is not None:
                self.future.set_exception(error)
            else:
                self.future.set_result(result)

        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is left to tell
            self.future.get_loop().call_soon_threadsafe(tell)


def _within_group(connection: Connection, job: _Job) -> Callable[[], None]:
    """Run a job so that its failure undoes nothing of the others; returns how it is to end.

    It may end only once the whole group is committed.
    """
    try:
        with connection.begin_nested():
            result = job.work(connection)
    except Exception as error:
        if not connection.in_transaction():
            raise  # SQLite has rolled everything back (a full disk): nobody's work is there
        return partial(job.end, error=error)
    return partial(job.end, result)


class _Threads:
    """SQLite: one writing thread, a few that read."""

    READERS = 2

    def __init__(self, url: URL, durable: bool) -> None:
        if url.database and url.database != ":memory:":
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        self._engine = _sqlite_engine(url.set(drivername="sqlite"), durable)
        self._writing = self._engine.execution_options(yingda_write=True)
        self._writer = ThreadPoolExecutor(1, "sqlite-write")
        self._queue: deque[_Job] = deque()
        self._readers = ThreadPoolExecutor(self.READERS, "sqlite-read")

    async def read[T](self, work: Work[T]) -> T:
        def run() -> T:
            with self._engine.connect() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    async def write[T](self, work: Work[T]) -> T:
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.append(_Job(work, future, time.monotonic()))
        self._writer.submit(self._write_queued)
        return await future

    def _write_queued(self) -> None:
        """Run what has queued up in one transaction: waiting for the disk is most of the cost."""
        jobs: list[_Job] = []
        while self._queue and len(jobs) < GROUP:
            job = self._queue.popleft()
            # Behind a lock that another process holds, those who queue give up together, and not
            # each after a wait of their own.
            if time.monotonic() - job.submitted > BUSY_TIMEOUT_S:
                job.end(error=TimeoutError())
            elif not job.future.cancelled():
                jobs.append(job)
        if not jobs:
            return
        ends: list[Callable[[], None]] = []
        try:
            with self._writing.begin() as connection:
                if len(jobs) == 1:
                    ends.append(partial(jobs[0].end, jobs[0].work(connection)))
                else:
                    ends += [_within_group(connection, job) for job in jobs]
        except BaseException as error:
            ends = [partial(job.end, error=error) for job in jobs]
        for end in ends:
            end()

    async def close(self) -> None:
        for threads in (self._writer, self._readers):
            await asyncio.to_thread(threads.shutdown)
        self._engine.dispose()


class _translated:
    """Turns what drivers raise when a database is locked, full or away into DatabaseUnavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DBAPIError):
            # Whatever is not the statement's or the value's own fault: locks, deadlocks, lost or
            # refused connections, a read-only standby, time-outs, a full disk.
            own_fault = isinstance(error, IntegrityError | DataError | ProgrammingError)
            sqlstate = str(getattr(error.orig, "sqlstate", None) or "")
            if not own_fault and not sqlstate.startswith(("22", "23", "42")):
                raise DatabaseUnavailable(type(error).__name__) from error
        elif isinstance(error, PoolTimeout | OSError | TimeoutError):
            raise DatabaseUnavailable(type(error).__name__) from error


def _ping_when_idle(engine: Engine) -> None:
    """Replace pooled connections that died while they lay idle.

    A ping for each use (``pool_pre_ping``) costs three round trips; under load that was a fifth of
    all the time spent on the database.
    """

    @event.listens_for(engine, "checkin")
    def _on_checkin(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: ConnectionPoolEntry, _proxy: object) -> None:
        used = record.info.get("used")
        if used is None or time.monotonic() - used < FRESH_S:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            # The pool then drops all that it has and opens a new one.
            raise InvalidatePoolError from error


def _sqlite_engine(url: URL, durable: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=_Threads.READERS + 1,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # Transactions are begun by _on_begin, not by the driver, so that writers begin IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: an accepted message survives a power cut, not only a crash of the process.
        cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("yingda_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # Replicas that start together migrate one after the other.
        connection.execute(text("SELECT pg_advisory_xact_lock(827364)"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
