"""Real faults: the process killed without warning, Redis gone and back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.clock import utc_now
from tests.channels.app_chat.scripted_engine import ScriptedEngine
from tests.channels.wechat.conftest import OPENID, ShopFactory
from tests.channels.wechat.test_sending import ask_slowly, said
from tests.fakes.wechat_platform import WeChatPlatform
from tests.support.components import free_port
from tests.support.servers import LiveApp, RedisServer, answers, wait_until


class Process:
    """The service as a process of its own, on the wall clock."""

    def __init__(self, home: Path, engine_url: str) -> None:
        self.port = free_port()
        self.platform = WeChatPlatform(
            f"http://127.0.0.1:{self.port}/wechat/default", clock=utc_now
        )
        self.platform.start()
        self._environment = {
            **os.environ,
            **self.platform.environment(),
            "YINGDA_DEMO": "1",
            "YINGDA_HOME": str(home),
            "YINGDA_PORT": str(self.port),
            "YINGDA_ENGINE_URL": engine_url,
            "YINGDA_ENGINE_DEADLINE_S": "20",
            "YINGDA_WECHAT_REPLY_BUDGET_S": "1",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it serves."""
        command = [
            *(sys.executable, "-m", "uvicorn", "--factory", "yingda.app:create_app"),
            *("--port", str(self.port), "--log-level", "warning"),
        ]
        self._process = subprocess.Popen(command, env=self._environment)
        url = f"http://127.0.0.1:{self.port}/health"
        wait_until(lambda: answers(url), 90, "the service did not come up")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture
def engine() -> Iterator[tuple[ScriptedEngine, str]]:
    scripted = ScriptedEngine()
    server = LiveApp(scripted.app)
    server.start()
    yield scripted, server.url
    scripted.let_go.set()
    server.stop()


@pytest.fixture
def process(tmp_path: Path, engine: tuple[ScriptedEngine, str]) -> Iterator[Process]:
    service = Process(tmp_path, engine[1])
    service.start()
    yield service
    service.kill()
    service.platform.stop()


async def test_a_message_outlives_a_kill_between_acceptance_and_answer(
    process: Process, engine: tuple[ScriptedEngine, str]
) -> None:
    scripted, _ = engine
    scripted.let_go.clear()
    delivery = await process.platform.say(OPENID, "查订单")
    assert delivery.statuses == (200,) and delivery.passive_reply is None
    process.kill()
    scripted.let_go.set()
    process.start()
    # The dead process's claim holds for 30 seconds; then the sweep takes the message up.
    sent = await process.platform.wait_for_sent(OPENID, timeout_s=90)
    assert [one.text for one in sent if one.type == "text"] == ["收到：查订单"]
    late = await process.platform.deliver(delivery.push, OPENID)
    assert late.passive_reply is None and late.statuses == (200,)
    assert len(process.platform.sent) == 1


async def test_redis_may_go_and_come_back(open_shop: ShopFactory) -> None:
    redis = RedisServer()
    redis.start()
    try:
        shop = open_shop(redis_url=redis.url)
        await ask_slowly(shop, "一")
        await shop.platform.wait_for_sent(OPENID)
        redis.stop()
        await ask_slowly(shop, "二")
        await shop.platform.wait_for_sent(OPENID, 2)
        fast = await shop.platform.say(OPENID, "三")
        assert fast.passive_reply is not None and fast.passive_reply.text == "收到：三"
        shop.platform.revoke_tokens()
        await ask_slowly(shop, "四")
        await shop.platform.wait_for_sent(OPENID, 3)
        redis.start()
        await ask_slowly(shop, "五")
        await shop.platform.wait_for_sent(OPENID, 4)
        assert said(shop) == ["收到：一", "收到：二", "收到：四", "收到：五"]
    finally:
        redis.stop()
