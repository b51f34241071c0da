"""What ``yingda report causes`` does."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from bot.care.weekly import Week, as_csv, weekly_causes
from bot.clock import utc_now
from bot.records import Database, DatabaseUnavailable
from yingda.launcher import LaunchError, configure

USAGE = 2


def show(week: str | None, *, as_json: bool, as_table: bool) -> None:
    """Print the report of a week (default: the last whole one)."""
    if as_json and as_table:
        raise LaunchError("Either --json or --csv.", USAGE)
    now = utc_now()
    try:
        wanted = Week.parse(week) if week is not None else Week.of(now).before()
    except ValueError:
        raise LaunchError("A week is written like 2026-W47.", USAGE) from None
    url, _redis = configure.stores()
    report = asyncio.run(_read(url, wanted))
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
    elif as_table:
        sys.stdout.write(as_csv(report))
    else:
        print(_readable(report))


async def _read(url: str, week: Week) -> dict[str, Any]:
    database = Database(url)
    try:
        await database.migrate()
        return await database.read(lambda tx: weekly_causes(tx, week, utc_now()))
    except DatabaseUnavailable:
        raise LaunchError("The database cannot be opened or read.") from None
    finally:
        await database.close()


def _readable(report: dict[str, Any]) -> str:
    state = "" if report["complete"] else " (not over yet)"
    lines = [
        f"{report['week']}{state}: {report['cases']} cases of {report['customers']} customers, "
        f"{report['cases_before']} the week before; {report['late']} late, "
        f"{report['reopened']} reopened"
    ]
    for place, one in enumerate(report["causes"], start=1):
        change = one["change"]
        trend = "" if change is None else f"  {change * 100:+.1f} points"
        lines.append(f"{place}. {one['cause']}  {one['cases']}  {one['share']:.1%}{trend}")
        if one["top"]:
            lines += [f"     “{text}”" for text in one["examples"]]
            for name in ("products", "carriers"):
                found = ", ".join(f"{item['name']} ({item['cases']})" for item in one[name])
                lines += [f"     {name}: {found}"] if found else []
    return "\n".join(lines)
