"""How it is served and laid out: policy, sizes, a phone, a screen reader."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, expect

import bot.desk.web
from tests.bot.desk.web.desks import ANGRY, DeskPage, Staff, customer, get_angry, with_customer
from tests.channels.app_chat.browser import DESKTOP, PHONE
from tests.conftest import Service

PAGE = Path(bot.desk.web.__file__).parent / "page"
FILES = sorted(path for path in PAGE.rglob("*.*") if path.parent.name != "vendor")
WIDE = {"width": 1920, "height": 1000}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(PAGE).as_posix())
def test_no_file_needs_a_lax_policy(path: Path) -> None:
    text = path.read_text("utf-8")
    forbidden = {
        ".js": r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|https?://(?!www\.w3\.org)",
        ".html": r"<style|style=|<script>|\son\w+=|https?://",
        ".css": r"@import|url\(|https?://",
        ".svg": r"<script|<style|style=|\son\w+=|href=",
    }
    found = re.search(forbidden[path.suffix], text)
    assert found is None, found


def test_the_page_is_served_under_a_strict_policy(service: Service) -> None:
    for path in ("/desk", "/desk/", "/desk/main.js", "/desk/base.css", "/desk/logo.svg"):
        answer = httpx.get(f"{service.url}{path}", trust_env=False)
        assert answer.status_code == 200
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert "require-trusted-types-for 'script'" in policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    for name in ("__init__.py", "..%2f__init__.py", "nothing.js"):
        assert httpx.get(f"{service.url}/desk/{name}", trust_env=False).status_code == 404


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("viewport", [DESKTOP, WIDE, PHONE], ids=["1280", "1920", "390"])
async def test_no_page_scrolls_sideways(
    browser: Browser, service: Service, staff: Staff, viewport: dict[str, int]
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire("admin"), viewport)
    visit = await customer(browser, service, "lin")
    await visit.say("我的订单到哪了")
    await get_angry(visit)
    await desk.tab("排队").click()  # an administrator is given nobody, and may take
    await desk.picture(f"desk-{viewport['width']}-queue")
    await desk.items.first.get_by_role("button", name="接待").click()
    await expect(desk.said(ANGRY)).to_be_visible()
    await expect(desk.input).to_be_visible()
    await desk.say("很长的一个网址：" + "x" * 300)
    await visit.hear("很长的一个网址")
    await desk.check()
    await desk.picture(f"desk-{viewport['width']}")
    if viewport is PHONE:
        await desk.page.get_by_role("button", name="客户资料").click()
        await expect(desk.page.get_by_role("region", name="最近订单")).to_be_visible()
        await desk.check()
        await desk.picture("desk-390-customer")
        await desk.page.get_by_role("button", name="回到对话").click()
    await desk.end()
    for place in ("", "cases", "canned", "wall", "agents", "audit", "me"):
        await desk.page.goto(f"{service.url}/desk#/{place}")
        await expect(desk.page.locator(".loading:visible")).to_have_count(0)
        await desk.check()
        await desk.picture(f"desk-{viewport['width']}-{place or 'list'}")
    await visit.check()
    await desk.leave()


@pytest.mark.asyncio(loop_scope="module")
async def test_an_agent_reaches_everything_on_a_small_phone(
    browser: Browser, service: Service, staff: Staff
) -> None:
    small = {"width": 375, "height": 667}
    desk = await DeskPage.at_work(browser, service, staff.hire(), small)
    box = await desk.page.get_by_role("button", name="退出").bounding_box()
    assert box is not None and box["x"] + box["width"] <= small["width"]
    visit = await customer(browser, service)
    await get_angry(visit)
    note = await desk.page.locator(".toast").first.bounding_box()
    await desk.take_up(ANGRY)
    head = await desk.page.locator(".talk-head").bounding_box()
    assert note is not None and head is not None
    assert note["y"] >= head["y"] + head["height"]  # it covers nothing that can be decided
    await desk.end()
    await visit.check()
    await desk.leave()


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
@pytest.mark.parametrize("width", [320, 375, 430, 600])
async def test_nothing_of_the_bar_is_out_of_sight_on_a_phone(
    browser: Browser, service: Service, staff: Staff, role: str, width: int
) -> None:
    desk = await DeskPage.at_work(
        browser, service, staff.hire(role), {"width": width, "height": 667}
    )
    rail = desk.page.get_by_role("navigation", name="工作台")
    hidden = await rail.evaluate(
        """(rail) => [...rail.querySelectorAll("a, button, select")].filter((one) => {
          const { left, right, top, bottom } = one.getBoundingClientRect();
          return left < 0 || top < 0 || right > innerWidth || bottom > innerHeight;
        }).map((one) => one.textContent)"""
    )
    assert hidden == []
    assert await rail.evaluate("(rail) => rail.scrollWidth - rail.clientWidth") == 0
    assert await rail.evaluate("(rail) => rail.scrollHeight - rail.clientHeight") == 0
    await desk.picture(f"desk-{width}-bar-{role}")
    await desk.leave()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_screen_reader_finds_its_way(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await with_customer(browser, service, staff)
    await expect(desk.log).to_have_attribute("aria-live", "polite")
    nameless = await desk.page.evaluate(
        """() => [...document.querySelectorAll("button, a, input, select, textarea")]
          .filter((one) => one.offsetParent)
          .filter((one) => !(one.ariaLabel || one.textContent.trim() || one.title || one.labels?.length))
          .map((one) => one.outerHTML)"""
    )
    assert nameless == []
    await desk.page.keyboard.press("Tab")
    ring = await desk.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none"
    window = await desk.do("结束会话")
    await expect(window.get_by_label("处理结果")).to_be_focused()
    await window.get_by_role("button", name="结束会话").click()
    await visit.check()
    await desk.leave()
