"""Fixtures that every test may use: the real engine, the real service, real databases.

One engine (Rasa with the trained model) serves the whole session; its actions run in the
session's service. A test that needs a service of its own database builds a TurnService on it and
lets it talk to the same engine.
"""

from __future__ import annotations

import os
import subprocess
import uuid
from collections.abc import AsyncIterator, Iterator
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
    return load_settings(
        **accounts,
        _env_file=None,
        demo=True,
        home=tmp_path_factory.mktemp("home"),
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


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def database(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    """An empty, migrated database; the test runs once on each kind."""
    url = database_url(request, tmp_path)
    if request.param == "postgresql":
        await _create_postgres_database(url)
    opened = Database(url)
    await opened.migrate()
    yield opened
    await opened.close()


def database_url(request: pytest.FixtureRequest, folder: Path) -> str:
    """URL of a database that nobody else uses."""
    if request.param == "sqlite":
        return f"sqlite:///{folder / 'test.db'}"
    address = request.getfixturevalue("postgres_server")
    return f"postgresql+asyncpg://postgres@{address}/t{uuid.uuid4().hex}"


async def _create_postgres_database(url: str) -> None:
    import asyncpg

    server, _, name = url.removeprefix("postgresql+asyncpg").rpartition("/")
    connection = await asyncpg.connect(f"postgresql{server}/postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()
