"""``yingda simulate``: a believable history, so that a new user sees living reports."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from datetime import date, datetime, time, timedelta
from time import monotonic

import httpx
from sqlalchemy import Connection, func, select

from bot.clock import BUSINESS_ZONE, utc_now
from bot.records import Database, DatabaseUnavailable
from bot.records.tables import episodes
from bot.reports import ReportFilter, Reports
from yingda.launcher import LaunchError, Progress, configure
from yingda.simulation import Simulation, Truth, World, plan

USAGE = 2


def run(
    *, days: int, customers: int, seed: int, until: date | None, add: bool, as_json: bool
) -> None:
    """Simulate, and say whether the report finds what really happened.

    Raises:
        LaunchError: the database is not free for it, or cannot be written.
    """
    # What goes wrong in the story is part of it.
    logging.getLogger("bot").setLevel(logging.ERROR)
    url, _redis = configure.stores()
    settings = configure.readable()
    # `yingda up` may have been given another port than the settings; the home knows.
    address = f"http://{settings.host}:{settings.port}/health"
    if configure.home().running() is not None or _is_running(address):
        raise LaunchError("Yingda is running on this database; stop it first (Ctrl-C).", USAGE)
    last = until or utc_now().astimezone(BUSINESS_ZONE).date() - timedelta(days=1)
    try:
        found = asyncio.run(_simulate(url, days, customers, seed, last, add))
    except DatabaseUnavailable:
        raise LaunchError("The database cannot be opened or written.") from None
    if as_json:
        print(json.dumps(found))


async def _simulate(
    url: str, days: int, customers: int, seed: int, last: date, add: bool
) -> dict[str, object]:
    progress = Progress(sys.stderr)
    database = Database(url, durable=False)
    try:
        await database.migrate()
        if await database.read(_episodes) and not add:
            raise LaunchError(
                "This database already has a history; simulated customers would stand among the "
                "real ones. Use --add if that is wanted, or another YINGDA_HOME.",
                USAGE,
            )
        first = last - timedelta(days=days - 1)
        contacts = plan(World(), seed, customers=customers, days=days, until=last)
        start = datetime.combine(first, time(), BUSINESS_ZONE)
        simulation = Simulation(database, seed, start, contacts)
        began = monotonic()

        def tick(done: int) -> None:
            left_s = (monotonic() - began) * (len(contacts) / done - 1)
            progress.tick(
                f"{done:,} of {len(contacts):,} contacts, about {left_s / 60:.0f} min left"
            )

        with progress.step(f"{len(contacts):,} contacts of {customers:,} customers, {days} days"):
            happened = await simulation.run(tick)
        with progress.step("counting"):
            report = await Reports(database, utc_now).report(ReportFilter(since=first, until=last))
        truth = Truth.of(happened)
        progress.say(
            f"true automation rate {truth.automated['72h']:,}/{truth.eligible:,}, "
            f"reported {report.automation.k:,}/{report.automation.n:,}; see `yingda report`"
        )
        return {
            "contacts": len(happened),
            "eligible": truth.eligible,
            "automated": truth.automated["72h"],
            "reported": {"eligible": report.automation.n, "automated": report.automation.k},
            "from": first.isoformat(),
            "to": last.isoformat(),
        }
    finally:
        await database.close()


def _episodes(tx: Connection) -> int:
    return tx.execute(select(func.count()).select_from(episodes)).scalar_one()


def _is_running(url: str) -> bool:
    try:
        return httpx.get(url, timeout=1.0, trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False
