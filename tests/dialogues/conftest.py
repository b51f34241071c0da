"""A service and an engine of the dialogues' own.

They leave customers in the queue and change the shop; agents hired by other tests would be given the former.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clock import utc_now
from bot.settings import Settings
from tests.conftest import Service, demo_settings, running_engine
from tests.support.servers import LiveApp


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Demo settings with a home and ports of the dialogues' own."""
    return demo_settings(tmp_path_factory.mktemp("dialogues"))


@pytest.fixture(scope="session")
def engine(settings: Settings, model: Path) -> Iterator[str]:
    """A running engine; yields its base URL."""
    with running_engine(settings, model) as url:
        yield url


@pytest.fixture(scope="session")
def service(settings: Settings, engine: str) -> Iterator[Service]:
    """The running service, with the engine behind it."""
    from yingda.app import create_app

    app = LiveApp(lambda: create_app(settings, utc_now), settings.port)
    app.start()
    yield Service(app.url, settings)
    app.stop()
