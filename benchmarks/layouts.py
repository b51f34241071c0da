"""The two layouts that are compared, as processes: ours, and the one of Rasa's documentation."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx

from benchmarks.load import Connection, NewCustomer, Say
from bot.settings import Settings
from channels.app_chat import sign_user_token
from yingda.launcher.environment import engine_environment
from yingda.launcher.home import ROOT, Home
from yingda.launcher.stack import Stack

WAIT_S = 20


@dataclass(frozen=True)
class Layout:
    """A running layout: how a new customer starts to talk to it."""

    name: str
    new_customer: NewCustomer


def free_port() -> int:
    """A port of loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def ours(settings: Settings, model: Path, customers: Sequence[str]) -> Iterator[Layout]:
    """Engine(s) and service as `yingda up` starts them; customers use the public REST twin."""
    with ExitStack() as processes:
        # The rate limit of one customer would be in the way.
        unlimited = {"YINGDA_MESSAGES_PER_SECOND": "100000", "YINGDA_MESSAGE_BURST": "100000"}
        specs = Stack(settings, model, unlimited).specs()
        for spec in specs:
            processes.enter_context(
                _process(list(spec.argv), dict(spec.env), settings.home / f"{spec.name}.log")
            )
        for spec in specs:
            _wait_for(spec.health_url, dict(spec.health_headers))

        async def new_customer(number: int) -> Say:
            token = sign_user_token(
                "demo",
                settings.app_secrets["demo"],
                customers[number % len(customers)],
                datetime.now(UTC) + timedelta(hours=1),
            )
            connection = Connection(settings.port)
            session = await connection.post("/chat/session", {"user_token": token})
            connection.close()
            headers = {"Authorization": f"Bearer {session['session']}"}
            connection = Connection(settings.port, headers)

            async def say(text: str) -> int:
                answer = await connection.post(
                    "/chat/messages",
                    {"client_id": uuid.uuid4().hex, "text": text, "wait_s": WAIT_S},
                )
                return len(answer["replies"])

            return say

        yield Layout("Yingda", new_customer)


@contextmanager
def standard(
    model: Path, home: Path, shop_db: Path, customers: Sequence[str], engines: int = 1
) -> Iterator[Layout]:
    """`rasa run` with the stock REST channel, and an action server process of its own.

    The same model and actions; tracker and lock stores are Rasa's defaults (in memory). Several
    engines are each other's strangers: customers are dealt out to them.
    """
    home.mkdir(parents=True, exist_ok=True)
    actions_port = free_port()
    (home / "credentials.yml").write_text("rest:\n")
    (home / "endpoints.yml").write_text(
        f"action_endpoint:\n  url: http://127.0.0.1:{actions_port}/webhook\n"
    )
    rasa = ROOT / "engine" / ".venv" / "bin" / "rasa"
    ports = [free_port() for _ in range(engines)]
    with ExitStack() as processes:
        processes.enter_context(
            _process(
                [
                    sys.executable,
                    *["-m", "benchmarks.standard_actions"],
                    *[str(actions_port), str(shop_db)],
                ],
                dict(os.environ),
                home / "actions.log",
            )
        )
        for port in ports:
            processes.enter_context(
                _process(
                    [
                        *[str(rasa), "run", "-m", str(model), "-i", "127.0.0.1", "-p", str(port)],
                        *["--endpoints", str(home / "endpoints.yml")],
                        *["--credentials", str(home / "credentials.yml")],
                    ],
                    engine_environment(Home(home), extra={}),
                    home / f"engine-{port}.log",
                )
            )
        _wait_for(f"http://127.0.0.1:{actions_port}/health", {})
        for port in ports:
            _wait_for(f"http://127.0.0.1:{port}/", {})

        async def new_customer(number: int) -> Say:
            sender = f"{customers[number % len(customers)]}~{uuid.uuid4().hex}"
            connection = Connection(ports[number % len(ports)])

            async def say(text: str) -> int:
                answer = await connection.post(
                    "/webhooks/rest/webhook", {"sender": sender, "message": text}
                )
                return len(answer)

            return say

        yield Layout("Rasa standard", new_customer)


@contextmanager
def _process(argv: list[str], env: dict[str, str], log: Path) -> Iterator[None]:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own programs
            argv, env=env, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(url: str, headers: dict[str, str], timeout_s: float = 240) -> None:
    give_up = time.monotonic() + timeout_s
    while True:
        try:
            if httpx.get(url, headers=headers, timeout=5, trust_env=False).is_success:
                return
        except httpx.HTTPError:
            pass
        if time.monotonic() > give_up:
            raise TimeoutError(f"{url} did not come up")
        time.sleep(0.2)
