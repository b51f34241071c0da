"""A turn service on a fresh database of each kind, talking to the session's real engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Table, select, text

from actions.shop import HttpShop
from bot.conversations import Bus
from bot.engine import EngineClient
from bot.handoff import HandoffDesk, Hours, PolicyFile
from bot.records import Database
from bot.turn import ConversationKey, Inbound, MessageView, TurnService
from tests.conftest import Service
from tests.support.clock import TestClock
from tests.support.faults import FaultProxy

KEY = ConversationKey("app_chat", "visitor")
IDLE = timedelta(minutes=30)


def open_desk(
    database: Database, clock: TestClock, redis_url: str | None = None, hours: str = "always"
) -> HandoffDesk:
    """A desk with nobody at it; its shop is away (nobody is verified here)."""
    shop = HttpShop("http://127.0.0.1:9", "nobody", timeout_s=0.1)
    policy = PolicyFile(hours=Hours.parse(hours))
    return HandoffDesk(database, Bus(redis_url), clock, policy, shop)


def said(text: str, number: int = 1, key: ConversationKey = KEY) -> Inbound:
    """The ``number``-th message of a customer."""
    return Inbound(key, f"{key.external_id}-{number}", text, client_id=f"c{number}")


async def database_file(database: Database) -> str:
    """The file of a SQLite database."""
    found = text("SELECT file FROM pragma_database_list WHERE name = 'main'")
    return await database.read(lambda tx: str(tx.execute(found).scalar_one()))


@dataclass
class Bench:
    """What a test of turns handles."""

    turns: TurnService
    database: Database
    clock: TestClock
    network: FaultProxy
    desk: HandoffDesk

    async def say(self, text: str, number: int = 1) -> list[MessageView]:
        """Say something and wait for the replies."""
        accepted = await self.turns.accept(said(text, number))
        return await self.turns.wait_for_replies(accepted, 30)

    async def rows(self, table: Table) -> list[dict[str, object]]:
        """All rows of a table, in the order of its first key."""
        query = select(table).order_by(*table.primary_key)
        return await self.database.read(
            lambda tx: [dict(row._mapping) for row in tx.execute(query)]
        )


@pytest_asyncio.fixture
async def network(service: Service) -> AsyncIterator[FaultProxy]:
    """The way from the turn service to the engine."""
    async with FaultProxy(service.settings.engine_port) as proxy:
        yield proxy


@pytest.fixture
def deadline_s() -> float:
    """How long a turn waits for the engine; tests of a slow engine make it short."""
    return 20.0


@pytest.fixture
def hours() -> str:
    """When people are there."""
    return "always"


@pytest_asyncio.fixture
async def bench(
    service: Service,
    database: Database,
    clock: TestClock,
    network: FaultProxy,
    deadline_s: float,
    hours: str,
) -> AsyncIterator[Bench]:
    """A turn service that is not swept in the background: tests call sweep() themselves."""
    token = service.settings.require_secret("internal_token")
    engine = EngineClient([network.url], token, deadline_s)
    # Actions run in the session's service, whose database does not know these episodes: to them
    # everybody here is a stranger, and what they request is decided by our own rules alone.
    desk = open_desk(database, clock, hours=hours)
    turns = TurnService(database, engine, desk, clock, IDLE)
    yield Bench(turns, database, clock, network, desk)
    await turns.stop()
    await engine.close()
