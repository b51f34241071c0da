"""A desk on a fresh database of each kind, over real HTTP and WebSocket."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from actions.shop import DemoShop, open_demo_shop
from bot.conversations import Bus, FileStore
from bot.desk import Desk, Passwords, Rates, build_desk
from bot.handoff import HandoffDesk, Hours, PolicyFile
from bot.records import Database
from tests.bot.desk.bench import CHEAP, Bench
from tests.support.clock import TestClock
from tests.support.components import free_port

KEY = "0123456789abcdef-test-key-of-the-desk"


@pytest.fixture(scope="session")
def desk_shop_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo shop, filled once."""
    path = tmp_path_factory.mktemp("desk-shop") / "shop.db"
    open_demo_shop(path)._db.close()
    return path


@pytest.fixture
def shop(desk_shop_file: Path, tmp_path: Path, clock: TestClock) -> Iterator[DemoShop]:
    """A demo shop of the test's own."""
    shutil.copy(desk_shop_file, tmp_path / "shop.db")
    shop = open_demo_shop(tmp_path / "shop.db", clock, reseed=False)
    yield shop
    shop._db.close()
    for file in tmp_path.glob("shop.db*"):
        file.unlink()


@pytest.fixture
def rates() -> Rates:
    """So generous that only tests of rates meet them."""
    return Rates(1000, 10_000, 1000, 1000, 1000, 10_000)


@pytest_asyncio.fixture
async def bench(
    database: Database, clock: TestClock, shop: DemoShop, rates: Rates
) -> AsyncIterator[Bench]:
    """A running desk; its handoffs are assigned only when the test says so."""
    bus = Bus(None)
    handoffs = HandoffDesk(database, bus, clock, PolicyFile(hours=Hours.parse("always")), shop)
    files = FileStore(database, KEY, clock)
    desk = Desk(
        database, bus, shop, clock, handoffs, files, KEY, rates=rates, passwords=Passwords(CHEAP)
    )
    async with serving(desk) as url:
        bench = Bench(url, desk, database, clock, shop)
        yield bench
        for client in bench.clients:
            await client.aclose()


@asynccontextmanager
async def serving(desk: Desk) -> AsyncIterator[str]:
    """The desk behind uvicorn, in this event loop."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await desk.start()
        yield
        await desk.stop()

    app = FastAPI(lifespan=lifespan)
    app.state.desk = desk
    app.include_router(build_desk())
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="on")
    )
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running
