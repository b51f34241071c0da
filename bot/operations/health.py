"""The state of each part, for people, load balancers and `yingda up`."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import httpx
from fastapi import APIRouter

from bot.engine import EngineClient
from bot.records import Database, DatabaseUnavailable
from bot.turn import TurnService

FRESH_S = 1.0
"""A look at the parts costs the engine a parse: whoever asks more often gets the same answer."""

IVR_TIMEOUT_S = 1.0

PARTS_THAT_MATTER = ("engine", "database", "redis")


def build_health_router(
    database: Database,
    engine: EngineClient,
    turns: TurnService,
    processes_file: Path,
    demo: bool,
    ivr_url: str | None = None,
    token: str = "",
) -> APIRouter:
    """``GET /health``.

    Always 200: the service itself answers. ``status`` is ``ok`` only when every part is; while
    the launcher restarts a process, ``processes`` (from ``processes_file``) says which and why.
    The hotline at ``ivr_url`` (asked with ``token``) is shown and does not count: a shop may have none.
    """
    router = APIRouter(tags=["operations"])
    latest: tuple[float, dict[str, Any]] = (-FRESH_S, {})
    asking = asyncio.Lock()

    @router.get("/health")
    async def health() -> dict[str, Any]:
        """State of the engine, the database, Redis, the hotline and the processes."""
        nonlocal latest
        async with asking:
            # Only good news is kept: who waits for a recovery must hear of it at once.
            if latest[1].get("status") != "ok" or time.monotonic() - latest[0] >= FRESH_S:
                latest = (time.monotonic(), await look())
        return latest[1]

    async def look() -> dict[str, Any]:
        engine_state, database_state, redis_state, ivr_state = await asyncio.gather(
            engine.health(),
            _database_state(database),
            turns.bus.ping(),
            _ivr_state(ivr_url, token),
        )
        parts: dict[str, Any] = {
            "engine": {"status": engine_state.get("status", "down")}
            | {k: engine_state[k] for k in ("model", "warm", "up", "of") if k in engine_state},
            "database": {"status": database_state, "kind": database.dialect},
            "redis": {"status": redis_state},
            "ivr": ivr_state,
        }
        healthy = all(parts[name]["status"] in ("ok", "off") for name in PARTS_THAT_MATTER)
        return {
            "status": "ok" if healthy else "degraded",
            "demo": demo,
            **parts,
            "processes": await asyncio.to_thread(_processes, processes_file),
        }

    return router


async def _database_state(database: Database) -> str:
    try:
        async with asyncio.timeout(2):
            await database.ping()
    except (DatabaseUnavailable, TimeoutError):
        return "down"
    return "ok"


async def _ivr_state(url: str | None, token: str) -> dict[str, Any]:
    """What the hotline says of itself."""
    if url is None:
        return {"status": "off"}
    headers = {"Authorization": f"Bearer {token}"}
    try:
        async with httpx.AsyncClient(timeout=IVR_TIMEOUT_S, trust_env=False) as client:
            state = (await client.get(f"{url}/health", headers=headers)).json()
    except (httpx.HTTPError, ValueError):
        return {"status": "down"}
    return state if isinstance(state, dict) else {"status": "down"}


def _processes(file: Path) -> dict[str, Any]:
    try:
        state = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    processes = state.get("processes") if isinstance(state, dict) else None
    return processes if isinstance(processes, dict) else {}
