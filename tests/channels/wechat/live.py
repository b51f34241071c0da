"""A whole service with WeChat accounts, between the fake platform and an engine that a test holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from bot.clock import Clock, utc_now
from bot.settings import Settings, load_settings
from tests.channels.app_chat.scripted_engine import ScriptedEngine
from tests.fakes.wechat_platform import WeChatPlatform
from tests.support.components import free_port
from tests.support.servers import LiveApp
from yingda.app import create_app


@dataclass
class Live:
    """The running service and both its neighbours."""

    platform: WeChatPlatform
    engine: ScriptedEngine
    server: LiveApp
    settings: Settings

    def rows(self, query: str, **values: Any) -> list[Any]:
        """What the service's database says (SQLite)."""
        database = create_engine(self.settings.database.replace("+aiosqlite", ""))
        try:
            with database.connect() as connection:
                return list(connection.execute(text(query), values))
        finally:
            database.dispose()


def wechat_settings(platform: WeChatPlatform) -> dict[str, str]:
    """The service's settings for a platform, as keyword arguments."""
    environment = platform.environment()
    return {name.removeprefix("YINGDA_").lower(): value for name, value in environment.items()}


@contextmanager
def live(
    folder: Path, platform: WeChatPlatform, clock: Clock = utc_now, **settings: Any
) -> Iterator[Live]:
    """Run all three for the time of the block."""
    platform.start()
    scripted = ScriptedEngine()
    engine = LiveApp(scripted.app)
    engine.start()
    loaded = load_settings(
        _env_file=None,
        demo=True,
        home=folder,
        port=free_port(),
        engine_url=engine.url,
        **wechat_settings(platform) | settings,
    )
    server = LiveApp(lambda: create_app(loaded, clock), loaded.port)
    server.start()
    platform.webhook_url = f"{server.url}/wechat/default"
    platform.kf.webhook_url = f"{server.url}/wecom/kf"
    try:
        yield Live(platform, scripted, server, loaded)
    finally:
        scripted.let_go.set()
        server.stop()
        engine.stop()
        platform.stop()
