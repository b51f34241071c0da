"""The browser phone in Chromium, with a recording for a microphone; a real hotline behind it.

Engines are stand-ins (a tone for a voice, a list for a recogniser): they have tests of their own.
"""

from __future__ import annotations

import asyncio
import json
import math
import struct
import wave
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from bot.settings import load_settings
from channels.phone import web
from ivr.call import load_menu
from ivr.call.trace import State
from ivr.process import Parts
from ivr.process import create_app as create_hotline
from tests.channels.app_chat.browser import ARGUMENTS, ARTIFACTS
from tests.channels.app_chat.scripted_engine import ScriptedEngine
from tests.ivr.call.world import FakeRecogniser, LoudVad
from tests.support.components import free_port, need
from tests.support.servers import LiveApp
from yingda.app import create_app


class ToneVoice:
    """40 ms a character."""

    name = "tone"

    async def speak(self, text: str, rate: int, pace: float = 1.0) -> AsyncIterator[bytes]:
        count = rate * 40 * len(text) // 1000
        yield b"".join(
            struct.pack("<h", int(3000 * math.sin(n * 2 * math.pi * 440 / rate)))
            for n in range(count)
        )

    async def kept(self, text: str, rate: int) -> bytes | None:
        return None


class Vads:
    def open(self, rate: int) -> LoudVad:
        return LoudVad()


@dataclass
class Hotline:
    url: str
    service: LiveApp
    ivr: LiveApp
    recogniser: FakeRecogniser
    token: str
    engine: ScriptedEngine

    def calls(self) -> int:
        return int(self.ivr.app.state.hotline.up)  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def hotline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotline]:
    engine = ScriptedEngine()
    mind = LiveApp(engine.app)
    mind.start()
    settings = load_settings(
        _env_file=None,
        demo=True,
        home=tmp_path_factory.mktemp("home"),
        engine_url=mind.url,
        port=free_port(),
        ivr_port=free_port(),
    )
    recogniser = FakeRecogniser(["我的快递到哪了"], 0.05)
    parts = Parts(load_menu(), ToneVoice(), recogniser, Vads(), str)  # type: ignore[arg-type]
    service = LiveApp(lambda: create_app(settings), settings.port)
    service.start()
    app = create_hotline(settings, parts)
    ivr = LiveApp(lambda: app, settings.ivr_port)
    ivr.app = app  # type: ignore[attr-defined]
    ivr.start()
    token = settings.require_secret("internal_token")
    yield Hotline(service.url, service, ivr, recogniser, token, engine)
    ivr.stop()
    service.stop()
    mind.stop()


def microphone(folder: Path) -> Path:
    """Three seconds of quiet, a second of something loud, and quiet again."""
    path = folder / "microphone.wav"
    rate = 48000
    loud = b"".join(
        struct.pack("<h", int(9000 * math.sin(n / 30) * math.sin(n / 4000)))
        for n in range(int(rate * 1.2))
    )
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(b"\0\0" * rate * 6 + loud + b"\0\0" * rate * 20)
    return path


@pytest_asyncio.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    sound = microphone(tmp_path)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=need("Chromium", "chromium", "chromium-browser"),
            args=[
                *ARGUMENTS,
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
                f"--use-file-for-fake-audio-capture={sound}%noloop",
                "--autoplay-policy=no-user-gesture-required",
            ],
        )
        context = await browser.new_context(viewport={"width": 420, "height": 820}, locale="zh-CN")
        yield await context.new_page()
        await browser.close()


async def test_one_calls_speaks_reads_along_presses_keys_and_hangs_up(
    hotline: Hotline, page: Page
) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    await page.goto(f"{hotline.url}/phone")
    await page.screenshot(path=ARTIFACTS / "phone-idle.png")
    await page.get_by_role("button", name="拨打").click()
    await page.locator("li.bot", has_text="请问有什么可以帮您").wait_for()
    await page.locator("li.you", has_text="我的快递到哪了").wait_for(timeout=60_000)
    await page.locator("li.bot", has_text="收到：我的快递到哪了").wait_for()
    await page.screenshot(path=ARTIFACTS / "phone-talking.png")
    await page.keyboard.press("2")
    await page.locator("li.bot", has_text="收到：查一下我的积分").wait_for()
    assert hotline.calls() == 1
    await page.get_by_role("button", name="挂断").click()
    await page.get_by_text("通话已结束").first.wait_for()
    await _until(lambda: hotline.calls() == 0)
    assert faults == []
    await page.get_by_role("button", name="拨打").click()
    await page.locator("li.bot", has_text="请问有什么可以帮您").wait_for()
    await page.get_by_role("button", name="井号，结束").click()
    await page.locator("li.bot", has_text="感谢您的来电").wait_for()
    await page.get_by_text("通话已结束").first.wait_for()
    await _until(lambda: hotline.calls() == 0)


async def test_without_a_microphone_one_can_still_press_keys(hotline: Hotline) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=need("Chromium", "chromium", "chromium-browser"), args=ARGUMENTS
        )
        page = await (await browser.new_context(locale="zh-CN")).new_page()
        await page.goto(f"{hotline.url}/phone")
        await page.get_by_role("button", name="拨打").click()
        await page.get_by_text("没有拿到麦克风").wait_for()
        await page.locator("li.bot", has_text="请问有什么可以帮您").wait_for()
        await page.get_by_role("button", name="4，门店").click()
        await page.locator("li.bot", has_text="收到：附近有哪些门店").wait_for()
        await browser.close()
    await _until(lambda: hotline.calls() == 0)


@pytest.mark.parametrize(
    "frame",
    [
        b"\0" * 6401,
        b"\0" * 321,
        b"\0" * 20_000,
        "no json",
        json.dumps({"type": "key", "key": "A"}),
        json.dumps({"type": "transfer", "to": "8001"}),
        json.dumps(["key"]),
        "x" * 300,
    ],
    ids=["too long", "half a sample", "far too long", "no json", "no key", "kind", "list", "text"],
)
async def test_a_hostile_browser_is_hung_up_and_leaves_nothing(
    hotline: Hotline, frame: bytes | str
) -> None:
    async with connect(_ws(hotline), additional_headers=_ours(hotline)) as socket:
        await socket.send(frame)
        assert await _closed(socket)
    await _until(lambda: hotline.calls() == 0)


async def test_sound_faster_than_time_is_no_microphones(hotline: Hotline) -> None:
    async with connect(_ws(hotline), additional_headers=_ours(hotline)) as socket:
        try:
            for _ in range(200):
                await socket.send(b"\0" * 6400)
        except ConnectionClosed:
            pass
        assert await _closed(socket)
    await _until(lambda: hotline.calls() == 0)


async def test_other_sites_and_strangers_get_no_line(hotline: Hotline) -> None:
    page = f"{hotline.url.replace('http', 'ws')}/phone/ws"
    for origin in (None, "https://evil.example"):
        async with connect(page, origin=origin) as socket:  # type: ignore[arg-type]
            assert await _closed(socket) == 4403
    with pytest.raises(Exception, match="403"):
        async with connect(_ws(hotline)):
            pass
    assert hotline.calls() == 0


async def test_a_flood_of_calls_from_one_address_is_refused(hotline: Hotline) -> None:
    page = f"{hotline.url.replace('http', 'ws')}/phone/ws"
    before = len(asyncio.all_tasks())
    sockets: list[Any] = []
    codes = []
    for _ in range(8):
        socket = await connect(page, origin=hotline.url, max_queue=None)  # type: ignore[arg-type]
        sockets.append(socket)
    await asyncio.sleep(0.5)
    for socket in sockets:
        if socket.close_code is not None:
            codes.append(socket.close_code)
    assert codes and set(codes) == {4429}
    assert hotline.calls() <= 5
    for socket in sockets:
        await socket.close()
    await _until(lambda: hotline.calls() == 0)
    await asyncio.sleep(0.2)
    assert len(asyncio.all_tasks()) <= before


def _ws(hotline: Hotline) -> str:
    return f"{hotline.ivr.url.replace('http', 'ws')}/phone/ws"


def _ours(hotline: Hotline) -> dict[str, str]:
    return {"Authorization": f"Bearer {hotline.token}"}


async def _closed(socket: Any) -> int | None:
    try:
        async with asyncio.timeout(20):
            while True:
                await socket.recv()
    except ConnectionClosed:
        return int(socket.close_code)


async def _until(done: Any) -> None:
    async with asyncio.timeout(20):
        while not done():  # noqa: ASYNC110 - it is another thread that changes
            await asyncio.sleep(0.05)


def test_every_state_of_a_call_has_words_on_the_page() -> None:
    page = (Path(web.__file__).parent / "page" / "phone.js").read_text("utf-8")
    table = page.split("const STATES = {")[1].split("};")[0]
    named = {line.split(":")[0].strip() for line in table.splitlines() if ":" in line}
    assert named == {state.value for state in State} - {State.OVER.value}
