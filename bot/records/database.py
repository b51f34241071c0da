"""One database, SQLite or PostgreSQL, with short transactions and honest failures.

SQLite allows one writer at a time: within the process writers queue on a lock (fair, no polling);
between processes ``BEGIN IMMEDIATE`` waits up to ``BUSY_TIMEOUT_S`` and then fails, instead of
failing in mid-transaction when a read lock cannot be upgraded.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

BUSY_TIMEOUT_S = 3.0
"""How long a SQLite writer waits for a writer of another process."""

MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseUnavailable(Exception):
    """The database is locked, full, or away; nothing of the transaction was kept."""


def new_id(kind: str) -> str:
    """A random id such as ``ep_3f2c…``; the prefix says what it names."""
    return f"{kind}_{uuid.uuid4().hex}"


class Database:
    """Connections to the database of the service.

    Args:
        url: SQLAlchemy async URL (``sqlite+aiosqlite:///…`` or ``postgresql+asyncpg://…``).
    """

    def __init__(self, url: str) -> None:
        self.dialect = make_url(url).get_backend_name()
        self._engine = _create_engine(url, self.dialect)
        self._writer: AbstractAsyncContextManager[Any] = (
            asyncio.Lock() if self.dialect == "sqlite" else nullcontext()
        )

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for looking things up.

        Raises:
            DatabaseUnavailable: it could not be asked.
        """
        with _translated():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed at the end of the block, undone by an exception.

        Raises:
            DatabaseUnavailable: it could not begin or commit.
        """
        with _translated():
            async with self._writer, self._engine.connect() as connection:
                await connection.execution_options(yingda_write=True)
                async with connection.begin():
                    yield connection

    async def migrate(self) -> None:
        """Create the tables or bring them to the newest version (Alembic)."""
        if self.dialect == "sqlite":
            database = self._engine.url.database
            if database and database != ":memory:":
                Path(database).parent.mkdir(parents=True, exist_ok=True)
        with _translated():
            async with self._engine.begin() as connection:
                if self.dialect == "postgresql":
                    # Replicas that start together migrate one after the other.
                    await connection.execute(text("SELECT pg_advisory_xact_lock(827364)"))
                await connection.run_sync(_upgrade)

    async def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            DatabaseUnavailable: there is none.
        """
        async with self.read() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Release all connections."""
        await self._engine.dispose()


class _translated:
    """Turns what drivers raise when a database is locked, full or away into DatabaseUnavailable."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if lost or isinstance(error, OperationalError | OSError | TimeoutError):
            raise DatabaseUnavailable(type(error).__name__) from error


def _create_engine(url: str, dialect: str) -> AsyncEngine:
    if dialect != "sqlite":
        return create_async_engine(
            url, pool_size=10, max_overflow=10, pool_timeout=5, pool_pre_ping=True
        )
    engine = create_async_engine(
        url, pool_size=8, max_overflow=8, connect_args={"timeout": BUSY_TIMEOUT_S}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        # Transactions are begun by _on_begin, not by the driver, so that writers begin IMMEDIATE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        # FULL: an accepted message survives a power cut, not only a crash of the process.
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("yingda_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
