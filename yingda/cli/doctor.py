"""``yingda doctor``: looks at everything that a start needs, changes nothing."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.conversations.bus import Bus
from bot.records import Database, DatabaseUnavailable
from yingda.launcher import ROOT, Home, LaunchError, configure
from yingda.launcher.stack import Stack
from yingda.launcher.training import model_path

PATIENCE_S = 5.0


@dataclass(frozen=True)
class Finding:
    """One thing looked at."""

    part: str
    well: bool
    what: str


def run(*, as_json: bool) -> None:
    """Print what was found; exit code 1 if anything is wrong."""
    findings = list(_findings())
    for finding in findings:
        if as_json:
            print(json.dumps(asdict(finding), ensure_ascii=False))
        else:
            print(f"{'✓' if finding.well else '✗'} {finding.part:<9} {finding.what}")
    sys.exit(0 if all(finding.well for finding in findings) else 1)


def _findings() -> Iterator[Finding]:
    home = configure.home()
    engine = ROOT / "engine" / ".venv" / "bin" / "rasa"
    yield Finding(
        "engine", engine.exists(), str(engine) if engine.exists() else "missing; run `make setup`"
    )
    yield _looked("disk", lambda: _disk(home))
    yield _looked("model", lambda: _model(home))
    yield _looked("settings", _settings)
    yield _looked("database", _database)
    if configure.stores()[1] is not None:
        yield _looked("redis", _redis)
    running = home.running()
    if running is not None:
        yield Finding("running", True, f"{running.url} (process {running.pid})")
    else:
        yield _looked("ports", _ports)


def _looked(part: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, look())
    except LaunchError as error:
        return Finding(part, False, str(error))


def _disk(home: Home) -> str:
    home.require_space()
    return f"{home.path} can be written"


def _model(home: Home) -> str:
    model = model_path(home)
    return (
        f"{model.name} is up to date"
        if model.exists()
        else "none for the present data: `up` trains"
    )


def _settings() -> str:
    try:
        settings = configure.settings()
    except LaunchError as error:
        try:
            settings = configure.settings(demo=True)
        except LaunchError:
            raise error from None
        if settings.shop != "demo":  # somebody is on the way to real customers
            raise
        return "enough for `yingda up --demo`, not for real customers (see docs/operations.md)"
    return "demo" if settings.demo else "complete"


def _database() -> str:
    url, _ = configure.stores()
    if url.startswith("sqlite"):
        file = Path(make_url(url).database or "")
        return f"SQLite, {file}" + ("" if file.exists() else " (made at the first start)")
    asyncio.run(_ping_database(url))
    return "answers"


async def _ping_database(url: str) -> None:
    try:
        database = Database(url)
    except (ArgumentError, ImportError):
        raise LaunchError(
            "YINGDA_DATABASE_URL is none that we know; PostgreSQL's is "
            "postgresql+asyncpg://user:password@host/name."
        ) from None
    try:
        async with asyncio.timeout(PATIENCE_S):
            await database.ping()
    except (DatabaseUnavailable, TimeoutError):
        raise LaunchError(
            "PostgreSQL does not answer: is it up, and are host, name, user and password in "
            "YINGDA_DATABASE_URL right?"
        ) from None
    finally:
        await database.close()


def _redis() -> str:
    if asyncio.run(_ping_redis(configure.stores()[1])) != "ok":
        raise LaunchError("Redis does not answer: is it up, and is YINGDA_REDIS_URL right?")
    return "answers"


async def _ping_redis(url: str | None) -> str:
    try:
        bus = Bus(url)
    except ValueError:
        raise LaunchError("YINGDA_REDIS_URL must begin with redis:// or rediss://.") from None
    try:
        return await bus.ping()
    finally:
        await bus.stop()


def _ports() -> str:
    settings = configure.readable()
    # Where the engine is elsewhere, none of its ports is ours.
    model = None if settings.engine_url else Path("any")
    Stack(settings, model, {}).require_ports()
    return "all that are wanted are free"
