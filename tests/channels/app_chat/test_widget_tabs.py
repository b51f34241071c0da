"""What a browser's tabs share in the widget: the visitor's session, and how far was read."""

from __future__ import annotations

import asyncio
import threading

import pytest
from playwright.async_api import Browser, expect

from bot.conversations import ConversationKey
from bot.errors import ServiceBusy
from bot.turn import TurnService
from tests.channels.app_chat.browser import Visit, visiting
from tests.channels.app_chat.conftest import Chat, ChatFactory

READ_AGAIN_MS = 5_000
"""As in ``unread.js``."""
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_two_tabs_show_one_conversation(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, chat.url) as one:
        two = await Visit.to(one.page.context, chat.url)
        await one.open()
        await two.open()
        await one.say("来自第一个窗口")
        await two.hear("收到：来自第一个窗口")
        await two.say("来自第二个窗口")
        await one.hear("收到：来自第二个窗口")
        assert await one.seqs() == await two.seqs() == [1, 2, 3, 4]
        await two.check()


async def keep_waiting(visit: Visit, chat: Chat) -> None:
    """No tab gets the first session before ``window.go()``."""
    await visit.page.evaluate(
        "(name) => { navigator.locks.request(name, () => new Promise((go) => (window.go = go))); }",
        f"yingda:{chat.url.removeprefix('http://')}:session",
    )


async def test_two_tabs_of_a_newcomer_become_one_visitor(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, chat.url) as one:
        two = await Visit.to(one.page.context, chat.url)
        # A tab may read an old copy of localStorage for as long as the browser is busy.
        await two.page.evaluate("Storage.prototype.getItem = () => null")
        await keep_waiting(one, chat)
        script = "document.querySelector('yingda-chat').open()"
        await one.page.evaluate(script)
        await two.page.evaluate(script)
        await one.page.wait_for_function(
            "navigator.locks.query().then(({ pending }) => pending.length === 2)"
        )
        await one.page.evaluate("window.go()")
        await one.say("我是同一个人")
        await two.hear("收到：我是同一个人")


async def test_a_line_begun_anew_while_waiting_for_a_session_is_served(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await keep_waiting(visit, chat)
        await visit.open()
        await visit.page.wait_for_function(
            "navigator.locks.query().then(({ pending }) => pending.length === 1)"
        )
        await visit.page.evaluate(
            "const chat = document.querySelector('yingda-chat');"
            "chat.setAttribute('user-token', 'of nobody'); chat.removeAttribute('user-token');"
        )
        await visit.page.evaluate("window.go()")
        await visit.say("还在吗")
        await visit.hear("收到：还在吗")


async def test_what_was_read_in_one_tab_is_not_new_in_another(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, chat.url) as one:
        await one.open()
        await one.say("你好")
        await one.hear("收到：你好")
        two = await Visit.to(one.page.context, chat.url)  # its window is closed
        await one.page.keyboard.press("Escape")
        await two.open()
        await two.say("第二句")
        await two.hear("收到：第二句")
        # Read in the other tab: no longer new here either.
        await expect(one.rows).to_have_count(4)
        await expect(one.launcher).to_have_accessible_name("打开在线客服")
        await two.check()


async def test_an_answer_to_a_closed_window_shows_on_the_badge(
    browser: Browser, make_chat: ChatFactory
) -> None:
    chat = make_chat()
    chat.engine.let_go.clear()
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say("想好了告诉我")
        await expect(visit.page.locator("yingda-chat .typing")).to_be_visible()
        await visit.picture("widget-typing")
        await visit.page.keyboard.press("Escape")
        chat.engine.let_go.set()
        await expect(visit.launcher).to_have_accessible_name("打开在线客服，1 条新消息")
        await visit.picture("widget-badge")
        await visit.page.reload()
        await expect(visit.launcher).to_have_accessible_name("打开在线客服，1 条新消息")
        await visit.open()
        await visit.page.keyboard.press("Escape")
        await expect(visit.launcher).to_have_accessible_name("打开在线客服")
        await visit.page.reload()
        await expect(visit.launcher).to_have_accessible_name("打开在线客服")


async def test_what_was_read_while_the_server_was_away_is_told_when_it_is_back(
    browser: Browser, make_chat: ChatFactory
) -> None:
    chat = make_chat()
    chat.engine.let_go.clear()
    async with visiting(browser, chat.url) as visit:
        visit.may_fail = ("WebSocket connection", "ERR_CONNECTION_REFUSED")
        await visit.open()
        await visit.say("想好了告诉我")
        await expect(visit.page.locator("yingda-chat .typing")).to_be_visible()
        await visit.page.keyboard.press("Escape")
        chat.engine.let_go.set()
        await expect(visit.launcher).to_have_accessible_name("打开在线客服，1 条新消息")
        chat.server.stop()
        await visit.open()
        await expect(visit.panel).to_contain_text("正在重新连接")
        chat.server.start()
        await visit.say("看到了")
        await visit.hear("收到：看到了")
        await visit.page.keyboard.press("Escape")
        await visit.page.reload()
        await expect(visit.launcher).to_have_accessible_name("打开在线客服")


async def test_a_read_mark_that_could_not_be_written_down_is_told_again(
    browser: Browser, make_chat: ChatFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    written = threading.Event()
    write = TurnService.read

    async def busy_at_first(turns: TurnService, key: ConversationKey, seq: int) -> None:
        told.append(seq)
        if len(told) == 1:
            raise ServiceBusy
        await write(turns, key, seq)
        written.set()

    monkeypatch.setattr(TurnService, "read", busy_at_first)
    async with visiting(browser, make_chat().url) as visit:
        await visit.page.clock.install()
        await visit.open()
        await visit.say("你好")
        await visit.hear("收到：你好")
        await expect(visit.panel).to_contain_text(ServiceBusy.message)
        await visit.page.clock.run_for(READ_AGAIN_MS)
        assert await asyncio.to_thread(written.wait, 30)
        await visit.page.keyboard.press("Escape")
        await visit.page.reload()
        await expect(visit.launcher).to_have_accessible_name("打开在线客服")
    assert told == [2, 2]


async def test_a_refused_session_is_forgotten_and_one_that_came_meanwhile_is_not(
    browser: Browser, chat: Chat
) -> None:
    script = """async () => {
      const { VisitorSession } = await import("/chat/widget/session.js");
      const [one, other] = [new VisitorSession("tabs"), new VisitorSession("tabs")];
      const kept = [];
      await one.keep("old");
      await other.keep("new");
      await one.refused(); // the old one
      kept.push(await one.read());
      await one.refused(); // the new one, which it has shown since
      kept.push(await one.read());
      return kept;
    }"""
    async with visiting(browser, chat.url) as visit:
        assert await visit.page.evaluate(script) == ["new", None]
