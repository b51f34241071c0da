"""What the socket tells and what requests answer come by different ways, in any order."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Browser, Route, WebSocketRoute, expect

from tests.bot.desk.web.desks import ANGRY, DeskPage, Staff, customer, get_angry, with_customer
from tests.conftest import Service

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_an_answer_that_comes_late_takes_no_read_mark_back(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await with_customer(browser, service, staff)
    kept, go_on = asyncio.Event(), asyncio.Event()

    async def keep_the_first_answer(route: Route) -> None:
        if route.request.method != "POST" or kept.is_set():
            await route.continue_()
            return
        kept.set()
        answer = await route.fetch()
        await go_on.wait()
        await route.fulfill(response=answer)

    await desk.page.route("**/messages", keep_the_first_answer)
    first, second = desk.log.locator(".row.agent").nth(0), desk.log.locator(".row.agent").nth(1)
    async with desk.page.expect_request_finished(lambda sent: sent.method == "POST"):
        await desk.say("第一句")
        await visit.hear("第一句")
        await expect(first).to_contain_text("已读")  # by the socket; the answer is still under way
        go_on.set()
    await desk.say("第二句")
    await expect(second).to_contain_text("已读")
    await expect(first).to_contain_text("已读")
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_what_the_customer_reads_after_a_while_is_marked_on_every_message(
    browser: Browser, service: Service, staff: Staff
) -> None:
    desk, visit = await with_customer(browser, service, staff)
    await visit.page.locator("yingda-chat .panel .close").click()
    number = 25  # more than are told again
    for at in range(number):
        await desk.say(f"第{at + 1}句")
        await expect(desk.log.locator(".rows:not(.pending) > .row.agent")).to_have_count(at + 1)
    await expect(desk.log.get_by_text("已读")).to_have_count(0)
    await visit.open()
    await expect(desk.log.get_by_text("已读")).to_have_count(number)
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_words_that_the_socket_did_not_tell_are_fetched_when_it_tells_later_ones(
    browser: Browser, service: Service, staff: Staff
) -> None:
    lost = ("漏掉的一句", "漏掉的二句")

    def lose(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        server.on_message(
            lambda frame: None if any(words in frame for words in lost) else socket.send(frame)
        )

    desk = await DeskPage.open(browser, service, staff.hire())
    await desk.page.route_web_socket("**/api/desk/live", lose)
    await desk.page.reload()
    await desk.log_in()
    await expect(desk.page.get_by_label("我的状态")).to_have_value("online")
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    for words in (*lost, "听到的一句"):
        await visit.say(words)
        await visit.hear(words)
    for words in (*lost, "听到的一句"):
        await expect(desk.said(words)).to_be_visible()
    await desk.end()
    await visit.check()
    await desk.leave()


async def test_a_conversation_that_was_taken_away_and_given_back_can_be_answered_again(
    browser: Browser, service: Service, staff: Staff
) -> None:
    agent = staff.hire()
    desk = await DeskPage.at_work(browser, service, agent)
    desk.may_fail = ("401", "403")  # what is another's now is refused
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    place = f"/conversations/{desk.page.url.rsplit('/', 1)[-1]}"
    staff.post(f"{place}/take-over")
    await expect(desk.input).to_be_hidden()
    staff.post(f"{place}/transfer", to={"agent": agent.id}, note="还是你来")
    await desk.say("我回来了")
    await visit.hear("我回来了")
    await desk.end()
    await visit.check()
    await desk.leave()
