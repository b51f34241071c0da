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
from tests.telephony.phones import Phones
from tests.telephony.sounds import RATE, seconds, tone, write_wav
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


@pytest_asyncio.fixture
async def agent(service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """Chen at the desk, with extension 8001, taking conversations."""
    password = service.settings.require_secret("demo_desk_password")
    async with (
        httpx.AsyncClient(base_url=f"{service.url}/api/desk", trust_env=False) as admin,
        httpx.AsyncClient(base_url=f"{service.url}/api/desk", trust_env=False) as chen,
    ):
        for client, login in ((admin, "admin"), (chen, "chen")):
            body = {"login": login, "password": password, "token": True}
            answer = await client.post("/login", json=body)
            client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        staff = (await admin.get("/agents", params={"all": True})).json()
        rows = staff["agents"] if isinstance(staff, dict) else staff
        ours = next(row["id"] for row in rows if row.get("login") == "chen")
        changed = await admin.patch(f"/agents/{ours}", json={"extension": "8001"})
        assert changed.status_code == 200, changed.text
        present = await chen.put("/me/presence", json={"presence": "online"})
        assert present.status_code == 200, present.text
        yield chen
        await chen.put("/me/presence", json={"presence": "offline"})


async def test_a_customer_asks_by_voice_proves_by_keys_and_hears_where_the_order_is(
    hotline: Hotline, pbx: Pbx, phones: Phones, speech: Speech, names: dict[str, str]
) -> None:
    question = await speech.wav("帮我查一下订单")
    phone = await phones.carrier(names["lin.phone"])
    await phone.call(pbx.carrier_uri())
    greeting = await phone.listen()
    await phone.tell(f"play {question}")
    asked = await phone.listen()
    await phone.tell(f"digits {names['lin.in_transit.number']}")
    await phone.listen()
    await phone.tell("digits 1")
    await phone.listen()
    await phone.tell(f"digits {names['lin.tail']}")
    status = await phone.listen()
    await phone.hang_up()
    await hotline.until()
    heard = [await speech.understood(pcm) for pcm in (greeting, asked, status)]
    assert "智能客服" in heard[0], heard
    assert "订单" in heard[1], heard
    assert any(word in heard[2] for word in ("运输", "快递", "发货", "物流", "派送")), heard


async def test_pressing_0_reaches_the_agent_s_telephone_with_sound_both_ways(
    hotline: Hotline, pbx: Pbx, phones: Phones, agent: httpx.AsyncClient, tmp_path: Path
) -> None:
    customer, desk_phone = await phones.carrier(), await phones.extension("8001")
    await customer.call(pbx.carrier_uri())
    await hotline.until(greeting=1)
    await customer.tell("digits 0")
    await desk_phone.until("rung", timeout_s=PATIENCE_S)
    await desk_phone.tell("answer")
    await desk_phone.until("sound")
    await asyncio.sleep(0.7)
    await customer.tell(f"play {write_wav(tmp_path / 'c.wav', tone(1000.0, 1.0))}")
    await desk_phone.tell(f"play {write_wav(tmp_path / 'a.wav', tone(1700.0, 1.0))}")
    await asyncio.sleep(1.6)
    await desk_phone.hang_up()
    await customer.until_over()
    await hotline.until()
    assert seconds(await customer.heard(), 1700.0) == pytest.approx(1.0, abs=0.2)
    assert seconds(await desk_phone.heard(), 1000.0) == pytest.approx(1.0, abs=0.2)


async def test_when_the_agent_does_not_pick_up_the_assistant_says_so_and_goes_on(
    hotline: Hotline,
    pbx: Pbx,
    phones: Phones,
    speech: Speech,
    agent: httpx.AsyncClient,
) -> None:
    files = hotline.open_files()
    customer, desk_phone = await phones.carrier(), await phones.extension("8001")
    await customer.call(pbx.carrier_uri())
    await hotline.until(greeting=1)
    await customer.tell("digits 0")
    await desk_phone.until("rung", timeout_s=PATIENCE_S)
    await desk_phone.until_over()
    apology = await customer.listen()
    await hotline.until(listening=1)
    await customer.hang_up()
    await hotline.until()
    assert "接" in await speech.understood(apology)
    assert hotline.open_files() <= files
