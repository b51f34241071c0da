"""The whole service with a scripted engine, and the hotline's own client of its internal door."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Table, insert, select

from bot.clock import utc_now
from bot.records import Database, new_id
from bot.records.tables import agents
from bot.settings import Settings, load_settings
from ivr.call import HttpPhoneService
from ivr.transports import Caller
from tests.channels.app_chat.scripted_engine import ScriptedEngine
from tests.support.servers import LiveApp
from yingda.app import create_app


@dataclass
class Exchange:
    """A running service as the hotline sees it, and its database as a test does."""

    settings: Settings
    url: str
    service: HttpPhoneService
    database: Database
    app: Any

    async def rows(self, table: Table) -> list[dict[str, Any]]:
        """All rows of a table."""
        query = select(table).order_by(*table.primary_key)
        return await self.database.read(
            lambda tx: [dict(row._mapping) for row in tx.execute(query)]
        )

    async def call(self, number: str | None = "13800005678") -> str:
        """A call that was just greeted."""
        call_id = f"c-{uuid.uuid4().hex[:12]}"
        await self.service.begin(Caller(call_id, "test", number), "您好。", recorded=False)
        return call_id

    async def agent(self, extension: str | None) -> str:
        """An agent at work."""
        agent_id = new_id("ag")
        row = {
            "id": agent_id,
            "login": agent_id,
            "name": "小李",
            "role": "agent",
            "password_hash": "-",
            "skills": ["电话"],
            "languages": ["zh"],
            "capacity": 5,
            "active": True,
            "presence": "online",
            "seen_at": utc_now(),
            "created_at": utc_now(),
            "extension": extension,
        }
        await self.database.write(lambda tx: tx.execute(insert(agents).values(**row)))
        return agent_id

    async def until_agent(self, call_id: str, after: int) -> Any:
        """How the call stands once an agent has it."""
        async with asyncio.timeout(20):
            while True:
                standing = await self.service.watch(call_id, after, 5)
                if standing.agent is not None:
                    return standing
                after = standing.latest


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What does not depend on the kind of database runs once."""


@pytest.fixture
def engine() -> Any:
    """The scripted engine's script."""
    return ScriptedEngine()


@pytest_asyncio.fixture
async def exchange(
    database_url: str, tmp_path: Path, engine: ScriptedEngine
) -> AsyncIterator[Exchange]:
    """The service on a fresh database of each kind (or of one: `on_sqlite`)."""
    mind = LiveApp(engine.app)
    mind.start()
    settings = load_settings(
        _env_file=None,
        demo=True,
        home=tmp_path / "home",
        engine_url=mind.url,
        database_url=database_url,
        ivr=False,
    )
    app = create_app(settings)
    live = LiveApp(lambda: app)
    live.start()
    service = HttpPhoneService(live.url, settings.require_secret("internal_token"))
    database = Database(database_url)
    yield Exchange(settings, live.url, service, database, app)
    await service.close()
    await database.close()
    live.stop()
    mind.stop()
