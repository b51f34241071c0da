"""The desk's pages of upset customers in a real browser: cases, a case's end, causes, the record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
import uvicorn
from argon2 import PasswordHasher
from fastapi import FastAPI
from playwright.async_api import Browser, Page, expect

from bot.care import Action
from bot.conversations import FileStore
from bot.desk import Desk, NewAgent, Passwords, Role, build_desk
from bot.desk.web import build_web
from bot.records.tables import conversations
from tests.bot.care.conftest import House
from tests.bot.care.test_week import GLAD, LATE_PARCEL, LIGHT, MEDIUM, SEVERE
from tests.channels.app_chat.browser import ARTIFACTS, DESKTOP, PHONE, WATCH, chromium
from tests.support.clock import TestClock
from tests.support.components import free_port

KEY = "0123456789abcdef-test-key-of-the-desk"
PASSWORD = "wo-de-mima-2026"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PROFILE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def clock() -> TestClock:
    """Now, as the browser knows it."""
    return TestClock()


@pytest_asyncio.fixture
async def browser() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with chromium() as started:
        yield started


@dataclass
class Office:
    """A desk with a service of upset customers behind it."""

    house: House
    url: str
    lead: str


@asynccontextmanager
async def office(house: House) -> AsyncIterator[Office]:
    """The desk behind uvicorn, a supervisor and two agents with a log-in."""
    one = house.one
    desk = Desk(
        house.database,
        one.handoffs.bus,
        house.shop,
        house.clock,
        one.handoffs,
        FileStore(house.database, KEY, house.clock),
        KEY,
        passwords=Passwords(CHEAP),
        care=one.care,
    )
    ids = []
    for login, name, role in (
        ("chen", "陈主管", Role.SUPERVISOR),
        ("li", "小李", Role.AGENT),
        ("zhou", "小周", Role.AGENT),
    ):
        agent = await desk.people.add_hashed(NewAgent(login, name, role), CHEAP.hash(PASSWORD))
        await one.handoffs.set_presence(agent, "online")
        ids.append(agent)
    app = FastAPI()
    app.state.desk = desk
    app.include_router(build_desk())
    app.include_router(build_web())
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None))
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    await desk.start()
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.01)
    yield Office(house, f"http://127.0.0.1:{port}", ids[0])
    server.should_exit = True
    await desk.stop()
    await running


async def at_desk(
    browser: Browser, office: Office, login: str, place: str, viewport: dict[str, int] = DESKTOP
) -> tuple[Page, list[str]]:
    """Somebody's desk at a place, and the faults that its page reports."""
    profile = await browser.new_context(viewport=viewport, **PROFILE)
    page = await profile.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("console", lambda line: faults.append(line.text) if line.type == "error" else None)
    await page.add_init_script(WATCH)
    await page.goto(f"{office.url}/desk#/{place}")
    await page.get_by_label("账号").fill(login)
    await page.get_by_label("密码").fill(PASSWORD)
    await page.get_by_role("button", name="登录").click()
    return page, faults


async def check(page: Page, faults: list[str]) -> None:
    """Nothing went wrong, and nothing sticks out sideways."""
    assert await page.evaluate("window.violations") == []
    assert [fault for fault in faults if "401" not in fault] == []
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(wide) == 0
    await page.context.close()


async def picture(page: Page, name: str) -> None:
    """Keep a screenshot for a person to look at."""
    ARTIFACTS.mkdir(exist_ok=True)
    await page.screenshot(path=ARTIFACTS / f"{name}.png")


async def upset(house: House) -> None:
    """Customers of every level, some of them late."""
    await house.say("old", LIGHT, "C000002")
    house.clock.advance(minutes=-30)
    await house.say("late", LATE_PARCEL, "C000003")
    house.clock.advance(minutes=30)
    await house.say("severe", SEVERE, "C000001")
    await house.say("medium", MEDIUM)
    await house.say("light", LIGHT)
    await house.say("glad", LIGHT)
    await house.say("glad", GLAD)
    await house.one.care.run_once()


async def test_a_supervisor_sees_who_is_late_plans_compensates_and_ends_a_case(
    house: House, browser: Browser
) -> None:
    async with office(house) as place:
        house.clock.advance(hours=-2)
        await house.say("late", LATE_PARCEL, "C000003")
        house.clock.advance(hours=2)
        await upset(house)
        page, faults = await at_desk(browser, place, "chen", "care")
        rows = page.locator(".case-row")
        await expect(rows).to_have_count(5)
        await expect(rows.first).to_have_attribute("data-late", "")
        await expect(rows.first).to_contain_text("升级")
        await picture(page, "care-desktop")
        await page.get_by_role("button", name="重度").click()
        await rows.first.click()
        await expect(page.locator(".case-detail")).to_contain_text("24 小时回访")
        await page.get_by_role("button", name="联系客户并给方案").click()
        window = page.locator("dialog[open]")
        await window.get_by_label("具体方案").fill("今天 18 点前原路退款，并补偿 50 元。")
        await window.get_by_role("button", name="保存").click()
        await expect(page.locator(".steps")).to_contain_text("今天 18 点前原路退款")
        assert "今天 18 点前原路退款" in (await house.told("severe"))[-1]
        await page.get_by_role("button", name="补偿券").click()
        window = page.locator("dialog[open]")
        await window.get_by_label("金额").fill("50")
        await window.get_by_role("button", name="发放").click()
        await expect(page.locator(".steps")).to_contain_text("发放 50 元补偿券")
        await picture(page, "care-case-desktop")
        await page.get_by_role("button", name="结束个案").click()
        window = page.locator("dialog[open]")
        await window.get_by_label("说明").fill("已退款")
        await window.get_by_role("button", name="结束", exact=True).click()
        await expect(page.locator(".case-detail")).to_contain_text("观察中")
        await check(page, faults)


async def test_the_pages_fit_a_phone(house: House, browser: Browser) -> None:
    async with office(house) as place:
        await upset(house)
        page, faults = await at_desk(browser, place, "chen", "care", PHONE)
        await expect(page.locator(".case-row").first).to_be_visible()
        await picture(page, "care-phone")
        await page.locator(".case-row").first.click()
        await expect(page.locator(".steps li").first).to_be_visible()
        await picture(page, "care-case-phone")
        await page.goto(f"{place.url}/desk#/causes")
        await expect(page.locator(".cause").first).to_be_visible()
        await picture(page, "causes-phone")
        await check(page, faults)


async def test_the_weeks_causes_name_the_first_three_with_masked_sentences(
    house: House, browser: Browser
) -> None:
    async with office(house) as place:
        house.clock.advance(days=-7)
        await house.say("before", MEDIUM)
        house.clock.advance(days=7)
        await upset(house)
        page, faults = await at_desk(browser, place, "chen", "causes")
        first = page.get_by_role("region", name="物流慢")
        await expect(first).to_contain_text("第 1")
        await expect(first).to_contain_text("承运商")
        await expect(first).to_contain_text("等了十天快递还没到")
        await expect(page.get_by_role("link", name="导出 CSV")).to_be_visible()
        await picture(page, "causes-desktop")
        await page.get_by_role("button", name="上一周").click()
        await expect(page.locator(".cause")).to_have_count(1)
        await check(page, faults)


async def test_an_agent_knows_the_record_before_answering(house: House, browser: Browser) -> None:
    async with office(house) as place:
        house.clock.advance(days=-2)
        await house.say("a", MEDIUM, "C000001")
        case = await house.case_of("a")
        plan = Action("plan", "补发一口锅", house.clock() + timedelta(hours=3))
        await house.one.care.act(case.id, case.owner_id, plan)
        told = Action("feedback", "", feedback="收到新锅了，谢谢")
        await house.one.care.act(case.id, case.owner_id, told)
        await house.one.care.end(case.id, case.owner_id, "settled", "")
        house.clock.advance(days=2)
        await house.say("b", "转人工", "C000001")
        conversation = next(
            row.id for row in await house.rows(conversations) if row.external_id == "b"
        )
        await house.one.handoffs.take(conversation, place.lead)
        page, faults = await at_desk(browser, place, "chen", f"c/{conversation}")
        record = page.get_by_role("region", name="情绪档案")
        await expect(record).to_contain_text("曾因商品质量中度不满")
        await expect(record).to_contain_text("收到新锅了，谢谢")
        await expect(record).to_contain_text("补发一口锅")
        await picture(page, "care-record")
        await check(page, faults)
