"""``yingda report``: the figures in the terminal, and deriving them anew."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

from pydantic import ValidationError

from bot.clock import BUSINESS_ZONE, utc_now
from bot.records import Database, DatabaseUnavailable
from bot.reports import ReportFilter, Reports, as_csv, costs_of
from yingda.cli.report_table import tables
from yingda.launcher import LaunchError, configure

DAYS = 30
"""How far a report goes back if nothing else is asked for."""

USAGE = 2


def show(
    since: date | None,
    until: date | None,
    channel: str | None,
    tier: str | None,
    intent: str | None,
    *,
    as_json: bool,
    as_table: bool,
) -> None:
    """Print all figures of a time.

    Raises:
        LaunchError: the days are no range, or the database cannot be opened.
    """
    if as_json and as_table:
        raise LaunchError("Choose one of --json and --csv.", USAGE)
    wanted = _filter(since, until, channel, tier, intent)
    found = run(lambda reports: reports.report(wanted))
    if as_json:
        print(found.model_dump_json(by_alias=True))
    elif as_table:
        sys.stdout.write(as_csv(found))
    else:
        tables(found)


def rebuild() -> None:
    """Derive the whole history anew from the event log; the figures stay what they are."""
    say = sys.stderr.isatty()

    def progress(done: int) -> None:
        if say:
            print(f"\r{done:,} episodes", end="", file=sys.stderr, flush=True)

    began = utc_now()
    done = run(lambda reports: reports.rebuild(progress))
    took_s = max((utc_now() - began).total_seconds(), 0.001)
    if say:
        print(file=sys.stderr)
    print(
        f"derived {done.episodes:,} episodes in {took_s:.1f} s ({done.episodes / took_s:,.0f}/s); "
        f"{done.differed:,} facts and {done.cells_differed:,} sums were not what they should be"
    )


def export(out: Path | None, *, everything: bool) -> None:
    """Write labelled texts as training data to review.

    Raises:
        LaunchError: the file or the database cannot be written.
    """
    text = run(lambda reports: reports.export(everything=everything))
    if out is None:
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise LaunchError(f"Cannot write {out} ({error.strerror}); repeat with --all.") from None
    print(f"{text.count(chr(10) + '    - ')} examples in {out}: review them, then `yingda train`")


def run[T](work: Callable[[Reports], Awaitable[T]]) -> T:
    """Work on the reports of the database in force.

    Raises:
        LaunchError: it cannot be opened.
    """
    url, _redis = configure.stores()
    settings = configure.readable()

    async def whole() -> T:
        database = Database(url)
        try:
            await database.migrate()
            return await work(
                Reports(database, utc_now, costs_of(settings), settings.repetitive_intents)
            )
        finally:
            await database.close()

    try:
        return asyncio.run(whole())
    except DatabaseUnavailable:
        raise LaunchError("The database cannot be opened or written.") from None


def _filter(
    since: date | None,
    until: date | None,
    channel: str | None,
    tier: str | None,
    intent: str | None,
) -> ReportFilter:
    last = until or utc_now().astimezone(BUSINESS_ZONE).date()
    first = since or last - timedelta(days=DAYS - 1)
    try:
        return ReportFilter(since=first, until=last, channel=channel, tier=tier, intent=intent)
    except ValidationError:
        raise LaunchError(
            "These days are no range: --from must not be after --to, at most 400 days.", USAGE
        ) from None
