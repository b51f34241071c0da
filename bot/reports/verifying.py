"""Deriving the history anew, fast: read straight from the drivers, in processes of its own.

Nothing is written here. What differs from what is kept comes back, and `rebuilding` has it mended by
`keeping` and `filling`, each mending in step with the sums.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import asyncpg
from pydantic_core import from_json
from sqlalchemy import make_url

from bot.records.facts import derive_facts
from bot.records.people import person_of
from bot.reports.repeats import mark_repeats
from bot.reports.rows import (
    COLUMNS,
    CellId,
    Contact,
    Counted,
    FactRow,
    contribution,
    day_bounds,
    gaps_of,
    packed,
    row_of,
)

Rows = Sequence[Sequence[Any]]
_Query = tuple[str, Sequence[str | datetime]]


def _of_facts(columns: Sequence[str]) -> str:
    return f"SELECT {', '.join(columns)} FROM episode_facts"  # noqa: S608 - names of ours


_FACTS = _of_facts(COLUMNS)
_CONTACTS = _of_facts([field.name for field in fields(Contact)])
_COUNTED = _of_facts([field.name for field in fields(Counted)])


class Span(NamedTuple):
    """A part of the history: keys after ``after`` up to ``until``, included."""

    after: str
    until: str


class _Who(NamedTuple):
    id: str
    conversation_id: str
    shop_customer_id: str | None
    identity_id: str
    linked: str | None


class Found(NamedTuple):
    """What deriving a span came to.

    Args:
        episodes: how many there were.
        wrong: whose facts are not what is kept.
        missing: facts that are not kept at all, column by column; nobody has looked for repeats.
        gaps: what was not understood in the missing: rows of ``not_understood``.
    """

    episodes: int
    wrong: list[str]
    missing: list[tuple[Any, ...]]
    gaps: list[dict[str, Any]]


Mark = tuple[int | None, bool, bool]
"""``repeat_after_s``, ``repeats`` and ``moved`` of an episode."""


class Repeat(NamedTuple):
    """What is kept of an episode's repeats, and what should be."""

    episode_id: str
    old: Mark
    new: Mark


def wrong_facts(url: str, span: Span) -> Found:
    """Derive the closed episodes of a span, and compare with what is kept."""
    who, events, kept = _fetch(
        url,
        (
            "SELECT e.id, e.conversation_id, e.shop_customer_id, c.identity_id, cu.shop_customer_id "
            "FROM episodes e JOIN conversations c ON c.id = e.conversation_id "
            "JOIN identities i ON i.id = c.identity_id "
            "LEFT JOIN customers cu ON cu.id = i.customer_id "
            "WHERE e.id > {0} AND e.id <= {1} AND e.closed_at IS NOT NULL",
            span,
        ),
        (
            "SELECT episode_id, kind, data, at FROM events "
            "WHERE episode_id > {0} AND episode_id <= {1} ORDER BY episode_id, id",
            span,
        ),
        (f"{_FACTS} WHERE episode_id > {{0}} AND episode_id <= {{1}}", span),
    )
    people = {row[0]: _Who(*row) for row in who}
    stored = {row[0]: _read(FactRow(*row)) for row in kept}
    found = Found(len(people), [], [], [])
    for episode_id, group in groupby(events, key=itemgetter(0)):
        person = people.get(episode_id)
        if person is None:
            continue
        log = [(kind, from_json(data), _moment(at)) for _id, kind, data, at in group]
        facts = derive_facts(log)
        if facts is None:
            continue
        row = row_of(episode_id, person.conversation_id, person_of(person), facts)
        old = stored.get(episode_id)
        if old is None:
            found.missing.append(tuple(row.values().values()))
            found.gaps.extend(gaps_of(row, facts))
            continue
        # Whether somebody came back hangs on other episodes: see wrong_repeats.
        row.repeat_after_s, row.repeats, row.moved = mark_of(old)
        if row != old:
            found.wrong.append(episode_id)
    return found


def wrong_repeats(url: str, span: Span) -> list[Repeat]:
    """Repeats of the people of a span that are not what is kept."""
    (kept,) = _fetch(
        url, (f"{_CONTACTS} WHERE person > {{0}} AND person <= {{1}} ORDER BY person", span)
    )
    wrong: list[Repeat] = []
    for _person, group in groupby(kept, key=itemgetter(0)):
        rows = [_read(Contact(*row)) for row in group]
        before = [mark_of(row) for row in rows]
        mark_repeats(rows)
        wrong += [
            Repeat(row.episode_id, old, new)
            for row, old in zip(rows, before, strict=True)
            if (new := mark_of(row)) != old
        ]
    return wrong


def wrong_day(url: str, day: str) -> bool:
    """Whether a day's sums are not those of its facts."""
    of = date.fromisoformat(day)
    kept, cells = _fetch(
        url,
        (f"{_COUNTED} WHERE started_at >= {{0}} AND started_at < {{1}}", day_bounds(of, of)),
        ("SELECT day, channel, intent, tier, counts FROM report_cells WHERE day = {0}", (day,)),
    )
    sums: dict[CellId, dict[str, int]] = defaultdict(dict)
    for row in kept:
        into = sums[row[0], row[1], row[2], row[3]]
        for name, n in contribution(Counted(*row)).items():
            into[name] = into.get(name, 0) + n
    right = {cell: packed(counts) for cell, counts in sums.items()}
    return right != {(d, c, i, t): counts for d, c, i, t, counts in cells}


def mark_of(fact: FactRow | Contact) -> Mark:
    """What hangs on other episodes of the same person."""
    return fact.repeat_after_s, fact.repeats, fact.moved


def _read[T: (FactRow, Contact)](fact: T) -> T:
    """The same with times and truths as either driver gives them."""
    fact.started_at, fact.ended_at = _moment(fact.started_at), _moment(fact.ended_at)
    fact.repeats, fact.moved = bool(fact.repeats), bool(fact.moved)
    return fact


def _moment(at: Any) -> datetime:
    """A time as either driver gives it."""
    if isinstance(at, str):
        return datetime.fromisoformat(f"{at}+00:00")
    moment: datetime = at
    return moment


def _fetch(url: str, *queries: _Query) -> list[Rows]:
    """Run queries with ``{0}``, ``{1}`` for their parameters, on a connection of its own."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return list(_from_sqlite(str(parsed.database), queries))
    return asyncio.run(_from_postgres(parsed, queries))


def _from_sqlite(file: str, queries: Sequence[_Query]) -> Iterator[Rows]:
    connection = sqlite3.connect(file, timeout=30)
    try:
        for query, parameters in queries:
            given = [_stored(one) for one in parameters]
            yield connection.execute(query.format("?", "?"), given).fetchall()
    finally:
        connection.close()


def _stored(parameter: str | datetime) -> str:
    """A parameter as SQLite keeps it."""
    if isinstance(parameter, str):
        return parameter
    return f"{parameter.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}"


async def _from_postgres(url: Any, queries: Sequence[_Query]) -> list[Rows]:
    dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await asyncpg.connect(dsn, timeout=10)
    try:
        return [
            await connection.fetch(query.format("$1", "$2"), *parameters)
            for query, parameters in queries
        ]
    finally:
        await connection.close()
