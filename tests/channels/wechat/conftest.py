"""WeChat over a real service: the whole application, a scripted engine, the fake platform.

The platform signs, encrypts, repeats, counts and refuses by itself (tests/fakes/wechat_platform).
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, create_engine, select

from bot.settings import Settings, load_settings
from tests.channels.app_chat.scripted_engine import ScriptedEngine
from tests.fakes.wechat_platform import WeChatPlatform
from tests.support.clock import TestClock
from tests.support.components import free_port
from tests.support.servers import LiveApp

OPENID = "oZhangSan_01"
BUDGET_S = 1.5


@dataclass
class Shop:
    """A brand with an official account."""

    platform: WeChatPlatform
    engine: ScriptedEngine
    settings: Settings
    clock: TestClock
    server: LiveApp

    @property
    def url(self) -> str:
        """The service's address."""
        return self.server.url

    def rows(self, table: Table) -> list[Any]:
        """All rows of a table, by its first key."""
        path = str(self.settings.database).removeprefix("sqlite:///")
        engine = create_engine(f"sqlite:///{path}")
        try:
            with engine.connect() as connection:
                return list(connection.execute(select(table).order_by(*table.primary_key)))
        finally:
            engine.dispose()

    def restart(self) -> None:
        """Stop the service as on SIGTERM and start it anew on the same data."""
        from yingda.app import create_app

        self.server.stop()
        self.server = LiveApp(lambda: create_app(self.settings, self.clock), self.settings.port)
        self.server.start()


ShopFactory = Callable[..., Shop]


@pytest.fixture
def open_shop(tmp_path: Path, clock: TestClock, blank_sqlite: Path) -> Iterator[ShopFactory]:
    """Starts a service with its platform; everything stops with the test."""
    from yingda.app import create_app

    shutil.copy(blank_sqlite, tmp_path / "yingda.db")

    running: list[Any] = []

    def start(mode: str = "safe", recogniser: Any = None, **more: Any) -> Shop:
        port = free_port()
        platform = WeChatPlatform(
            f"http://127.0.0.1:{port}/wechat/default",
            mode=mode,  # type: ignore[arg-type]
            clock=clock,
            kf_webhook_url=f"http://127.0.0.1:{port}/wecom/kf",
        )
        platform.start()
        running.append(platform)
        scripted = ScriptedEngine()
        engine = LiveApp(scripted.app)
        engine.start()
        running.append(engine)
        given = {
            re.sub("^YINGDA_", "", name).lower(): value
            for name, value in platform.environment().items()
        }
        settings = load_settings(
            _env_file=None,
            **{
                "demo": True,
                "home": tmp_path,
                "port": port,
                "engine_url": engine.url,
                "engine_deadline_s": 20,
                "wechat_reply_budget_s": BUDGET_S,
                **given,
                **more,
            },
        )
        server = LiveApp(lambda: create_app(settings, clock, recogniser), port)
        server.start()
        shop = Shop(platform, scripted, settings, clock, server)
        running.append(_Stopper(shop))
        return shop

    yield start
    for part in reversed(running):
        part.stop()


@dataclass
class _Stopper:
    shop: Shop

    def stop(self) -> None:
        """Let a held engine go first, so that stopping need not wait for it."""
        self.shop.engine.let_go.set()
        self.shop.server.stop()


@pytest.fixture
def shop(open_shop: ShopFactory) -> Shop:
    """A service in safe mode."""
    return open_shop()
