"""Two browsers: a customer in the widget, an agent at the desk; nothing is scripted."""

from __future__ import annotations

import time

import pytest
from playwright.async_api import Browser, expect

from tests.bot.desk.web.desks import (
    ANGRY,
    PATIENCE_MS,
    DeskPage,
    Staff,
    customer,
    get_angry,
    with_customer,
)
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_angry_customer_is_answered_by_a_person_and_goes_on_with_the_bot(
    browser: Browser, service: Service, staff: Staff, capsys: pytest.CaptureFixture[str]
) -> None:
    agent = staff.hire()
    desk = await DeskPage.at_work(browser, service, agent)
    visit = await customer(browser, service, "lin")
    await visit.say("我的退款什么时候到")
    await visit.hear("预计")
    await get_angry(visit)

    item = desk.items.first
    await expect(item).to_have_attribute("data-light", "red", timeout=PATIENCE_MS)
    await expect(item).to_contain_text("情绪激动")  # in words too, for who cannot tell red
    await desk.take_up(ANGRY)
    packet = desk.page.get_by_role("region", name="交接包")
    await expect(packet).to_contain_text("转人工原因")
    await expect(packet.locator(".summary")).to_contain_text("退款")
    await packet.locator(".evidence-jump").first.click()
    await expect(desk.log.locator(".row.marked")).to_contain_text(ANGRY)
    await expect(desk.page.get_by_role("region", name="客户", exact=True)).to_contain_text("林**")
    await expect(desk.page.get_by_role("region", name="最近订单")).to_contain_text("退款")
    await desk.picture("desk")

    answer = "您好，退款的事我来跟进，今天给您答复。"
    await desk.input.fill(answer)
    begin = time.monotonic()
    await desk.input.press("Enter")
    await visit.hear(answer)
    taken = time.monotonic() - begin
    with capsys.disabled():
        print(f"\n  the customer saw the answer after {taken * 1000:.0f} ms")
    await expect(visit.panel).to_contain_text(f"人工客服 {agent.name}")
    await visit.picture("widget-agent")
    await expect(desk.log.locator(".row.agent").last).to_contain_text("已读")

    window = await desk.do("交还小禾")
    await window.get_by_label("和客户约定了什么").fill("今天 18 点前答复退款进度")
    await window.get_by_role("button", name="交还").click()
    await visit.hear("小禾")
    await expect(visit.panel).to_contain_text("智能客服")
    await expect(desk.items).to_have_count(0)
    await visit.say("我的退款什么时候到")
    await expect(
        visit.page.locator("yingda-chat .confirmed .row.bot .bubble").last
    ).to_contain_text("到账", timeout=PATIENCE_MS)
    await visit.check()
    await desk.leave()


async def test_while_a_person_has_the_conversation_the_bot_is_silent(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await with_customer(browser, service, staff)
    await desk.say("我在看您的记录")
    await visit.hear("我在看您的记录")
    bot_rows = visit.page.locator("yingda-chat .confirmed .row.bot")
    before = await bot_rows.count()
    await visit.say("我的积分有多少")
    await expect(desk.said("我的积分有多少")).to_be_visible()
    await expect(desk.log.locator(".row.customer").last).to_contain_text("查积分")
    await desk.say("3280 分，都还在")
    await visit.hear("3280 分，都还在")
    assert await bot_rows.count() == before
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_typing_is_seen_on_both_sides(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await with_customer(browser, service, staff)
    await desk.say("您好")
    await visit.hear("您好")
    await visit.input.press_sequentially("我想想")
    await expect(desk.log).to_contain_text("客户正在输入")
    await visit.input.press("Enter")
    await expect(desk.said("我想想")).to_be_visible()
    await expect(desk.page.locator(".typing-line")).to_be_hidden()
    typing = visit.page.locator("yingda-chat .typing")
    await expect(typing).to_be_hidden()
    await desk.input.press_sequentially("马上")
    await expect(typing).to_be_visible()
    await desk.input.press("Enter")
    await visit.hear("马上")
    await expect(typing).to_be_hidden()
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_somebody_who_would_rather_not_wait_goes_on_with_the_bot(
    browser: Browser, service: Service, staff: Staff
) -> None:
    visit = await customer(browser, service)  # nobody is at work
    await get_angry(visit)
    await expect(visit.panel).to_contain_text("正在为您接通人工客服")
    await visit.say("有人吗")  # whoever writes on may still leave the queue
    await expect(visit.bubble("有人吗")).to_be_visible()
    await visit.chip("取消排队").click()
    await expect(visit.panel).to_contain_text("智能客服", timeout=PATIENCE_MS)
    await visit.say("几点营业")
    await expect(
        visit.page.locator("yingda-chat .confirmed .row.bot .bubble").last
    ).to_contain_text("门店")
    await visit.check()
