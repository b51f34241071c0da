"""Fixtures that every test may use: the real engine, the real service, real databases.

One engine (Rasa with the trained model) serves the whole session; its actions run in the
session's service; the dialogues have both of their own. A test that needs a service of its own database builds a TurnService on it and
lets it talk to the same engine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from bot.clock import utc_now
from bot.records import Database
from bot.settings import Settings, load_settings
from tests.fakes.wechat_platform import WeChatPlatform
from tests.support.clock import TestClock
from tests.support.components import free_port
from tests.support.servers import LiveApp, answers, postgres, wait_until
from yingda.launcher.home import ROOT, Home
from yingda.launcher.progress import Progress
from yingda.launcher.stack import Stack
from yingda.launcher.training import ensure_model


@dataclass(frozen=True)
class Service:
    """The session's service: where it is and with which secrets."""

    url: str
    settings: Settings

    @property
    def internal_headers(self) -> dict[str, str]:
        """What internal routes ask for."""
        return {"Authorization": f"Bearer {self.settings.require_secret('internal_token')}"}


@pytest.fixture(scope="session")
def wechat_platform() -> Iterator[WeChatPlatform]:
    """The WeChat platform that the session's service belongs to, in safe mode."""
    platform = WeChatPlatform()
    platform.start()
    yield platform
    platform.stop()


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory, wechat_platform: WeChatPlatform) -> Settings:
    """Demo settings with a home and ports of this session's own, and WeChat accounts."""
    accounts = {
        name.removeprefix("YINGDA_").lower(): value
        for name, value in wechat_platform.environment().items()
    }
    return demo_settings(tmp_path_factory.mktemp("home"), **accounts)


def demo_settings(home: Path, **more: str) -> Settings:
    """Demo settings with ports of their own."""
    return load_settings(
        **more,
        _env_file=None,
        demo=True,
        home=home,
        ask_satisfaction=False,  # or a question comes in the middle of what another test looks at
        port=free_port(),
        engine_port=free_port(),
        ivr=False,
    )


@pytest.fixture(scope="session")
def model() -> Path:
    """The model for the present training data, trained now if need be.

    ``YINGDA_TEST_MODEL`` names an archive to use instead, for those who are changing the data.
    """
    if chosen := os.environ.get("YINGDA_TEST_MODEL"):
        return Path(chosen)
    return ensure_model(Home.at(Path(".yingda")), Progress())


@pytest.fixture(scope="session")
def engine(settings: Settings, model: Path) -> Iterator[str]:
    """A running engine; yields its base URL."""
    with running_engine(settings, model) as url:
        yield url


@contextmanager
def running_engine(settings: Settings, model: Path) -> Iterator[str]:
    """An engine with a model, whose actions run in the service of these settings; its base URL."""
    _service, spec = Stack(settings, model, {}).specs()
    log = (settings.home / "engine.log").open("wb")
    process = subprocess.Popen(
        spec.argv, env=dict(spec.env), cwd=ROOT, stdout=log, stderr=subprocess.STDOUT
    )
    try:
        wait_until(
            lambda: (
                process.poll() is not None or answers(spec.health_url, dict(spec.health_headers))
            ),
            240,
            "the engine did not come up",
        )
        assert process.poll() is None, (settings.home / "engine.log").read_text()[-2000:]
        yield settings.engine_urls[0]
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="session")
def service(settings: Settings, engine: str, wechat_platform: WeChatPlatform) -> Iterator[Service]:
    """The running service of the session, with the engine behind it."""
    from yingda.app import create_app

    app = LiveApp(lambda: create_app(settings, utc_now), settings.port)
    app.start()
    wechat_platform.webhook_url = f"{app.url}/wechat/default"
    wechat_platform.kf.webhook_url = f"{app.url}/wecom/kf"
    yield Service(app.url, settings)
    app.stop()


@pytest.fixture
def clock() -> TestClock:
    """A clock that stands still until the test moves it."""
    return TestClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of this session's own."""
    with postgres() as address:
        yield address


@pytest.fixture(scope="session")
def blank_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated database file to copy: migrating anew for each test takes far longer."""
    path = tmp_path_factory.mktemp("blank") / "blank.db"
    asyncio.run(_migrated(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def blank_postgres(postgres_server: str) -> str:
    """Name of an empty, migrated database to copy."""
    asyncio.run(_on_postgres(postgres_server, "CREATE DATABASE blank"))
    asyncio.run(_migrated(f"postgresql+asyncpg://postgres@{postgres_server}/blank"))
    return "blank"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """URL of an empty, migrated database of the test's own; the test runs once on each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("blank_sqlite"), tmp_path / "test.db")
        return f"sqlite:///{tmp_path / 'test.db'}"
    blank = request.getfixturevalue("blank_postgres")
    address, name = request.getfixturevalue("postgres_server"), f"t{uuid.uuid4().hex}"
    asyncio.run(_on_postgres(address, f"CREATE DATABASE {name} TEMPLATE {blank}"))
    return f"postgresql+asyncpg://postgres@{address}/{name}"


@pytest_asyncio.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """That database, open."""
    opened = Database(database_url)
    yield opened
    await opened.close()


async def _migrated(url: str) -> None:
    opened = Database(url)
    await opened.migrate()
    await opened.close()


async def _on_postgres(address: str, statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(f"postgresql://postgres@{address}/postgres")
    await connection.execute(statement)
    await connection.close()
