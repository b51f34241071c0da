"""Writing wholesale what `verifying` has derived; like `keeping`, each step in step with the sums."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import batched
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.records.tables import episode_facts
from bot.reports import keeping
from bot.reports.rows import COLUMNS, CellId, FactRow, contribution
from bot.reports.verifying import Repeat, mark_of

_ID = COLUMNS.index("episode_id")
_MANY = 5_000


def add_missing(
    tx: Connection, rows: Sequence[tuple[Any, ...]], gaps: Sequence[dict[str, Any]]
) -> int:
    """Keep facts that were missing; returns how many.

    What has been counted since they were derived is newer, and stays.
    """
    keeping.one_at_a_time(tx)
    known = _known(tx, [row[_ID] for row in rows])
    fresh = [row for row in rows if row[_ID] not in known]
    if not fresh:
        return 0
    _insert(tx, fresh)
    keeping.note_gaps(tx, [gap for gap in gaps if gap["episode_id"] not in known])
    deltas: dict[CellId, Counter[str]] = defaultdict(Counter)
    for row in fresh:
        fact = FactRow(*row)
        deltas[fact.cell].update(contribution(fact))
    keeping.add(tx, deltas)
    return len(fresh)


def set_repeats(tx: Connection, repeats: Sequence[Repeat]) -> list[str]:
    """Set who came back; returns the episodes that were counted meanwhile, for `keeping.count`."""
    keeping.one_at_a_time(tx)
    kept = keeping.stored(tx, episode_facts.c.episode_id, [one.episode_id for one in repeats])
    deltas: dict[CellId, Counter[str]] = defaultdict(Counter)
    changes: list[dict[str, Any]] = []
    others: list[str] = []
    for one in repeats:
        fact = kept.get(one.episode_id)
        if fact is None or mark_of(fact) != one.old:
            others.append(one.episode_id)
            continue
        deltas[fact.cell].subtract(contribution(fact))
        fact.repeat_after_s, fact.repeats, fact.moved = one.new
        deltas[fact.cell].update(contribution(fact))
        after_s, again, moved = one.new
        changes.append(
            {"the_id": one.episode_id, "after_s": after_s, "again": again, "has_moved": moved}
        )
    if changes:
        tx.execute(
            update(episode_facts)
            .where(episode_facts.c.episode_id == bindparam("the_id"))
            .values(
                repeat_after_s=bindparam("after_s"),
                repeats=bindparam("again"),
                moved=bindparam("has_moved"),
            ),
            changes,
        )
    keeping.add(tx, deltas)
    return others


def _known(tx: Connection, ids: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for some in batched(ids, _MANY):
        query = select(episode_facts.c.episode_id).where(episode_facts.c.episode_id.in_(some))
        found |= set(tx.execute(query).scalars())
    return found


def _insert(tx: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    if tx.dialect.name == "postgresql":
        driver: Any = tx.connection.dbapi_connection
        driver.run_async(
            lambda connection: connection.copy_records_to_table(
                episode_facts.name, records=rows, columns=COLUMNS
            )
        )
    else:
        tx.execute(insert(episode_facts), [dict(zip(COLUMNS, row, strict=True)) for row in rows])
