"""A real engine for the door's tests: a small project, trained once, served by ``rasa run``."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = Path(__file__).parent / "project"
TOKEN = "test-token-of-the-door"

for name, value in {
    "RASA_TELEMETRY_ENABLED": "false",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "OMP_NUM_THREADS": "1",
}.items():
    os.environ.setdefault(name, value)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small project's model, trained from scratch in this process."""
    import rasa

    out = tmp_path_factory.mktemp("model")
    os.environ["RASA_CACHE_DIRECTORY"] = str(out / "cache")
    before = Path.cwd()
    os.chdir(PROJECT)
    try:
        result = rasa.train(
            domain="domain.yml",
            config="config.yml",
            training_files="data",
            output=str(out),
            fixed_model_name="small",
        )
    finally:
        os.chdir(before)
    assert result.model is not None
    return Path(result.model)


class ActionServer:
    """The service's action webhook, as the engine sees it: scripted, and remembers its calls."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.sizes: list[int] = []
        self._release = asyncio.Event()
        self.port = _free_port()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(30)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._release.set)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def _serve(self) -> None:
        from aiohttp import web

        asyncio.set_event_loop(self._loop)
        app = web.Application(client_max_size=10**8)
        app.router.add_post("/webhook", self._answer)
        runner = web.AppRunner(app, shutdown_timeout=0.5)
        self._loop.run_until_complete(runner.setup())
        self._loop.run_until_complete(web.TCPSite(runner, "127.0.0.1", self.port).start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())

    async def _answer(self, request: Any) -> Any:
        from aiohttp import web

        raw = await request.read()
        call = json.loads(raw)
        self.calls.append(call)
        self.sizes.append(len(raw))
        self.headers.append(dict(request.headers))
        name = call["next_action"]
        if name == "action_fails":
            return web.json_response({"error": "boom"}, status=500)
        if name == "action_garbles":
            return web.json_response({"events": "none", "responses": []})
        if name == "action_hangs":
            await self._release.wait()
        if name == "action_order":
            responses = [
                {
                    "text": "您的订单在路上\n\n明天到",
                    "buttons": [{"title": "查物流", "payload": "/query_order"}],
                    "custom": {"card": {"type": "order"}},
                }
            ]
            event = {"event": "slot", "name": "topic", "value": "order", "timestamp": None}
            return web.json_response({"events": [event], "responses": responses})
        return web.json_response({"events": [], "responses": []})


class Engine:
    """A running engine and its door."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, actions: ActionServer):
        self.process = process
        self.port = port
        self.actions = actions
        self._senders = 0

    def request(
        self, path: str, body: Any = None, token: str | None = TOKEN, raw: bytes | None = None
    ) -> tuple[int, dict[str, Any]]:
        data = raw if raw is not None else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/webhooks/door/{path}", data)
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                return error.code, json.loads(text)
            except ValueError:
                return error.code, {"error": text.decode("utf-8", "replace")}

    def talk(self, channel: str = "app_chat") -> Talk:
        self._senders += 1
        return Talk(self, f"episode-{self._senders}", channel)


class Talk:
    """One conversation, kept as the service keeps it: the turn number and the last snapshot."""

    def __init__(self, engine: Engine, sender: str, channel: str) -> None:
        self.engine = engine
        self.sender = sender
        self.channel = channel
        self.turn = 0
        self.snapshot: dict[str, Any] | None = None

    def say(self, text: str, payload: str | None = None) -> dict[str, Any]:
        status, answer = self.engine.request("turn", self.body(text, payload))
        assert status == 200, answer
        self.turn, self.snapshot = answer["turn"], answer["snapshot"]
        return answer

    def body(self, text: str, payload: str | None = None) -> dict[str, Any]:
        return {
            "sender": self.sender,
            "text": text,
            "payload": payload,
            "channel": self.channel,
            "turn": self.turn,
            "snapshot": self.snapshot,
            "metadata": {},
        }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def engine(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """``rasa run`` with the root's endpoints and credentials and the small model."""
    actions = ActionServer()
    actions.start()
    port = _free_port()
    log = (tmp_path_factory.mktemp("engine") / "log.txt").open("wb")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "YINGDA_INTERNAL_TOKEN": TOKEN,
        "YINGDA_ACTIONS_URL": f"http://127.0.0.1:{actions.port}/webhook",
    }
    command = [sys.executable, "-m", "rasa", "run", "-m", str(model), "-i", "127.0.0.1"]
    command += ["-p", str(port), "--endpoints", str(ROOT / "endpoints.yml")]
    command += ["--credentials", str(ROOT / "credentials.yml")]
    process = subprocess.Popen(
        command, cwd=PROJECT, env=environment, stdout=log, stderr=subprocess.STDOUT
    )
    running = Engine(process, port, actions)
    try:
        _wait(running, Path(log.name))
        yield running
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        actions.stop()
        log.close()


def _wait(running: Engine, log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        assert running.process.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            if running.request("health")[0] == 200:
                return
        except OSError:
            pass
        time.sleep(0.3)
    raise AssertionError("the engine did not start:\n" + log.read_text(errors="replace")[-3000:])
