"""Real servers for a test session: PostgreSQL, Redis, our service in a thread."""

from __future__ import annotations

import asyncio
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from tests.support.components import free_port, need

_PG_PROGRAMS = "/usr/lib/postgresql/*/bin"


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL cluster of its own on loopback; yields ``host:port`` (user and database: postgres).

    The server refuses to run as root, so root lends it the account ``postgres``.
    """
    initdb = need("PostgreSQL", "initdb", f"{_PG_PROGRAMS}/initdb")
    pg_ctl = str(Path(initdb).parent / "pg_ctl")
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="yingda-pg-") as folder:
        if as_user:
            subprocess.run(["chown", "postgres", folder], check=True)
        data, port = f"{folder}/data", free_port()
        run = {"check": True, "stdout": subprocess.DEVNULL, "cwd": folder}
        subprocess.run(
            [*as_user, initdb, "-D", data, "-A", "trust", "-U", "postgres", "--no-sync"], **run
        )
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        log = ["-l", f"{folder}/log"]
        subprocess.run([*as_user, pg_ctl, "-D", data, "-w", *log, "-o", options, "start"], **run)
        try:
            yield f"127.0.0.1:{port}"
        finally:
            subprocess.run([*as_user, pg_ctl, "-D", data, "-m", "immediate", "stop"], **run)


class RedisServer:
    """A Redis of its own on loopback that can be stopped and started again on the same port."""

    def __init__(self) -> None:
        self._program = need("Redis", "redis-server")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it listens."""
        self._process = subprocess.Popen(
            [self._program, "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""],
            stdout=subprocess.DEVNULL,
        )
        wait_for_port(self.port)

    def stop(self) -> None:
        """Stop at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


class LiveApp:
    """An ASGI application behind a real uvicorn server in a thread with its own event loop."""

    def __init__(self, build: Callable[[], FastAPI], port: int | None = None) -> None:
        self._build = build
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Serve until stop()."""
        config = uvicorn.Config(
            self._build(), host="127.0.0.1", port=self.port, log_config=None, lifespan="on"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_for_port(self.port)

    def _run(self) -> None:
        async def serve() -> None:
            self.loop = asyncio.get_running_loop()
            assert self._server is not None
            await self._server.serve()

        asyncio.run(serve())

    def stop(self) -> None:
        """Shut down as on SIGTERM."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=20)
            self._server = self._thread = None


def wait_for_port(port: int, timeout_s: float = 30) -> None:
    """Wait until somebody listens on a loopback port."""
    wait_until(lambda: _listens(port), timeout_s, f"nothing listens on port {port}")


def wait_until(done: Callable[[], bool], timeout_s: float, failure: str) -> None:
    """Wait for something outside this process; the time-out only bounds a hang."""
    give_up = time.monotonic() + timeout_s
    while not done():
        if time.monotonic() > give_up:
            raise TimeoutError(failure)
        time.sleep(0.05)


def answers(url: str, headers: dict[str, str] | None = None) -> bool:
    """Whether a GET gives 200."""
    try:
        return httpx.get(url, headers=headers, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
