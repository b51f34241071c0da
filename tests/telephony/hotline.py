"""The whole hotline as a process behind an Asterisk: real recogniser, real voice, a real service."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.components import free_port
from tests.support.servers import answers, wait_until
from tests.telephony.pbx import Pbx
from yingda.launcher.home import ROOT

PATIENCE_S = 90.0


@dataclass
class Hotline:
    """The running process, and what it says of itself."""

    url: str
    headers: dict[str, str]
    process: subprocess.Popen[bytes]

    async def health(self) -> dict[str, Any]:
        """What operators see."""
        return await self._get("/health")

    async def figures(self) -> list[dict[str, Any]]:
        """How long things took in the calls that ended last, the newest last."""
        return list((await self._get("/figures"))["calls"])

    async def until(self, **states: int) -> None:
        """Wait until calls are in these states; none: until there is no call."""
        seen: object = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while seen != states:
                    await asyncio.sleep(0.1)
                    seen = (await self.health())["states"]
        except TimeoutError:
            raise AssertionError(f"not {states} but {seen}") from None

    async def until_idle(self) -> None:
        """Wait until nothing is left of any call, here and in the door."""
        await self.until()
        health: dict[str, Any] = {}
        try:
            async with asyncio.timeout(PATIENCE_S):
                while health.get("calls") != 0 or health["doors"]["asterisk"]["calls"] != 0:
                    await asyncio.sleep(0.1)
                    health = await self.health()
        except TimeoutError:
            raise AssertionError(f"calls are left: {health}") from None

    def open_files(self) -> int:
        """Sockets and files that it holds."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    async def _get(self, path: str) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{self.url}{path}", headers=self.headers)
            return dict(answer.json())


@contextmanager
def hotline_behind(
    pbx: Pbx, service_url: str, token: str, home: Path, settings: Mapping[str, str] | None = None
) -> Iterator[Hotline]:
    """`ivr.process` behind this Asterisk, with Whisper and Kokoro unless told otherwise.

    Args:
        pbx: the exchange.
        service_url: the service that answers.
        token: the internal token of both.
        home: a run-time folder with ``speech`` and ``voices``; its log goes there, too.
        settings: more environment variables.
    """
    port = free_port()
    ours = {
        "YINGDA_HOME": str(home),
        "YINGDA_DEMO": "1",
        "YINGDA_INTERNAL_TOKEN": token,
        "YINGDA_IVR_SERVICE_URL": service_url,
        "YINGDA_ASTERISK": "1",
        "YINGDA_ASTERISK_AGI_PORT": str(pbx.agi_port),
        "YINGDA_ASTERISK_AUDIO_PORT": str(pbx.audio_port),
        "YINGDA_VOICE_ENGINES": "kokoro",
        "YINGDA_SPEECH_RECOGNISER": "whisper",
        **(settings or {}),
    }
    log = home / "ivr.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [
                *[sys.executable, "-m", "uvicorn", "ivr.process:create_app", "--factory"],
                *["--host", "127.0.0.1", "--port", str(port), "--no-access-log"],
            ],
            env={**os.environ, **ours},
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(
            lambda: process.poll() is not None or answers(f"{url}/health"),
            300,
            "the hotline did not come up",
        )
        assert process.poll() is None, log.read_text("utf-8", "replace")[-3000:]
        yield Hotline(url, {"Authorization": f"Bearer {token}"}, process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
