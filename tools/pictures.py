"""Make the pictures of docs/images anew, from the demo as it is now.

    make pictures            # or: .venv/bin/python -m tools.pictures [--only desk]

Runs a demo of its own (another home, free ports) on a simulated month, lets customers and an agent
talk in Chromium, and takes the pictures; takes about three minutes. Needs `make setup-dev`, a
trained model (`yingda train`) and Chromium. Nothing of a running Yingda is touched.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.async_api import Browser, Page, expect

from tests.channels.app_chat.browser import DESKTOP, Visit, chromium
from tests.support.components import free_port
from tools.small_png import small
from yingda.launcher import ROOT, configure

IMAGES = ROOT / "docs" / "images"
HISTORY = ["--days", "30", "--customers", "1200", "--seed", "1"]
PATIENCE_S = 300
PROFILE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
YINGDA = Path(sys.executable).parent / "yingda"
PASSWORD = "with the password"  # noqa: S105 (the line of `yingda up` that says it)


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """A demo with a past: its URL, and the password of its agents."""
    models = configure.home().path / "models"
    with tempfile.TemporaryDirectory(prefix="yingda-pictures-") as folder:
        home = Path(folder)
        if models.exists():
            shutil.copytree(models, home / "models")
        environment = os.environ | {"YINGDA_HOME": folder}
        simulate = [YINGDA, "simulate", *HISTORY]
        subprocess.run(simulate, env=environment, cwd=ROOT, check=True)  # noqa: S603 (ours)
        port, engine = free_port(), free_port()
        command = [YINGDA, "up", "--demo", "--port", str(port), "--engine-port", str(engine)]
        said = home / "up.txt"
        with said.open("wb") as out:
            stack = subprocess.Popen(  # noqa: S603 (ours)
                command, env=environment, cwd=ROOT, stdout=out, stderr=out
            )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(stack, f"{url}/health", said)
            (line,) = [line for line in said.read_text().splitlines() if PASSWORD in line]
            yield url, line.split()[-1]
        finally:
            stack.send_signal(signal.SIGINT)
            stack.wait(60)


def _wait(stack: subprocess.Popen[bytes], health: str, said: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while PASSWORD not in said.read_text() or not _healthy(health):
        if stack.poll() is not None or time.monotonic() > until:
            raise SystemExit(f"the demo did not come up:\n{said.read_text()[-2000:]}")
        time.sleep(1)


def _healthy(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


class Studio:
    """A browser before the demo's pages."""

    def __init__(self, browser: Browser, url: str, password: str) -> None:
        self._browser = browser
        self._url = url
        self._password = password

    async def desk(self, login: str) -> Page:
        """Somebody at the desk, online."""
        profile = await self._browser.new_context(viewport=DESKTOP, **PROFILE)
        page = await profile.new_page()
        await page.goto(f"{self._url}/desk")
        await page.get_by_label("账号").fill(login)
        await page.get_by_label("密码").fill(self._password)
        await page.get_by_role("button", name="登录").click()
        await expect(page.get_by_label("我的状态")).to_have_value("online")
        return page

    async def customer(self, member: str = "") -> Visit:
        """A visitor or member with the chat open."""
        profile = await self._browser.new_context(viewport=DESKTOP, **PROFILE)
        visit = await Visit.to(profile, self._url)
        if member:
            await visit.page.get_by_label("以演示会员身份登录").select_option(member)
        await visit.open()
        return visit

    async def reports(self) -> Page:
        """The reports from top to bottom."""
        page = await self.desk("chen")
        await page.goto(f"{self._url}/desk#/reports")
        await page.locator(".rp canvas").first.wait_for()
        await page.get_by_role("heading", name="不计入的会话").wait_for()
        height = await page.locator("main.page").evaluate("page => page.scrollHeight")
        await page.set_viewport_size({"width": DESKTOP["width"], "height": height})
        await page.mouse.move(0, 0)
        await page.wait_for_timeout(1500)  # charts take their new width
        return page

    async def at_work(self) -> Page:
        """An agent with five conversations, answering the angriest customer."""
        page = await self.desk("zhou")
        lin = await self.customer("lin")
        await _ask(lin, "我的退款什么时候到")
        await _ask(lin, "都五天了，你们怎么回事，我要投诉")
        await page.locator(".item-open").first.click()
        reply = page.get_by_label("输入回复")
        await reply.wait_for()
        words = "您好，我是小周。您和小禾的对话我都看到了，我现在就去催，今天 18 点前给您准信。"
        await reply.fill(words)
        await reply.press("Enter")
        await lin.hear("今天 18 点前")
        await page.keyboard.press("Alt+n")
        await reply.fill("财务已加急，单号 F-2231，18 点前回电。")
        await reply.press("Enter")
        await page.locator(".note").wait_for()
        await page.keyboard.press("Alt+n")
        for member, said in (
            ("wang", "我的快递到哪了"),
            ("diamond", "我的积分有多少"),
            ("", "你们几点下班"),
            ("", "支持七天无理由吗"),
        ):
            visit = await self.customer(member)
            await _ask(visit, said)
            await _ask(visit, "转人工")
        await lin.say("好的，谢谢你")
        await page.locator(".log .bubble", has_text="好的，谢谢你").wait_for()
        await page.mouse.move(0, 0)
        await lin.input.press_sequentially("还有")
        await expect(page.locator(".item")).to_have_count(5)
        await expect(page.locator(".toast")).to_have_count(0, timeout=30_000)
        await lin.input.press_sequentially("一件事")
        await page.get_by_text("客户正在输入").wait_for()
        return page

    async def answered(self) -> Page:
        """A visitor who has proved to know an order, and sees where it is."""
        visit = await self.customer()
        answer = await visit.page.request.get(f"{self._url}/demo/shop")
        order = (await answer.json())["orders"][0]
        for words in ("我的快递到哪了", order["number"], order["tail"]):
            await _ask(visit, words)
        await visit.page.locator("yingda-chat .card").wait_for()
        await visit.page.mouse.move(0, 0)
        await visit.page.wait_for_timeout(500)
        return visit.page


async def _ask(visit: Visit, words: str) -> None:
    """Say something and wait for what comes back."""
    answers = visit.page.locator("yingda-chat .confirmed .row:not(.customer)")
    before = await answers.count()
    await visit.say(words)
    await expect(answers.nth(before)).to_be_visible()


PICTURES = {"reports": Studio.reports, "desk": Studio.at_work, "widget": Studio.answered}


async def _take(url: str, password: str, wanted: list[str], into: Path) -> None:
    async with chromium() as browser:
        studio = Studio(browser, url, password)
        for name in wanted:
            page = await PICTURES[name](studio)
            png = small(await page.screenshot())
            await page.context.close()
            (into / f"{name}.png").write_bytes(png)
            print(f"{into / name}.png  {len(png) / 1024:.0f} KB")


def main() -> None:
    """Take the pictures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=list(PICTURES), help="one of them")
    parser.add_argument("--into", type=Path, default=IMAGES, help="folder; default docs/images")
    chosen = parser.parse_args()
    with demo() as (url, password):
        wanted = [chosen.only] if chosen.only else list(PICTURES)
        asyncio.run(_take(url, password, wanted, chosen.into))


if __name__ == "__main__":
    main()
