"""The demo shop's SQLite file: one connection, its schema, and short transactions.

An order's life is read and written whole, so it is stored as one JSON document beside the few
columns that are searched by; the points ledger, which must add up, is a real table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from actions.shop.wire import encodable

SCHEMA_VERSION = 2
_BUSY_MS = 500
_OPENING_BUSY_MS = 15_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS customers (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, phone TEXT NOT NULL, growth INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS orders (
  number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers(id),
  placed_at TEXT NOT NULL, state TEXT NOT NULL, doc TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS orders_of_customer ON orders (customer_id, placed_at DESC);
CREATE TABLE IF NOT EXISTS named_orders (
  persona TEXT NOT NULL, name TEXT NOT NULL, number TEXT NOT NULL, PRIMARY KEY (persona, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
  id INTEGER PRIMARY KEY, customer_id TEXT NOT NULL, at TEXT NOT NULL, points INTEGER NOT NULL,
  reason TEXT NOT NULL, expires_on TEXT, remaining INTEGER NOT NULL DEFAULT 0,
  CHECK (remaining >= 0), CHECK ((points > 0) = (expires_on IS NOT NULL))
);
CREATE INDEX IF NOT EXISTS ledger_of_customer ON ledger (customer_id, expires_on);
CREATE TABLE IF NOT EXISTS returns (
  number TEXT PRIMARY KEY, order_number TEXT NOT NULL, sku TEXT NOT NULL, doc TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS returns_of_order ON returns (order_number, sku);
CREATE TABLE IF NOT EXISTS refunds (order_number TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS invoices (order_number TEXT PRIMARY KEY, doc TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS coupons (
  number TEXT PRIMARY KEY, customer_id TEXT NOT NULL REFERENCES customers(id), doc TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stock (
  sku TEXT NOT NULL, store_id TEXT NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY (sku, store_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS changes (
  key TEXT PRIMARY KEY, request TEXT NOT NULL, answer TEXT NOT NULL, at TEXT NOT NULL
) WITHOUT ROWID;
"""
TABLES = (
    "customers",
    "orders",
    "named_orders",
    "ledger",
    "returns",
    "refunds",
    "invoices",
    "coupons",
    "stock",
    "changes",
)


class Database:
    """One connection to the demo shop's file, in WAL mode so that several processes may share it.

    A lock held by another process is waited for at most half a second, then sqlite3.OperationalError.
    """

    def __init__(self, path: Path | str) -> None:
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        self._connection.execute(f"PRAGMA busy_timeout = {_OPENING_BUSY_MS}")
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        return self._connection.execute(sql, _bindable(values)).fetchall()

    def row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The first row of a query."""
        row: tuple[Any, ...] | None = self._connection.execute(sql, _bindable(values)).fetchone()
        return row

    def text(self, sql: str, *values: object) -> str | None:
        """The first column of the first row, when it is text."""
        row = self.row(sql, *values)
        return str(row[0]) if row is not None else None

    def run(self, sql: str, *values: object) -> None:
        """One statement that changes something."""
        self._connection.execute(sql, _bindable(values))

    def run_many(self, sql: str, values: list[tuple[Any, ...]]) -> None:
        """One statement for many rows."""
        self._connection.executemany(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; takes the write lock at once, so that what is read inside stays true."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._connection.execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def ensure_schema(self) -> None:
        """Create what is missing; a file of another version is emptied. Call inside a transaction."""
        version = self.row("PRAGMA user_version")
        if version is not None and version[0] not in (0, SCHEMA_VERSION):
            for table in ("meta", *TABLES):
                self.run(f"DROP TABLE IF EXISTS {table}")
        for statement in _SCHEMA.split(";"):
            if statement.strip():
                self.run(statement)
        self.run(f"PRAGMA user_version = {SCHEMA_VERSION}")

    def clear(self) -> None:
        """Empty every table. Call inside a transaction."""
        for table in TABLES:
            self.run(f"DELETE FROM {table}")  # noqa: S608 - names are constants of this module

    def opened(self) -> None:
        """Opening is over: from now on wait only briefly for another process's lock."""
        self._connection.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")

    def close(self) -> None:
        """Close the connection; the file stays."""
        self._connection.close()


def _bindable(values: tuple[Any, ...]) -> tuple[Any, ...]:
    # SQLite takes UTF-8 only; a lone surrogate from a customer's text must find nothing, not crash.
    return tuple(encodable(value) if isinstance(value, str) else value for value in values)
