from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select
from sqlalchemy.exc import IntegrityError

from bot.records import Database, DatabaseUnavailable
from bot.records import database as database_module
from bot.records.tables import customers, metadata


def row(number: int, at: datetime) -> dict[str, object]:
    return {"id": f"cu_{number}", "shop_customer_id": f"C{number}", "created_at": at}


async def test_a_migrated_database_has_exactly_the_declared_tables(database: Database) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    differences = await database.read(
        lambda tx: compare_metadata(MigrationContext.configure(tx), metadata)
    )
    assert differences == []


async def test_migrating_twice_changes_nothing(database: Database) -> None:
    await database.migrate()


async def test_times_come_back_as_the_same_instant_in_utc(database: Database) -> None:
    shanghai = timezone(timedelta(hours=8))
    at = datetime(2026, 11, 21, 9, 30, 15, 123456, tzinfo=shanghai)
    await database.write(lambda tx: tx.execute(insert(customers).values(row(1, at))))
    found = await database.read(lambda tx: tx.execute(select(customers.c.created_at)).scalar_one())
    assert found == at
    assert found.tzinfo is UTC


async def test_a_naive_time_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="naive"):
        await database.write(
            lambda tx: tx.execute(insert(customers).values(row(1, datetime(2026, 1, 1))))
        )


async def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    def half(tx: Connection) -> None:
        tx.execute(insert(customers).values(row(1, datetime.now(UTC))))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await database.write(half)
    assert await database.read(lambda tx: tx.execute(select(customers)).all()) == []


async def test_what_reading_changes_is_not_kept(database: Database) -> None:
    with suppress(DatabaseUnavailable):  # PostgreSQL refuses it
        await database.read(
            lambda tx: tx.execute(insert(customers).values(row(1, datetime.now(UTC))))
        )
    assert await database.read(lambda tx: tx.execute(select(customers)).all()) == []


async def test_a_database_locked_by_another_process_is_reported_and_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.05)
    database = Database(f"sqlite:///{tmp_path / 'locked.db'}")
    await database.migrate()
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseUnavailable):
        await database.write(
            lambda tx: tx.execute(insert(customers).values(row(1, datetime.now(UTC))))
        )
    await database.ping()
    other.execute("ROLLBACK")
    other.close()
    await database.write(lambda tx: tx.execute(insert(customers).values(row(1, datetime.now(UTC)))))
    await database.close()


async def test_a_database_that_is_away_is_reported() -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'deadlock_detected'; END $$",
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'too_many_connections'; END $$",
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'read_only_sql_transaction'; END $$",
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'query_canceled'; END $$",
        "DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = 'disk_full'; END $$",
    ],
)
async def test_what_is_the_servers_fault_is_reported_as_unavailable(
    database: Database, statement: str
) -> None:
    with pytest.raises(DatabaseUnavailable):
        await database.write(lambda tx: tx.exec_driver_sql(statement))
    await database.ping()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_connections_that_died_while_they_lay_idle_are_replaced_unnoticed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(database.ping() for _ in range(3)))  # several lie in the pool
    monkeypatch.setattr(database_module, "FRESH_S", 0.0)
    others = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    killed = await database.read(lambda tx: tx.exec_driver_sql(others).scalar_one())
    assert killed
    await asyncio.gather(*(database.ping() for _ in range(3)))


async def test_what_is_the_values_fault_is_not_taken_for_a_database_that_is_away(
    database: Database,
) -> None:
    twice = [row(1, datetime.now(UTC)), row(1, datetime.now(UTC))]
    with pytest.raises(IntegrityError) as refusal:
        await database.write(lambda tx: tx.execute(insert(customers), twice))
    assert "C1" not in str(refusal.value).partition("DETAIL")[0]


async def test_writers_behind_a_locked_database_give_up_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT_S", 0.3)
    database = Database(f"sqlite:///{tmp_path / 'locked.db'}")
    await database.migrate()
    other = sqlite3.connect(tmp_path / "locked.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    tried: list[int] = []

    def work(tx: Connection) -> None:
        tried.append(1)

    results = await asyncio.gather(
        *(database.write(work) for _ in range(20)), return_exceptions=True
    )
    assert all(isinstance(result, DatabaseUnavailable) for result in results)
    assert tried == []
    other.close()
    await database.write(work)
    await database.close()


@pytest.mark.parametrize("fails", [None, 7])
async def test_writes_that_queue_together_succeed_or_fail_each_for_itself(
    database: Database, fails: int | None
) -> None:
    def write(number: int) -> Callable[[Connection], int]:
        def work(tx: Connection) -> int:
            tx.execute(insert(customers).values(row(number, datetime.now(UTC))))
            if number == fails:
                raise LookupError(number)
            return number

        return work

    ended = await asyncio.gather(
        *(database.write(write(number)) for number in range(40)), return_exceptions=True
    )
    assert [end for end in ended if isinstance(end, int)] == [n for n in range(40) if n != fails]
    kept = await database.read(lambda tx: set(tx.execute(select(customers.c.id)).scalars()))
    assert kept == {f"cu_{n}" for n in range(40) if n != fails}


async def test_a_writer_who_stops_waiting_holds_up_nobody(database: Database) -> None:
    def work(number: int) -> Callable[[Connection], object]:
        return lambda tx: tx.execute(insert(customers).values(row(number, datetime.now(UTC))))

    tasks = [asyncio.create_task(database.write(work(number))) for number in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert not any(isinstance(end, BaseException) for end in ended[1::2])
    kept = await database.read(lambda tx: set(tx.execute(select(customers.c.id)).scalars()))
    assert kept >= {f"cu_{n}" for n in range(1, 20, 2)}
