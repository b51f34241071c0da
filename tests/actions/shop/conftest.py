"""The demo shop at a fixed moment, directly and behind its real HTTP server."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio

from actions.shop import DemoShop, HttpShop, ShopClient, open_demo_shop, personas
from actions.shop.server import create_shop_app
from tests.support.clock import TestClock
from tests.support.servers import LiveApp

START = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)  # 14:30 in Shanghai
TOKEN = "test-token-of-the-shop"


class ServedShop:
    """One real uvicorn server for the session; each test puts its own shop behind it."""

    def __init__(self, folder: Path) -> None:
        self._app = create_shop_app(open_demo_shop(folder / "none.db", lambda: START), TOKEN)
        self._live = LiveApp(lambda: self._app)
        self.url = self._live.url

    def start(self) -> None:
        self._live.start()

    def put(self, shop: ShopClient) -> None:
        self._app.state.shop = shop

    def stop(self) -> None:
        self._live.stop()


@pytest.fixture
def clock() -> TestClock:
    return TestClock(START)


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seed") / "shop.db"
    open_demo_shop(path, lambda: START)._db.close()
    return path


@pytest.fixture
def demo(seeded_file: Path, tmp_path: Path, clock: TestClock) -> Iterator[DemoShop]:
    shutil.copy(seeded_file, tmp_path / "shop.db")
    shop = open_demo_shop(tmp_path / "shop.db", clock)
    yield shop
    shop._db.close()
    for file in tmp_path.glob("shop.db*"):
        file.unlink()  # pytest keeps folders, and hundreds of shops fill a disk


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedShop]:
    server = ServedShop(tmp_path_factory.mktemp("served"))
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture(params=["direct", "http"])
async def shop(request: pytest.FixtureRequest, demo: DemoShop) -> AsyncIterator[ShopClient]:
    """Both implementations over the same data."""
    if request.param == "direct":
        yield demo
        return
    served: ServedShop = request.getfixturevalue("served")
    served.put(demo)
    client = HttpShop(served.url, TOKEN, timeout_s=20)
    yield client
    await client.close()


@pytest.fixture
def names(demo: DemoShop) -> dict[str, str]:
    """Placeholders of the personas: lin.id, and so on."""
    return personas(demo)
