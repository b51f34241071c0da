"""A supervisor sees everything live, whispers, takes over, and is alarmed."""

from __future__ import annotations

import asyncio
import re
from itertools import count

import httpx
import pytest
from playwright.async_api import Browser, expect

from tests.bot.desk.web.desks import ANGRY, DeskPage, Staff, customer, get_angry, with_customer
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_supervisor_listens_whispers_and_takes_over(
    browser: Browser, service: Service, staff: Staff
) -> None:
    agent = staff.hire()
    desk = await DeskPage.at_work(browser, service, agent)
    desk.may_fail += ("403",)  # after the take-over it is told whose the conversation is
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    await desk.say("您好，请讲")
    await visit.hear("您好，请讲")

    lead = await DeskPage.at_work(browser, service, staff.hire("supervisor"))
    await lead.page.get_by_role("link", name="监控").click()
    row = lead.page.get_by_role("row", name=agent.name).filter(has_text="您好，请讲")
    await expect(row).to_be_visible()
    await expect(lead.page.locator(".tile", has_text="人工接待中").locator("b")).not_to_have_text(
        "0"
    )
    await lead.picture("supervisor")
    await row.get_by_role("button", name="打开").click()
    await expect(lead.said("您好，请讲")).to_be_visible()
    await expect(lead.page.locator(".talk-sub")).to_contain_text("静默旁听中")
    await expect(lead.page.get_by_role("button", name="结束会话")).to_have_count(0)

    for name in ("快捷回复", "图片/文件"):  # what is for the customer is not offered
        await expect(lead.page.locator(".tools").get_by_role("button", name=name)).to_be_hidden()
    await lead.say("可以给他 20 元补偿券")
    await expect(lead.log.locator(".note.whisper")).to_contain_text("可以给他 20 元补偿券")
    await expect(desk.log.locator(".note.whisper")).to_contain_text("可以给他 20 元补偿券")
    assert "补偿券" not in await visit.panel.inner_text()

    await lead.page.get_by_role("group", name="会话操作").get_by_role("button", name="接管").click()
    await expect(desk.items).to_have_count(0)
    await expect(desk.page.locator(".toast.bad")).to_contain_text("已不在你这里")
    await expect(lead.page.locator(".toast.bad")).to_have_count(0)
    await expect(lead.tab("我的会话")).to_contain_text("1")
    await expect(lead.input).to_have_attribute("placeholder", re.compile("回复客户"))
    await lead.say("我是主管，这件事由我来处理")
    await visit.hear("由我来处理")
    await expect(visit.panel).to_contain_text(f"人工客服 {lead.person.name}")
    await expect(desk.said("由我来处理")).to_have_count(0)

    await lead.end()
    await visit.check()
    await desk.leave()
    await lead.leave()


async def test_a_whisper_is_heard_on_another_page_too(
    browser: Browser, service: Service, staff: Staff
) -> None:
    agent = staff.hire()
    desk = await DeskPage.at_work(browser, service, agent)
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    await desk.page.get_by_role("link", name="工单").click()
    lead = await DeskPage.at_work(browser, service, staff.hire("supervisor"))
    await lead.tab("全部").click()
    await lead.items.filter(has_text=agent.name).locator(".item-open").click()
    await expect(lead.input).to_be_visible()
    await lead.say("先确认人是否安全")
    await expect(desk.page.locator(".toast", has_text="主管提示")).to_be_visible()
    await desk.page.get_by_role("link", name="会话", exact=True).click()
    await expect(desk.items.locator(".hint-chip")).to_have_count(0)  # it leads back to it
    await expect(desk.log.locator(".note.whisper")).to_contain_text("先确认人是否安全")
    await desk.end()
    await visit.check()
    await desk.leave()
    await lead.leave()


async def test_a_customer_who_stays_unhappy_alarms_the_supervisor(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    lead = await DeskPage.at_work(browser, service, staff.hire("supervisor"))
    await lead.page.get_by_label("我的状态").select_option("小休")  # watches, takes no work
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    await desk.say("您好")
    for words in (
        "你们太差劲了，气死我了",
        "骗子，垃圾平台",
        "太让人失望了，服务真烂",
        "气死了，太过分了",
    ):
        await visit.say(words)
        await expect(desk.said(words)).to_be_visible()
    await expect(desk.log.locator(".row.customer[data-light=red]").last).to_be_visible()
    alarm = lead.page.locator(".toast.bad").first
    await expect(alarm).to_contain_text("告警")
    await lead.tab("全部").click()
    await expect(lead.items.filter(has_text="持续不满").first).to_be_visible()
    await lead.page.get_by_role("link", name="监控").click()
    await expect(lead.page.locator(".alarm-row").first).to_contain_text("持续不满")
    await lead.picture("supervisor-alarm")
    await desk.end()
    await visit.check()
    await desk.leave()
    await lead.leave()


async def test_many_alarms_at_once_are_one_notice_that_leads_to_all_of_them(
    browser: Browser, service: Service, staff: Staff
) -> None:
    lead = await DeskPage.at_work(browser, service, staff.hire("supervisor"))
    await lead.page.get_by_label("我的状态").select_option("小休")
    numbers = count()
    async with httpx.AsyncClient(base_url=service.url, trust_env=False, timeout=60) as http:

        async def come() -> str:
            session: str = (await http.post("/chat/session", json={})).json()["session"]
            return session

        async def say(session: str, words: str) -> None:
            said = {"client_id": f"said-{next(numbers)}", "text": words, "wait_s": 20}
            whose = {"Authorization": f"Bearer {session}"}
            answer = await http.post("/chat/messages", json=said, headers=whose)
            assert answer.status_code == 200, answer.text

        sessions = [await come() for _ in range(3)]
        for words in (ANGRY, "骗子，垃圾平台", "太让人失望了，服务真烂"):
            await asyncio.gather(*(say(session, words) for session in sessions))
        await expect(lead.page.locator(".toast.bad")).to_have_count(0)
        await asyncio.gather(*(say(session, "气死了，太过分了") for session in sessions))
    alarm = lead.page.locator(".toast.bad")
    await expect(alarm).to_have_count(1)
    await expect(alarm).to_contain_text("3 条告警，最近：")
    await lead.picture("supervisor-alarms")
    await alarm.get_by_role("button", name="查看全部").click()
    await expect(lead.page.locator(".alarm-row")).to_have_count(3)
    await expect(alarm).to_have_count(0)
    await lead.leave()


async def test_an_agent_sees_nobody_else_s_conversation(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await with_customer(browser, service, staff)
    other = await DeskPage.at_work(browser, service, staff.hire())
    other.may_fail += ("403",)
    await other.page.goto(desk.page.url)  # the address of a colleague's conversation
    await expect(other.page.get_by_label("对话", exact=True)).to_contain_text("其他同事")
    assert ANGRY not in await other.page.locator("#app").inner_text()
    await desk.end()
    await visit.check()
    await desk.leave()
    await other.leave()
