"""The chat over a real server: real router, TurnService and database; the engine is scripted."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from fastapi import FastAPI
from playwright.async_api import Browser

from actions.shop import open_demo_shop
from bot.clock import Clock, utc_now
from bot.conversations import Bus, FileStore
from bot.engine import EngineClient
from bot.handoff import HandoffDesk, Hours, PolicyFile
from bot.records import Database
from bot.settings import Settings, load_settings
from bot.turn import TurnService
from channels.app_chat import Limits, build_demo_router, build_router
from tests.channels.app_chat.browser import chromium
from tests.channels.app_chat.scripted_engine import ScriptedEngine
from tests.support.servers import LiveApp

APP_KEY = "kq8Zr2mP5vX1cN7bT4yL9wJ3"
"""The key of the test app ``shop1``."""


@dataclass
class Chat:
    """A running chat server."""

    server: LiveApp
    settings: Settings
    engine: ScriptedEngine = field(default_factory=ScriptedEngine)

    @property
    def url(self) -> str:
        """Its base URL."""
        return self.server.url


ChatFactory = Callable[..., Chat]


@pytest.fixture(scope="module")
def make_chat(
    tmp_path_factory: pytest.TempPathFactory, blank_sqlite: Path
) -> Iterator[ChatFactory]:
    """Starts chat servers, each with a database of its own; stops them with the module."""
    running: list[LiveApp] = []

    def make(limits: Limits | None = None, clock: Clock = utc_now, **settings: object) -> Chat:
        home = tmp_path_factory.mktemp("chat")
        shutil.copy(blank_sqlite, home / "yingda.db")
        scripted = ScriptedEngine()
        engine = LiveApp(scripted.app)
        engine.start()
        running.append(engine)
        loaded = load_settings(
            _env_file=None,
            demo=True,
            home=home,
            engine_url=engine.url,
            app_keys={"shop1": APP_KEY},
            **settings,
        )
        server = LiveApp(lambda: _build(loaded, home, clock, limits))
        server.start()
        running.append(server)
        return Chat(server, loaded, scripted)

    yield make
    for app in reversed(running):
        app.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Chromium; its tests run in their module's loop."""
    async with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def chat(make_chat: ChatFactory) -> Chat:
    """A chat server for the whole module, generous with rates; every visitor is new to it."""
    return make_chat(
        Limits(connections_per_address=1000, sessions_per_second=1000, session_burst=1000)
    )


def _build(settings: Settings, home: Path, clock: Clock, limits: Limits | None) -> FastAPI:
    database = Database(settings.database)
    shop = open_demo_shop(home / "shop.db", utc_now)
    engine = EngineClient(settings.engine_urls, settings.require_secret("internal_token"), 20)
    policy = PolicyFile(hours=Hours.parse("always"))
    desk = HandoffDesk(database, Bus(None), clock, policy, shop)
    turns = TurnService(database, engine, desk, clock, timedelta(minutes=30))

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await turns.start()
        yield
        await turns.stop()
        await engine.close()
        await shop.close()
        await database.close()

    app = FastAPI(lifespan=lifespan)
    files = FileStore(database, settings.require_secret("session_key"), clock)
    app.include_router(build_router(turns, settings, clock, limits, files))
    app.include_router(build_demo_router(settings, shop, clock))
    return app
