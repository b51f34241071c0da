"""The whole hotline, called by a phone: Asterisk, our process, the service, the engine."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from bot.settings import load_settings
from ivr.hearing import open_recogniser
from ivr.hearing.clips import ClipRecogniser
from ivr.voices import open_voice
from tests.conftest import Service
from tests.support.components import free_port
from tests.support.servers import answers, wait_until
from tests.support.speech import home, need_model
from tests.telephony.pbx import Pbx
from tests.telephony.phones import Phone, Phones
from tests.telephony.sounds import RATE, write_wav
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
                while (seen := (await self.health())["states"]) != states:
                    await asyncio.sleep(0.1)
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
    ours = {
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
        [sys.executable, "-m", "uvicorn", "ivr.process:create_app", "--factory"]
        + ["--host", "127.0.0.1", "--port", str(port), "--no-access-log"],
        env={**os.environ, **ours},
        cwd=ROOT,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(
            lambda: process.poll() is not None or answers(f"{url}/health"),
            120,
            "the hotline did not come up",
        )
        text = (service.settings.home / "ivr.log").read_text("utf-8", "replace")
        assert process.poll() is None, text[-3000:]
        yield Hotline(url, service.internal_headers, process, ours)
    finally:
        process.terminate()
        process.wait(20)


class Speech:
    """Mandarin said and understood with the engines that the hotline has."""

    def __init__(self, folder: Path) -> None:
        settings = load_settings(
            _env_file=None,
            demo=True,
            home=home(),
            voice_engines="kokoro",
            speech_recogniser="whisper",
        )
        recogniser = open_recogniser(settings)
        assert recogniser is not None
        self.ears = ClipRecogniser(recogniser)
        self._voice = open_voice(settings)
        self._folder = folder

    async def wav(self, text: str) -> Path:
        """A customer's sentence."""
        pcm = b"".join([sound async for sound in self._voice.speak(text, RATE)])
        return write_wav(self._folder / f"{text}.wav", pcm)

    async def understood(self, pcm: bytes) -> str:
        """What a recording says."""
        return await self.ears.recognise(pcm, RATE)


@pytest_asyncio.fixture
async def speech(tmp_path: Path) -> AsyncIterator[Speech]:
    made = Speech(tmp_path)
    yield made
    await made.ears.stop()


@pytest.fixture
def names(service: Service) -> dict[str, str]:
    """The demo shop's people and their orders."""
    from actions.shop.demo import open_demo_shop, personas

    shop = open_demo_shop(service.settings.home / "shop.db", reseed=False)
    try:
        return personas(shop)
    finally:
        shop._db.close()


async def press(phone: Phone, keys: str) -> None:
    """One key after another, as a person does."""
    await phone.tell(f"digits {keys}")


async def test_a_customer_asks_by_voice_and_hears_where_their_order_is(
    hotline: Hotline,
    pbx: Pbx,
    phones: Phones,
    speech: Speech,
    names: dict[str, str],
) -> None:
    files = hotline.open_files()
    question = await speech.wav("帮我查一下订单")
    phone = await phones.carrier(names["lin.phone"])
    await phone.call(pbx.carrier_uri())
    await hotline.until(listening=1)
    await phone.tell(f"play {question}")
    await hotline.until(number=1)
    await press(phone, names["lin.in_transit.number"] + "#")
    await asyncio.sleep(1)
    await hotline.until(number=1)
    await press(phone, "1")
    await asyncio.sleep(30)
    print(await hotline.health())
    await phone.hang_up()
    await hotline.until()
    print(await speech.understood(await phone.heard()))
    print(files, hotline.open_files())
    async with httpx.AsyncClient(trust_env=False) as client:
        print((await client.get(f"{hotline.url}/figures", headers=hotline.headers)).text)
