"""Reports over 10⁴, 10⁵ and 10⁶ episodes: how long a report takes, how fast history is derived anew.

    python -m benchmarks.reports [--sizes 10000,100000,1000000] [--only sqlite|postgresql] [--json]

Each episode has five turns: seven events and ten messages. Rows are put in wholesale; what is
measured is `Reports` itself: counting everything for the first time, deriving it all anew
(``yingda report rebuild``), and a report over all 30 days.
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

IDENTITIES = ("id", "channel", "external_id", "level", "created_at")
CONVERSATIONS = (
    "id", "identity_id", "channel", "external_id", "owner", "last_seq", "read_seq", "last_at",
)  # fmt: skip
EPISODES = (
    "id", "conversation_id", "channel", "level", "proof_tries", "turns", "fallbacks", "opened_at",
    "last_at", "closed_at", "close_reason", "outcome",
)  # fmt: skip
EVENTS = ("episode_id", "conversation_id", "kind", "data", "at")
MESSAGES = ("conversation_id", "seq", "episode_id", "author", "text", "at")


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


def rows(size: int) -> Iterator[tuple[str, tuple[str, ...], list[Sequence[Any]]]]:
    """Rows of tables in chunks: table, columns, rows."""
    drawn = random.Random(size)  # noqa: S311
    turns = [turn_data(drawn) for _ in range(500)]
    people = max(1, size // 3)
    channels = [drawn.choice(CHANNELS) for _ in range(people)]
    for part in batched(range(people), CHUNK):
        yield (
            "identities",
            IDENTITIES,
            [(f"id_{n}", channels[n], f"v{n}", "anonymous", FIRST) for n in part],
        )
        yield (
            "conversations",
            CONVERSATIONS,
            [(f"co_{n}", f"id_{n}", channels[n], f"v{n}", "bot", 0, 0, FIRST) for n in part],
        )
    seqs = [0] * people
    for part in batched(range(size), CHUNK):
        episodes: list[Sequence[Any]] = []
        events: list[Sequence[Any]] = []
        messages: list[Sequence[Any]] = []
        for number in part:
            who = drawn.randrange(people)
            at = FIRST + timedelta(seconds=drawn.randrange(DAYS * 86_400 - 8 * 3600))
            episode, conversation = f"ep_{number:09d}", f"co_{who}"
            opened = json.dumps({"channel": channels[who], "level": "anonymous"})
            events.append((episode, conversation, "episode_opened", opened, at))
            for turn in range(TURNS):
                at += timedelta(seconds=20)
                events.append((episode, conversation, "turn", drawn.choice(turns), at))
                for author in ("customer", "bot"):
                    seqs[who] += 1
                    messages.append((conversation, seqs[who], episode, author, f"第{turn}句", at))
            closed = at + timedelta(minutes=30)
            events.append((episode, conversation, "episode_closed", '{"why":"idle"}', closed))
            episodes.append(
                (episode, conversation, channels[who], "anonymous", 0, TURNS, 0, FIRST, at, closed,
                 "idle", None)
            )  # fmt: skip
        yield "episodes", EPISODES, episodes
        yield "events", EVENTS, events
        yield "messages", MESSAGES, messages


def fill_sqlite(file: Path, size: int) -> None:
    """Put the rows into a SQLite file."""
    connection = sqlite3.connect(file)
    connection.execute("PRAGMA synchronous=OFF")
    for table, columns, chunk in rows(size):
        places = ",".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO {table} ({','.join(columns)}) VALUES ({places})",  # noqa: S608
            [[_text(value) for value in row] for row in chunk],
        )
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def _text(value: Any) -> Any:
    return f"{value:%Y-%m-%d %H:%M:%S.%f}" if isinstance(value, datetime) else value


async def fill_postgres(address: str, size: int) -> None:
    """Put the rows into a PostgreSQL database by COPY."""
    host, _, port = address.partition(":")
    connection = await asyncpg.connect(
        host=host, port=int(port), user="postgres", database="postgres"
    )
    for table, columns, chunk in rows(size):
        await connection.copy_records_to_table(table, records=chunk, columns=columns)
    await connection.execute("ANALYZE")
    await connection.close()


async def measure(url: str, size: int, address: str | None) -> dict[str, float]:
    """Fill a database and measure."""
    database = Database(url)
    await database.migrate()
    if address is None:
        await asyncio.to_thread(fill_sqlite, Path(url.removeprefix("sqlite:///")), size)
    else:
        await fill_postgres(address, size)
    reports = Reports(database, lambda: datetime(2026, 11, 20, tzinfo=UTC))
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
        "every fact and sum to be written.",
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
    arguments, _others = parser.parse_known_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    figures = run(sizes, arguments.only)
    print(json.dumps(figures) if arguments.json else document(figures))
    if arguments.sizes == ",".join(map(str, SIZES)) and arguments.only is None:
        put_part("reports", document(figures))


if __name__ == "__main__":
    main()
