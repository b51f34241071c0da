"""Failed log-ins, counted over all replicas: the patient guesser and the hasty one are stopped."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from bot.desk.errors import TooManyLogins
from bot.records.tables import login_failures

WINDOW = timedelta(minutes=15)
PER_LOGIN = 8
PER_ADDRESS = 40
"""A whole office may sit behind one address."""


def count_attempt(tx: Connection, login: str, address: str, now: datetime) -> list[int]:
    """Count an attempt as failed before it is made, so that many at once do not slip by.

    Returns:
        What to withdraw if it succeeds.

    Raises:
        TooManyLogins: the login's or the address's attempts are used up.
    """
    subjects = {
        _subject("login", login.lower()): PER_LOGIN,
        _subject("address", address): PER_ADDRESS,
    }
    if tx.dialect.name == "postgresql":
        for subject in sorted(subjects):
            tx.execute(select(func.pg_advisory_xact_lock(int(subject[:15], 16))))
    tx.execute(delete(login_failures).where(login_failures.c.at <= now - WINDOW))
    for subject, limit in subjects.items():
        found = tx.execute(
            select(func.count(), func.min(login_failures.c.at)).where(
                login_failures.c.subject == subject
            )
        ).one()
        if found[0] >= limit:
            left = found[1] + WINDOW - now
            raise TooManyLogins(max(1, int(left.total_seconds())))
    return [
        tx.execute(
            insert(login_failures).values(subject=subject, at=now).returning(login_failures.c.id)
        ).scalar_one()
        for subject in subjects
    ]


def withdraw(tx: Connection, counted: list[int]) -> None:
    """It was no failure: this attempt does not count, earlier ones do."""
    tx.execute(delete(login_failures).where(login_failures.c.id.in_(counted)))


def forgive(tx: Connection, login: str, counted: list[int]) -> None:
    """Everything was right: forget this attempt, and what the login had failed before."""
    withdraw(tx, counted)
    tx.execute(
        delete(login_failures).where(login_failures.c.subject == _subject("login", login.lower()))
    )


def _subject(kind: str, name: str) -> str:
    return hashlib.sha256(f"{kind}:{name}".encode("utf-8", "replace")).hexdigest()
