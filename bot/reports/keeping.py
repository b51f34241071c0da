"""Keeping facts and sums in step with the event log, so that a report need not read the history.

`take_up` counts what was put down as changed; `rebuilding` derives everything anew and has what
differs counted by the same way. Every step is one transaction that leaves facts and sums agreeing with each
other; one runs at a time, over all replicas.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import batched, groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, delete, select, text, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from bot.records.facts import Facts, derive_facts
from bot.records.people import person_of
from bot.records.tables import (
    conversations,
    customers,
    episode_facts,
    episodes,
    events,
    identities,
    not_understood,
    report_cells,
    report_dirty,
)
from bot.reports.repeats import mark_repeats
from bot.reports.rows import (
    COLUMNS,
    CellId,
    FactRow,
    contribution,
    day_bounds,
    gaps_of,
    packed,
    row_of,
    unpacked,
)

BATCH = 500
"""Episodes in one transaction."""

_MANY = 5_000
"""Parameters in one statement, well below what both databases take."""

_facts = select(*(episode_facts.c[name] for name in COLUMNS))


def take_up(tx: Connection, most: int = BATCH) -> int:
    """Count what has changed, at most ``most`` episodes; returns how many there were."""
    one_at_a_time(tx)
    found = tx.execute(
        select(report_dirty.c.id, report_dirty.c.episode_id).order_by(report_dirty.c.id).limit(most)
    ).all()
    if not found:
        return 0
    count(tx, dict.fromkeys(row.episode_id for row in found))
    for ids in batched((row.id for row in found), _MANY):
        tx.execute(delete(report_dirty).where(report_dirty.c.id.in_(ids)))
    return len(found)


def recount_day(tx: Connection, day: str) -> int:
    """Add up a day's facts anew; returns how many cells differed."""
    one_at_a_time(tx)
    sums: dict[CellId, Counter[str]] = defaultdict(Counter)
    first, after = day_bounds(date.fromisoformat(day), date.fromisoformat(day))
    of_day = (episode_facts.c.started_at >= first, episode_facts.c.started_at < after)
    for row in tx.execute(_facts.where(*of_day)):
        fact = FactRow(*row)
        sums[fact.cell].update(contribution(fact))
    stored = {
        (row.day, row.channel, row.intent, row.tier): row.counts
        for row in tx.execute(select(report_cells).where(report_cells.c.day == day))
    }
    right = {cell: packed(counts) for cell, counts in sums.items()}
    wrong = [cell for cell in stored.keys() | right.keys() if stored.get(cell) != right.get(cell)]
    _write_cells(tx, {cell: right.get(cell) for cell in wrong})
    return len(wrong)


def days_known(tx: Connection) -> list[str]:
    """All days that have facts or sums."""
    of_facts = set(tx.execute(select(episode_facts.c.day).distinct()).scalars())
    return sorted(of_facts | set(tx.execute(select(report_cells.c.day).distinct()).scalars()))


def count(tx: Connection, episode_ids: Iterable[str]) -> int:
    """Derive episodes anew, with what follows for other contacts of the same people.

    Returns:
        How many facts were new or differed.
    """
    one_at_a_time(tx)
    ids = list(episode_ids)
    derived: dict[str, FactRow] = {}
    for episode_id, conversation_id, person, facts in _derived(tx, ids):
        derived[episode_id] = row_of(episode_id, conversation_id, person, facts)
        note_gaps(tx, gaps_of(derived[episode_id], facts))
    before = stored(tx, episode_facts.c.episode_id, derived)
    people = {row.person for row in derived.values()} | {row.person for row in before.values()}
    before |= stored(tx, episode_facts.c.person, people)
    after = {key: replace(row) for key, row in before.items()} | derived
    by_person = attrgetter("person")
    for _person, contacts in groupby(sorted(after.values(), key=by_person), by_person):
        mark_repeats(list(contacts))
    changed = [row for key, row in after.items() if before.get(key) != row]
    _store(tx, changed)
    deltas: dict[CellId, Counter[str]] = defaultdict(Counter)
    for row in changed:
        old = before.get(row.episode_id)
        if old is not None:
            deltas[old.cell].subtract(contribution(old))
        deltas[row.cell].update(contribution(row))
    add(tx, deltas)
    return len(changed)


def _derived(tx: Connection, ids: Sequence[str]) -> Iterator[tuple[str, str, str, Facts]]:
    who = (
        select(
            episodes.c.id,
            episodes.c.conversation_id,
            episodes.c.shop_customer_id,
            conversations.c.identity_id,
            customers.c.shop_customer_id.label("linked"),
        )
        .join(conversations, conversations.c.id == episodes.c.conversation_id)
        .join(identities, identities.c.id == conversations.c.identity_id)
        .outerjoin(customers, customers.c.id == identities.c.customer_id)
        .where(episodes.c.id.in_(ids), episodes.c.closed_at.is_not(None))
    )
    people = {row.id: row for row in tx.execute(who)}
    log = tx.execute(
        select(events.c.episode_id, events.c.kind, events.c.data, events.c.at)
        .where(events.c.episode_id.in_(ids))
        .order_by(events.c.episode_id, events.c.id)
    )
    for episode_id, group in groupby(log, key=lambda row: str(row[0])):
        row = people.get(episode_id)
        facts = derive_facts([(kind, data, at) for _id, kind, data, at in group]) if row else None
        if row is not None and facts is not None:
            yield episode_id, row.conversation_id, person_of(row), facts


def stored(tx: Connection, column: Any, wanted: Iterable[str]) -> dict[str, FactRow]:
    """Facts by episode whose ``column`` has one of these values."""
    found = {}
    for keys in batched(wanted, _MANY):
        for row in tx.execute(_facts.where(column.in_(keys))):
            found[row.episode_id] = FactRow(*row)
    return found


def _store(tx: Connection, rows: Sequence[FactRow]) -> None:
    if rows:
        statement = _insert(tx, episode_facts)
        others = {name: statement.excluded[name] for name in COLUMNS if name != "episode_id"}
        tx.execute(
            statement.on_conflict_do_update(index_elements=["episode_id"], set_=others),
            [row.values() for row in rows],
        )


def note_gaps(tx: Connection, gaps: Sequence[dict[str, Any]]) -> None:
    """Write down what was not understood."""
    if not gaps:
        return
    statement = _insert(tx, not_understood)
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["conversation_id", "seq"],
            set_={"person": statement.excluded.person, "guess": statement.excluded.guess},
        ),
        list(gaps),
    )


def add(tx: Connection, deltas: dict[CellId, Counter[str]]) -> None:
    """Add to the sums of cells."""
    keys = tuple_(
        report_cells.c.day, report_cells.c.channel, report_cells.c.intent, report_cells.c.tier
    )
    stored: dict[CellId, str] = {}
    for some in batched(deltas, 1_000):
        for row in tx.execute(select(report_cells).where(keys.in_(some))):
            stored[row.day, row.channel, row.intent, row.tier] = row.counts
    changed: dict[CellId, str | None] = {}
    for cell, delta in deltas.items():
        sums = unpacked(stored.get(cell, "{}"))
        sums.update(delta)
        text_ = packed(sums)
        changed[cell] = text_ if text_ != "{}" else None
    _write_cells(tx, changed)


def _write_cells(tx: Connection, cells: dict[CellId, str | None]) -> None:
    names = ("day", "channel", "intent", "tier")
    gone = [cell for cell, counts in cells.items() if counts is None]
    kept = [
        dict(zip(names, cell, strict=True)) | {"counts": counts}
        for cell, counts in cells.items()
        if counts is not None
    ]
    if gone:
        keys = tuple_(*(report_cells.c[name] for name in names))
        tx.execute(delete(report_cells).where(keys.in_(gone)))
    if kept:
        statement = _insert(tx, report_cells)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=list(names), set_={"counts": statement.excluded.counts}
            ),
            kept,
        )


def _insert(tx: Connection, table: Any) -> Any:
    dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
    return dialect.insert(table)


def one_at_a_time(tx: Connection) -> None:
    """Nobody else changes facts or sums until this transaction is over."""
    # SQLite has one writer anyway.
    if tx.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(827365)"))
