"""Reports over 10⁴, 10⁵ and 10⁶ episodes: how long a report takes, how fast history is derived anew.

    python -m benchmarks.reports [--sizes 10000,100000,1000000] [--only sqlite|postgresql]
                                 [--json] [--write]

Each episode has five turns: seven events and ten messages. The history is put in wholesale; what is
measured is `Reports` itself: deriving everything when nothing is counted yet, deriving it all anew
(``yingda report rebuild``), and a report over all 30 days on their last evening. ``--write`` puts the
table into docs/benchmarks.md. The whole takes about a quarter of an hour and 8 GB below TMPDIR.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

import asyncpg

from benchmarks.document import put_part
from benchmarks.turns import machine
from bot.records import Database
from bot.reports import ReportFilter, Reports
from tests.support.servers import postgres

SIZES = (10_000, 100_000, 1_000_000)
DAYS = 30
FIRST = datetime(2026, 10, 1, tzinfo=UTC)
WANTED = ReportFilter(since=date(2026, 10, 1), until=date(2026, 10, DAYS))
TURNS = 5
CHANNELS = ("app_chat", "wechat", "phone")
INTENTS = (
    "query_order", "query_logistics", "query_points", "return_policy", "request_return",
    "query_refund", "invoice", "store_info", "product_question", "promotion", "change_order",
    "cancel_order", "complaint", "faq/shipping_fee",
)  # fmt: skip
TIERS = (None, "regular", "silver", "gold", "diamond")
CHUNK = 5_000
KINDS = 500
"""Different turns."""

NOW = datetime(2026, 10, DAYS, 16, tzinfo=UTC)
"""Just after the last episode: those of the last 72 h are provisional, the dearest case."""


PEOPLE_SHARE = 3
"""Episodes for each person."""

STEPS = (
    [(0, "episode_opened", 0)]
    + [(turn, "turn", 20 * turn) for turn in range(1, TURNS + 1)]
    + [(TURNS + 1, "episode_closed", 20 * TURNS + 1800)]
)
"""What happens in an episode: number, kind of event, seconds after its beginning."""

SAID = [
    (2 * turn + place, author, f"第{turn}句", 20 * turn)
    for turn in range(1, TURNS + 1)
    for place, author in enumerate(("customer", "bot"))
]
"""What is said in it: number, author, text, seconds after its beginning."""


def turn_data(drawn: random.Random) -> str:
    """The data of a turn's event, as the service writes them."""
    intent = drawn.choice(INTENTS)
    return json.dumps(
        {
            "seq": 1,
            "intent": intent,
            "confidence": 0.93,
            "emotion": {"label": drawn.choice(("neutral", "negative")), "level": "none"},
            "ranking": [{"name": intent, "confidence": 0.93}, {"name": "greet", "confidence": 0.1}],
            "actions": [f"action_{intent}"],
            "fulfilled": drawn.random() < 0.7,
            "offered": False,
            "chosen": False,
            "errors": [],
            "tier": drawn.choice(TIERS),
            "waited_ms": round(drawn.lognormvariate(4, 0.6)),
            "replies": [2, 2],
        }
    )


def episode_rows(size: int) -> Iterator[list[tuple[int, int, str, datetime]]]:
    """Episodes in chunks: number, person, channel, beginning."""
    drawn = random.Random(size)  # noqa: S311
    people = max(1, size // PEOPLE_SHARE)
    channels = [drawn.choice(CHANNELS) for _ in range(people)]
    span_s = DAYS * 86_400 - 8 * 3600
    for part in batched(range(size), CHUNK):
        chunk = []
        for number in part:
            who = drawn.randrange(people)
            at = FIRST + timedelta(seconds=drawn.randrange(span_s))
            chunk.append((number, who, channels[who], at))
        yield chunk


def spread(dialect: str) -> list[str]:
    """Statements that make a history of the tables ``seed``, ``steps``, ``said`` and ``turns``.

    The database writes its rows itself, ten million messages within minutes. SQLite walks the tables of
    a cross join in the order in which they are named, so there nothing need be sorted.
    """

    def later(seconds: str) -> str:
        if dialect == "sqlite":
            # As the service stores times: to the microsecond.
            return (
                f"strftime('%Y-%m-%d %H:%M:%S', s.at, '+' || {seconds} || ' seconds') || '.000000'"
            )
        return f"s.at + {seconds} * interval '1 second'"

    first = (
        "'2026-10-01 00:00:00.000000'"
        if dialect == "sqlite"
        else "timestamptz '2026-10-01 00:00:00+00'"
    )
    opened = (
        "json_object('channel', s.channel, 'level', 'anonymous')"
        if dialect == "sqlite"
        else "json_build_object('channel', s.channel, 'level', 'anonymous')"
    )
    as_json = "" if dialect == "sqlite" else "::json"
    return [
        "INSERT INTO identities (id, channel, external_id, level, created_at) "  # noqa: S608
        f"SELECT DISTINCT 'id_' || who, channel, 'v' || who, 'anonymous', {first} FROM seed",
        "INSERT INTO conversations (id, identity_id, channel, external_id, owner, last_seq, "  # noqa: S608
        f"read_seq, last_at) SELECT DISTINCT 'co_' || who, 'id_' || who, channel, 'v' || who, "
        f"'bot', 0, 0, {first} FROM seed",
        "INSERT INTO episodes (id, conversation_id, channel, level, proof_tries, turns, fallbacks, "  # noqa: S608
        "opened_at, last_at, closed_at, close_reason) "
        f"SELECT s.id, 'co_' || s.who, s.channel, 'anonymous', 0, {TURNS}, 0, s.at, "
        f"{later(str(20 * TURNS))}, {later(str(STEPS[-1][2]))}, 'idle' FROM seed s ORDER BY s.id",
        "INSERT INTO events (episode_id, conversation_id, kind, data, at) "  # noqa: S608
        f"SELECT s.id, 'co_' || s.who, p.kind, CASE p.kind WHEN 'episode_opened' THEN {opened} "
        f"WHEN 'turn' THEN t.data ELSE '{{\"why\":\"idle\"}}'{as_json} END, {later('p.after_s')} "
        f"FROM seed s CROSS JOIN steps p JOIN turns t ON t.n = (s.n * 7919 + p.n * 31) % {KINDS} "
        f"{'' if dialect == 'sqlite' else 'ORDER BY s.id, p.n'}",
        "INSERT INTO messages (conversation_id, seq, episode_id, author, text, at) "  # noqa: S608
        f"SELECT 'co_' || s.who, s.n * {2 * TURNS} + m.n, s.id, m.author, m.text, "
        f"{later('m.after_s')} FROM seed s CROSS JOIN said m",
    ]


SEEDS = {
    "seed": ("n bigint, id varchar, who integer, channel varchar, at {moment}"),
    "steps": "n integer, kind varchar, after_s integer",
    "said": "n integer, author varchar, text varchar, after_s integer",
    "turns": "n integer primary key, data {json}",
}
"""Temporary tables that a history is made of."""


def small_tables() -> dict[str, list[tuple[Any, ...]]]:
    """The rows of all temporary tables but the episodes'."""
    drawn = random.Random(KINDS)  # noqa: S311
    turns = [(number, turn_data(drawn)) for number in range(KINDS)]
    return {"steps": list(STEPS), "said": SAID, "turns": turns}


def fill_sqlite(file: Path, size: int) -> None:
    """Write a history into a SQLite file."""
    connection = sqlite3.connect(file)
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    for table, columns in SEEDS.items():
        connection.execute(
            f"CREATE TEMP TABLE {table} ({columns.format(moment='text', json='text')})"
        )
    for table, content in small_tables().items():
        places = ",".join("?" * len(content[0]))
        connection.executemany(f"INSERT INTO {table} VALUES ({places})", content)  # noqa: S608
    for chunk in episode_rows(size):
        connection.executemany(
            "INSERT INTO seed VALUES (?, ?, ?, ?, ?)",
            [
                (n, f"ep_{n:09d}", who, channel, f"{at:%Y-%m-%d %H:%M:%S.000000}")
                for n, who, channel, at in chunk
            ],
        )
    for statement in spread("sqlite"):
        connection.execute(statement)
        connection.commit()
    connection.execute("ANALYZE")
    connection.commit()
    connection.close()


async def fill_postgres(address: str, size: int) -> None:
    """Write a history into a PostgreSQL database."""
    host, _, port = address.partition(":")
    connection = await asyncpg.connect(
        host=host, port=int(port), user="postgres", database="postgres"
    )
    await connection.execute("SET session_replication_role = replica")  # no checks row by row
    await connection.execute("SET synchronous_commit = off")
    for table, columns in SEEDS.items():
        await connection.execute(
            f"CREATE TEMP TABLE {table} ({columns.format(moment='timestamptz', json='json')})"
        )
    for table, content in small_tables().items():
        await connection.copy_records_to_table(table, records=content)
    for chunk in episode_rows(size):
        await connection.copy_records_to_table(
            "seed", records=[(n, f"ep_{n:09d}", who, channel, at) for n, who, channel, at in chunk]
        )
    for statement in spread("postgresql"):
        await connection.execute(statement)
    await connection.execute("ANALYZE")
    await connection.close()


async def measure(url: str, size: int, address: str | None) -> dict[str, float]:
    """Fill a database and measure."""
    database = Database(url)
    await database.migrate()
    await database.close()
    began = time.perf_counter()
    if address is None:
        await asyncio.to_thread(fill_sqlite, Path(url.removeprefix("sqlite:///")), size)
    else:
        await fill_postgres(address, size)
    filled_s = time.perf_counter() - began
    database = Database(url)
    reports = Reports(database, lambda: NOW)
    try:
        began = time.perf_counter()
        await reports.rebuild()
        first_s = time.perf_counter() - began
        began = time.perf_counter()
        again = await reports.rebuild()
        again_s = time.perf_counter() - began
        assert (again.episodes, again.differed, again.cells_differed) == (size, 0, 0)
        took = []
        for _ in range(5):
            began = time.perf_counter()
            report = await reports.report(WANTED)
            took.append(time.perf_counter() - began)
            assert report.episodes == size
    finally:
        await database.close()
    return {
        "filled_s": filled_s,
        "first_per_s": size / first_s,
        "rebuild_per_s": size / again_s,
        "report_s": statistics.median(took),
    }


def run(sizes: Sequence[int], only: str | None) -> dict[str, Any]:
    """All sizes on both databases."""
    figures: dict[str, Any] = {"machine": machine(), "sizes": {}}
    for size in sizes:
        for kind in ("sqlite", "postgresql"):
            if only not in (None, kind):
                continue
            with ExitStack() as stack:
                if kind == "sqlite":
                    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="yingda-rep-"))
                    found = asyncio.run(measure(f"sqlite:///{folder}/bench.db", size, None))
                else:
                    address = stack.enter_context(postgres())
                    url = f"postgresql+asyncpg://postgres@{address}/postgres"
                    found = asyncio.run(measure(url, size, address))
            figures["sizes"].setdefault(str(size), {})[kind] = found
            print(f"{size:>9,} {kind:<10} {found}", flush=True)
    return figures


def document(figures: dict[str, Any]) -> str:
    """The figures as docs/benchmarks.md shows them."""
    lines = [
        "## Reports: growth with the history",
        "",
        "Five turns an episode (seven events, ten messages), 30 days, three channels, 14 intents,",
        "five tiers. *Report*: everything that `/api/desk/reports` answers, median of five. *Derived",
        "anew*: `yingda report rebuild` over a history that is counted already; *first time*: with",
        "every fact and sum to be written. Up to 20,000 episodes are derived in one thread; above, processes",
        "of their own take about two seconds to start, up to a third of the time at 100,000.",
        "",
        f"Machine: {figures['machine'].replace('SQLite', 'SQLite and PostgreSQL')}.",
        "",
        "| episodes | database | report s | derived anew, episodes/s | first time, episodes/s |",
        "|---|---|---|---|---|",
    ]
    for size, kinds in figures["sizes"].items():
        for kind, found in kinds.items():
            lines.append(
                f"| {int(size):,} | {kind} | {found['report_s']:.2f} | "
                f"{found['rebuild_per_s']:,.0f} | {found['first_per_s']:,.0f} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument("--write", action="store_true", help="into docs/benchmarks.md")
    arguments, _others = parser.parse_known_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    figures = run(sizes, arguments.only)
    print(json.dumps(figures) if arguments.json else document(figures))
    if arguments.write:
        put_part("reports", document(figures))


def write_all() -> None:
    """All sizes on both databases, into docs/benchmarks.md."""
    put_part("reports", document(run(SIZES, None)))


if __name__ == "__main__":
    main()
