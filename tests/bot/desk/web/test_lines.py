"""When the line breaks or the session ends: nothing is lost, nothing is said twice."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Route, expect

from tests.bot.desk.web.desks import ANGRY, DeskPage, Staff, customer, get_angry, with_customer
from tests.conftest import Service

NO_LINE = "class { static OPEN = 1; readyState = 0; close() {} }"
"""A socket that never opens."""

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_reply_that_did_not_leave_stays_and_is_said_once(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    desk.may_fail += ("ERR_FAILED",)
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)

    async def deliver_but_lose_the_answer(route: Route) -> None:
        if route.request.method != "POST":
            await route.continue_()
            return
        await route.fetch()
        await route.abort("failed")

    await desk.page.route("**/messages", deliver_but_lose_the_answer)
    await desk.page.evaluate(
        "() => { WebSocket.prototype.send = () => {}; }"
    )  # it asks for nothing either
    await desk.say("只说一次的话")
    await visit.hear("只说一次的话")
    await desk.page.unroute_all(behavior="ignoreErrors")
    again = desk.page.get_by_role("button", name="重新发送")
    if await again.count():
        await again.click()
    await desk.say("第二句")
    await visit.hear("第二句")
    rows = visit.page.locator("yingda-chat .row.agent .bubble")
    assert await rows.all_inner_texts() == ["只说一次的话", "第二句"]
    await expect(desk.log.locator(".pending .row")).to_have_count(0)
    await expect(desk.log.locator(".row.agent .bubble")).to_have_count(2)
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_after_a_broken_line_the_desk_has_everything(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    desk.may_fail += ("ERR_INTERNET_DISCONNECTED", "WebSocket")
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    await desk.page.evaluate(
        f"() => {{ window.RealSocket = WebSocket; window.WebSocket = {NO_LINE}; }}"
    )
    await desk.page.context.set_offline(True)
    await desk.say("断线时写的话")
    await expect(desk.log.locator(".row.failed")).to_contain_text("网络不通")
    await visit.say("您还在吗")
    await visit.hear("您还在吗")
    await desk.page.context.set_offline(False)
    await desk.page.evaluate("() => { window.WebSocket = window.RealSocket; }")
    await desk.page.get_by_role("button", name="重新发送").click()
    await visit.hear("断线时写的话")
    await expect(desk.said("您还在吗")).to_be_visible()
    await expect(desk.log.locator(".pending .row")).to_have_count(0)
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_a_lost_network_is_said_at_once(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    desk.may_fail += ("ERR_INTERNET_DISCONNECTED", "WebSocket")
    banner = desk.page.get_by_role("alert").filter(has_text="连接断开")
    await desk.page.context.set_offline(True)
    await expect(banner).to_be_visible(timeout=10_000)
    await desk.page.context.set_offline(False)
    await expect(banner).to_be_hidden()
    await desk.leave()


async def test_a_line_on_which_nothing_comes_back_is_given_up(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    desk.may_fail += ("WebSocket",)
    await desk.page.clock.install()
    await desk.page.reload()
    await expect(desk.page.get_by_label("我的状态")).to_have_value("online")
    banner = desk.page.get_by_role("alert").filter(has_text="连接断开")
    await desk.page.clock.run_for(60_000)  # beats are answered: nothing is wrong
    await expect(banner).to_be_hidden()
    await desk.page.evaluate(
        f"() => {{ WebSocket.prototype.send = () => {{}}; window.WebSocket = {NO_LINE}; }}"
    )
    await desk.page.clock.run_for(33_000)
    await expect(banner).to_be_visible()
    await desk.leave()


async def test_a_conversation_that_was_not_answered_in_time_is_missed_aloud(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk = await DeskPage.at_work(browser, service, staff.hire())
    desk.may_fail += ("ERR_INTERNET_DISCONNECTED", "WebSocket", "403")
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    await desk.page.context.set_offline(True)
    name = (await desk.items.first.locator(".item-name").inner_text()).strip()
    conversation = desk.page.url.rsplit("/", 1)[1]
    staff.post(f"/conversations/{conversation}/take-over")  # meanwhile
    await desk.page.context.set_offline(False)
    await expect(desk.page.locator(".toast.bad", has_text=name)).to_contain_text("已不在你这里")
    await expect(desk.items).to_have_count(0)
    await visit.check()
    await desk.leave()


async def test_who_is_logged_out_comes_back_to_the_same_place(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await with_customer(browser, service, staff)
    place = desk.page.url
    await desk.page.context.clear_cookies()
    await desk.say("这时登录过期")
    await expect(desk.page.get_by_role("status").first).to_contain_text("登录已过期")
    await desk.log_in()
    await expect(desk.said(ANGRY)).to_be_visible()
    assert desk.page.url == place
    await desk.end()
    await visit.check()
    await desk.leave()
