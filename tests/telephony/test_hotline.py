"""The whole hotline, called by a phone: Asterisk, our process, the service, the engine."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.settings import load_settings
from ivr.hearing import open_recogniser
from ivr.hearing.clips import ClipRecogniser
from tests.conftest import Service
from tests.support.components import free_port
from tests.support.servers import answers, wait_until
from tests.support.speech import home, need_model
from tests.telephony.pbx import Pbx
from tests.telephony.phones import Phones
from tests.telephony.sounds import RATE
from yingda.launcher.home import ROOT

PATIENCE_S = 60.0


@dataclass
class Hotline:
    """The running process, and what it says of itself."""

    url: str
    headers: dict[str, str]
    process: subprocess.Popen[bytes]
    environment: dict[str, str]

    async def health(self) -> dict[str, Any]:
        """What operators see."""
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.get(f"{self.url}/health", headers=self.headers)
            return dict(answer.json())

    async def until(self, **states: int) -> None:
        """Wait until calls are in these states."""
        seen: object = None
        try:
            async with asyncio.timeout(PATIENCE_S):
                while seen != states:
                    await asyncio.sleep(0.1)
                    seen = (await self.health())["states"]
        except TimeoutError:
            raise AssertionError(f"not {states} but {seen}") from None

    def open_files(self) -> int:
        """Sockets and files that it holds."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))


@pytest.fixture(scope="module")
def hotline(pbx: Pbx, service: Service) -> Iterator[Hotline]:
    """`ivr.process` behind Asterisk, with a real voice and a real recogniser."""
    need_model("whisper-base")
    need_model("kokoro")
    for kind in ("speech", "voices"):
        link = service.settings.home / kind
        if not link.exists():
            link.symlink_to((home() / kind).absolute())
    port = free_port()
    menu = service.settings.home / "menu.yml"
    text = (ROOT / "ivr" / "menu.yml").read_text("utf-8")
    assert "ring: 25 " in text
    menu.write_text(text.replace("ring: 25 ", "ring: 2 "), "utf-8")
    ours = {
        "YINGDA_IVR_MENU": str(menu),
        "YINGDA_HOME": str(service.settings.home),
        "YINGDA_DEMO": "1",
        "YINGDA_IVR_SERVICE_URL": service.url,
        "YINGDA_ASTERISK": "1",
        "YINGDA_ASTERISK_AGI_PORT": str(pbx.agi_port),
        "YINGDA_ASTERISK_AUDIO_PORT": str(pbx.audio_port),
        "YINGDA_VOICE_ENGINES": "kokoro",
        "YINGDA_SPEECH_RECOGNISER": "whisper",
    }
    log = (service.settings.home / "ivr.log").open("wb")
    process = subprocess.Popen(
        [
            *[sys.executable, "-m", "uvicorn", "ivr.process:create_app", "--factory"],
            *["--host", "127.0.0.1", "--port", str(port), "--no-access-log"],
        ],
        env={**os.environ, **ours},
        cwd=ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(
            lambda: process.poll() is not None or answers(f"{url}/health"),
            300,
            "the hotline did not come up",
        )
        said = (service.settings.home / "ivr.log").read_text("utf-8", "replace")
        assert process.poll() is None, said[-3000:]
        yield Hotline(url, service.internal_headers, process, ours)
    finally:
        process.kill()
        process.wait()


class Speech:
    """Mandarin understood with the engine that the hotline has."""

    def __init__(self) -> None:
        settings = load_settings(
            _env_file=None,
            demo=True,
            home=home(),
            speech_recogniser="whisper",
        )
        recogniser = open_recogniser(settings)
        assert recogniser is not None
        self.ears = ClipRecogniser(recogniser)

    async def understood(self, pcm: bytes) -> str:
        """What a recording says."""
        return await self.ears.recognise(pcm, RATE)


@pytest_asyncio.fixture
async def speech() -> AsyncIterator[Speech]:
    made = Speech()
    yield made
    await made.ears.stop()


async def test_a_caller_is_greeted_is_understood_by_keys_and_leaves_nothing_behind(
    hotline: Hotline, pbx: Pbx, phones: Phones, speech: Speech
) -> None:
    text = ""
    for _ in range(3):  # the first may come before the voice has spoken its prompts ahead
        phone = await phones.carrier()
        await phone.call(pbx.carrier_uri())
        greeting = await phone.listen()
        await phone.tell("digits 1")
        await hotline.until(listening=1)
        await phone.hang_up()
        await hotline.until()
        health = await hotline.health()
        assert health["doors"]["asterisk"]["calls"] == 0
        assert health["calls"] == 0
        text = await speech.understood(greeting)
        if "这里是" in text:
            break
    assert "这里是" in text, text
