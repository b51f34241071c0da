"""The widget in a real browser against a real server; the engine is scripted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from playwright.async_api import Browser, expect

from bot.clock import utc_now
from channels.app_chat import Limits, sign_user_token
from tests.channels.app_chat.browser import PHONE, Visit, visiting
from tests.channels.app_chat.conftest import APP_KEY, Chat, ChatFactory
from tests.support.clock import TestClock
from tests.support.components import free_port
from tests.support.servers import LiveApp

TOUCH = {"has_touch": True, "is_mobile": True, "reduced_motion": "reduce"}
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_conversation_with_card_and_choices_survives_a_reload(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.picture("widget-greeting")
        await visit.say("订单")
        await visit.hear("您想看哪一单？")
        await visit.picture("widget-choices")
        await visit.chip("空气炸锅").click()
        await visit.hear("您选了")
        await expect(visit.chip("空气炸锅")).to_have_count(0)  # an old offer is no offer
        await visit.say("261119004217 5678")
        card = visit.page.locator("yingda-chat .card")
        await expect(card).to_contain_text("运输中")
        await card.locator("summary").click()
        await expect(card.locator("li", has_text="已揽收")).to_be_visible()
        await visit.picture("widget-card")
        seqs = await visit.seqs()
        assert seqs == [1, 2, 3, 4, 5, 6]
        await visit.page.reload()
        await visit.hear("正在运输中")  # the window was open, so it is open again
        assert await visit.seqs() == seqs
        await expect(visit.page.locator("yingda-chat .card")).to_be_visible()


async def test_markup_is_shown_as_the_letters_it_is(browser: Browser, chat: Chat) -> None:
    attack = '<img src=x onerror="window.hacked=1"><b>粗</b><script>window.hacked=1</script>'
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say(attack)
        await visit.hear(f"收到：{attack}")
        assert await visit.page.locator("yingda-chat .log img").count() == 0
        assert await visit.page.evaluate("window.hacked") is None


async def test_everything_can_be_done_with_the_keyboard(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, chat.url) as visit:
        keyboard = visit.page.keyboard
        await visit.launcher.focus()
        await keyboard.press("Enter")
        await expect(visit.input).to_be_focused()
        await keyboard.type("第一行")
        await keyboard.press("Shift+Enter")
        await keyboard.type("第二行")
        await keyboard.press("Enter")
        await visit.hear("收到：第一行\n第二行")
        await keyboard.type("订单")
        await keyboard.press("Enter")
        await visit.chip("都不是").wait_for()
        await keyboard.press("Shift+Tab")  # from the composer back into the log's last button
        await expect(visit.chip("都不是")).to_be_focused()
        await keyboard.press("Space")
        await visit.hear("收到：都不是")
        await keyboard.press("Escape")
        await expect(visit.panel).to_be_hidden()
        await expect(visit.launcher).to_be_focused()


async def test_enter_while_composing_chinese_picks_a_word_and_sends_nothing(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        cdp = await visit.page.context.new_cdp_session(visit.page)
        await cdp.send(
            "Input.imeSetComposition", {"text": "ni hao", "selectionStart": 6, "selectionEnd": 6}
        )
        enter = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
        await cdp.send("Input.dispatchKeyEvent", {"type": "rawKeyDown", **enter})
        await cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **enter})
        await expect(visit.pending).to_have_count(0)
        await expect(visit.rows).to_have_count(0)
        await cdp.send("Input.insertText", {"text": "你好"})
        await visit.page.keyboard.press("Enter")
        await visit.hear("收到：你好")
        assert await visit.seqs() == [1, 2]


async def test_on_a_phone_the_chat_fills_the_screen_and_keeps_the_focus(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url, PHONE, **TOUCH) as visit:
        await visit.picture("phone-page")
        await visit.launcher.tap()
        await expect(visit.input).to_be_visible()
        box = await visit.panel.bounding_box()
        assert box == {"x": 0, "y": 0, **{k: float(v) for k, v in PHONE.items()}}
        await visit.say("261119004217 5678")
        await visit.hear("正在运输中")
        await visit.picture("phone-card")
        assert await visit.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
        for _ in range(12):
            await visit.page.keyboard.press("Tab")
            assert await visit.page.evaluate("document.activeElement.localName") == "yingda-chat"


async def test_a_message_sent_while_the_server_is_away_arrives_once_when_it_is_back(
    browser: Browser, make_chat: ChatFactory
) -> None:
    chat = make_chat()
    async with visiting(browser, chat.url) as visit:
        visit.may_fail = ("WebSocket connection", "ERR_CONNECTION_REFUSED")
        await visit.open()
        await visit.say("第一句")
        await visit.hear("收到：第一句")
        chat.server.stop()
        await expect(visit.panel).to_contain_text("正在重新连接")
        await visit.say("断线时说的话")
        await expect(visit.pending).to_contain_text("发送中")
        await visit.picture("widget-offline")
        chat.server.start()
        await visit.hear("收到：断线时说的话")
        assert await visit.seqs() == [1, 2, 3, 4]
        await expect(visit.pending).to_have_count(0)
    assert chat.engine.texts() == ["第一句", "断线时说的话"]


async def test_a_lost_network_is_said_at_once(browser: Browser, make_chat: ChatFactory) -> None:
    chat = make_chat()
    async with visiting(browser, chat.url) as visit:
        visit.may_fail = ("WebSocket connection", "ERR_INTERNET_DISCONNECTED")
        await visit.open()
        await visit.say("第一句")
        await visit.hear("收到：第一句")
        await visit.page.context.set_offline(True)
        # Well before a ping would be missed (35 s).
        await expect(visit.panel).to_contain_text("正在重新连接", timeout=10_000)
        await visit.say("地铁里说的话")
        await expect(visit.pending).to_contain_text("发送中")
        await visit.page.context.set_offline(False)
        await visit.hear("收到：地铁里说的话")
        await expect(visit.panel).not_to_contain_text("正在重新连接")
        assert await visit.seqs() == [1, 2, 3, 4]


async def test_a_message_unsent_at_a_reload_is_sent_after_it(
    browser: Browser, make_chat: ChatFactory
) -> None:
    chat = make_chat()
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say("你好")
        await visit.hear("收到：你好")
        lose = "WebSocket.prototype.send = () => {}"  # the frame leaves the page and never arrives
        await visit.page.evaluate(lose)
        await visit.say("刷新前的话")
        await expect(visit.pending).to_have_count(1)
        await visit.page.reload()
        await visit.hear("收到：刷新前的话")
        assert await visit.seqs() == [1, 2, 3, 4]


async def test_a_refused_message_is_visible_and_can_be_sent_again(
    browser: Browser, make_chat: ChatFactory
) -> None:
    clock = TestClock()
    chat = make_chat(clock=clock, message_burst=1)
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say("第一句")
        await visit.hear("收到：第一句")
        await visit.say("第二句")
        await expect(visit.pending).to_contain_text("您发送得太快了，请稍等几秒再发。")
        await visit.picture("widget-failed")
        clock.advance(seconds=1)
        await visit.pending.get_by_role("button", name="重新发送").click()
        await visit.hear("收到：第二句")
        await expect(visit.pending).to_have_count(0)
        assert await visit.seqs() == [1, 2, 3, 4]


async def test_a_text_that_is_too_long_is_counted_and_not_sent(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.input.fill("字" * 2003)
        await expect(visit.panel).to_contain_text("超出 3 个字，请分几条发送")
        await expect(visit.page.get_by_role("button", name="发送")).to_be_disabled()
        await visit.input.press("Enter")
        await expect(visit.pending).to_have_count(0)


async def test_a_long_text_does_not_push_the_newest_words_out_of_sight(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url, PHONE) as visit:
        await visit.open()
        for number in range(8):
            await visit.say(f"第{number}句")
            await visit.hear(f"第{number}句")
        await expect(visit.pending).to_have_count(0)
        await visit.input.fill("一行\n两行\n三行\n四行")
        await expect(visit.rows.last).to_be_in_viewport(ratio=1)


async def test_a_long_history_is_fetched_page_by_page_without_gaps(
    browser: Browser, make_chat: ChatFactory
) -> None:
    chat = make_chat(messages_per_second=1000, message_burst=1000)
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say("第0句")
        await visit.hear("收到：第0句")
        for number in range(40):
            words = "".join(chr(0x4E00 + 97 * number + step) for step in range(6))  # never alike
            await visit.input.evaluate(
                "(i, words) => { i.value = words; i.form.requestSubmit(); }", words
            )
        await expect(visit.rows).to_have_count(82)
        await visit.page.reload()
        await expect(visit.rows).to_have_count(50)
        await visit.page.get_by_role("button", name="查看更早的消息").click()
        await expect(visit.rows).to_have_count(82)
        assert await visit.seqs() == list(range(1, 83))


async def test_a_member_signs_in_and_out_and_sees_only_their_own(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say("我是游客")
        await visit.hear("收到：我是游客")
        member = visit.page.get_by_label("以演示会员身份登录")
        await member.select_option(index=1)
        await expect(visit.rows).to_have_count(0)
        await visit.say("我是会员")
        await visit.hear("收到：我是会员")
        await visit.page.reload()
        await visit.hear("收到：我是会员")
        await expect(visit.bubble("我是游客")).to_have_count(0)
        await member.select_option(index=0)
        await visit.hear("收到：我是游客")
        await expect(visit.bubble("我是会员")).to_have_count(0)
        assert "demo." not in str(await visit.kept())  # no user token is kept in the browser


STRICT = (
    "default-src 'none'; img-src data:; script-src {chat}; connect-src {chat} {ws}; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)


@asynccontextmanager
async def embedded(chat: Chat, attributes: str) -> AsyncIterator[str]:
    """A page of another origin, under a policy that allows the chat's scripts and nothing else."""
    app = FastAPI()

    @app.get("/")
    def page() -> HTMLResponse:
        policy = STRICT.format(chat=chat.url, ws=chat.url.replace("http", "ws"))
        html = (
            f'<!doctype html><html lang="en"><head><title>Shop</title><link rel="icon" href="data:,">'
            f'<script src="{chat.url}/chat/widget.js" {attributes}></script></head>'
            "<body><p>Shop</p></body></html>"
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": policy})

    server = LiveApp(lambda: app, PARTNER_PORT)
    server.start()
    try:
        yield server.url
    finally:
        server.stop()


PARTNER_PORT = free_port()
PARTNER = f"http://127.0.0.1:{PARTNER_PORT}"


@pytest.fixture(scope="module")
def partner_chat(make_chat: ChatFactory) -> Chat:
    return make_chat(
        Limits(session_burst=1000, connections_per_address=1000), allowed_origins=[PARTNER]
    )


async def test_it_works_in_english_on_a_strict_page_of_another_site(
    browser: Browser, partner_chat: Chat
) -> None:
    attributes = 'data-lang="en" data-title="Hemu Living" data-color="#ffd166" data-open'
    async with (
        embedded(partner_chat, attributes) as url,
        visiting(browser, url) as visit,
    ):
        await expect(visit.panel).to_be_visible()
        assert await visit.panel.get_attribute("aria-label") == "Hemu Living"
        await expect(visit.input).to_have_attribute("placeholder", "Type your question…")
        await visit.say("hello")
        await visit.hear("收到：hello")
        head = visit.page.locator("yingda-chat .head")
        color = await head.evaluate(
            "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
        )
        assert color == ["rgb(255, 209, 102)", "rgb(17, 17, 17)"]  # dark letters on a light brand
        await visit.picture("widget-embedded-en")


async def test_a_log_in_that_is_over_is_said_and_one_may_go_on_as_a_guest(
    browser: Browser, partner_chat: Chat
) -> None:
    token = sign_user_token("shop1", APP_KEY, "C000001", utc_now() - timedelta(seconds=1))
    async with (
        embedded(partner_chat, f'data-user-token="{token}" data-open') as url,
        visiting(browser, url) as visit,
    ):
        notice = visit.page.get_by_role("alert")
        await expect(notice).to_contain_text("登录信息已过期")
        await visit.picture("widget-token-expired")
        await notice.get_by_role("button", name="以访客身份继续").click()
        await visit.say("我是谁")
        await visit.hear("收到：我是谁")
        await expect(notice).to_be_hidden()


async def test_a_page_that_may_not_embed_the_chat_is_told_so(browser: Browser, chat: Chat) -> None:
    async with embedded(chat, "data-open") as url, visiting(browser, url) as visit:
        # The server closes the socket on purpose, perhaps while the widget is sending.
        visit.may_fail = ("WebSocket connection", "WebSocket is already in CLOSING")
        await expect(visit.page.get_by_role("alert")).to_contain_text("没有开通在线客服")


async def test_a_screen_reader_hears_new_messages_and_not_old_ones(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        log = visit.page.get_by_role("log", name="聊天记录")
        await visit.say("你好")
        await visit.hear("收到：你好")
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(visit.rows.last).to_contain_text("智能客服：收到：你好")
        # Hold the history back, so that the moment of loading can be looked at.
        await visit.page.add_init_script(
            "const at = Object.getOwnPropertyDescriptor(WebSocket.prototype, 'onmessage');"
            "Object.defineProperty(WebSocket.prototype, 'onmessage', { ...at, set(handler) {"
            "  at.set.call(this, handler && ((event) => event.data.includes('\"message\"')"
            "    && !window.letGo ? (window.held ??= []).push(() => handler(event)) : handler(event)));"
            "} });"
        )
        await visit.page.reload()
        await expect(log).to_have_attribute("aria-live", "off")
        await expect(log).to_have_attribute("aria-busy", "true")
        # The history may be on its way still.
        await visit.page.evaluate(
            "async () => { while (!window.held) await new Promise((go) => setTimeout(go, 10));"
            "  window.letGo = true; window.held.forEach((next) => next()); }"
        )
        await visit.hear("收到：你好")
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(visit.page.get_by_role("dialog", name="禾沐生活客服")).to_be_visible()


async def test_who_wants_no_motion_gets_none(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, chat.url, reduced_motion="reduce") as visit:
        await visit.open()
        animation = await visit.panel.evaluate("e => getComputedStyle(e).animationName")
        assert animation == "none"


async def test_somebody_who_never_opens_the_chat_opens_no_socket(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        sockets: list[str] = []
        visit.page.on("websocket", lambda socket: sockets.append(socket.url))
        await visit.page.reload()
        await visit.launcher_or_panel()
        assert sockets == []
        await visit.open()
        await visit.say("你好")
        await visit.hear("收到：你好")
        assert len(sockets) == 1


async def test_the_element_can_leave_the_page_and_come_back(browser: Browser, chat: Chat) -> None:
    async with visiting(browser, chat.url) as visit:
        await visit.open()
        await visit.say("你好")
        await visit.hear("收到：你好")
        await visit.page.evaluate(
            "const chat = document.querySelector('yingda-chat'); chat.remove(); document.body.append(chat)"
        )
        await visit.say("我回来了")
        await visit.hear("收到：我回来了")
        assert await visit.seqs() == [1, 2, 3, 4]


async def test_a_conversation_is_ended_by_keyboard_and_the_next_person_finds_nothing(
    browser: Browser, chat: Chat
) -> None:
    async with visiting(browser, chat.url) as visit:
        keyboard = visit.page.keyboard
        await visit.open()
        await visit.say("这是我的秘密")
        await visit.hear("收到：这是我的秘密")
        other = await Visit.to(visit.page.context, chat.url)
        await other.open()
        await other.hear("收到：这是我的秘密")
        kept = await visit.kept()
        ended = chat.engine.requests[-1]["sender"]
        question = visit.page.get_by_role("alertdialog", name="要结束这次会话吗？")

        end = visit.page.get_by_role("button", name="结束会话")
        await end.focus()
        await keyboard.press("Enter")
        await expect(visit.page.get_by_role("button", name="继续聊天")).to_be_focused()
        await visit.picture("widget-end")
        await keyboard.press("Escape")  # only the question goes away
        await expect(question).to_be_hidden()
        await expect(visit.panel).to_be_visible()
        await expect(end).to_be_focused()
        await visit.input.fill("没写完的话")
        await end.focus()
        await keyboard.press("Enter")
        await keyboard.press("Tab")
        await keyboard.press("Enter")
        for tab in (visit, other):
            await expect(tab.rows).to_have_count(0)
            await expect(tab.page.get_by_role("alert")).to_contain_text("会话已结束")
        await expect(visit.input).to_be_focused()
        await expect(visit.input).to_have_value("")
        assert await visit.kept() == []
        assert "s1." in str(kept)  # the visitor's session

        await visit.page.reload()
        await visit.say("我是下一位")
        await visit.hear("收到：我是下一位")
        assert await visit.seqs() == [1, 2]
        assert "秘密" not in await visit.panel.inner_text()
        assert chat.engine.requests[-1]["sender"] != ended
        await other.check()


async def test_a_conversation_can_be_ended_while_the_server_is_away(
    browser: Browser, make_chat: ChatFactory
) -> None:
    chat = make_chat()
    async with visiting(browser, chat.url) as visit:
        visit.may_fail = ("WebSocket connection",)
        await visit.open()
        await visit.say("你好")
        await visit.hear("收到：你好")
        chat.server.stop()
        await expect(visit.page.get_by_role("alert")).to_contain_text("重新连接")
        await visit.say("还没发出去")
        await visit.page.get_by_role("button", name="结束会话").click()
        await visit.page.get_by_role("alertdialog").get_by_role("button", name="结束会话").click()
        await expect(visit.rows).to_have_count(0)
        await expect(visit.pending).to_have_count(0)
        assert await visit.kept() == []
        assert await visit.page.evaluate("sessionStorage.getItem('yingda:outbox')") is None
