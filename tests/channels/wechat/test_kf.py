"""微信客服: callbacks with a token only, messages by cursor, each answered once."""

from __future__ import annotations

import asyncio

import httpx

from bot.records.tables import inbox, messages, sync_cursors
from tests.channels.wechat.conftest import Shop

USER = "wmCustomer01"


async def until(done, what: str) -> None:  # type: ignore[no-untyped-def]
    """Wait for the service, in its own thread."""
    async with asyncio.timeout(30):
        while not done():  # noqa: ASYNC110 - it happens in another thread
            await asyncio.sleep(0.05)


async def test_a_message_is_fetched_and_answered_once(shop: Shop) -> None:
    kf = shop.platform.kf
    assert await kf.verify()
    answer = await kf.say(USER, "退货怎么办")
    assert answer.body == "success"
    (sent,) = await kf.wait_for_sent(USER)
    assert sent.text == "收到：退货怎么办"
    assert kf.sessions.state(USER)[0] == 1
    # Called again about nothing new: nothing is fetched twice into the inbox.
    await kf.call_back()
    await until(lambda: shop.rows(sync_cursors)[0].synced == 2, "second callback")
    assert len(shop.rows(inbox)) == 1 and len(kf.sent) == 1


async def test_faces_are_emoji_and_a_sticker_is_no_question(shop: Shop) -> None:
    kf = shop.platform.kf
    await kf.say(USER, "在吗[微笑]")
    await kf.say(USER, "【收到不支持的消息类型，暂无法显示】")
    await kf.wait_for_sent(USER, 2)
    assert [row.text for row in shop.rows(messages) if row.author == "customer"] == [
        "在吗🙂",
        "[暂不支持的消息]",
    ]


async def test_many_pages_arrive_in_order_and_each_once(shop: Shop) -> None:
    kf = shop.platform.kf
    kf.page_size = 2
    for number in range(5):
        kf._append(USER, 3, "text", {"content": f"第{number}句"})
    kf.sessions.customer_wrote(USER)
    await kf.call_back()
    await kf.wait_for_sent(USER, 5)
    asked = [row.text for row in shop.rows(messages) if row.author == "customer"]
    assert asked == [f"第{number}句" for number in range(5)]
    assert [sent.text for sent in kf.sent] == [f"收到：第{number}句" for number in range(5)]
    assert shop.rows(sync_cursors)[0].cursor == "5"


async def test_a_message_that_came_while_the_api_was_down_is_fetched_later(shop: Shop) -> None:
    kf = shop.platform.kf
    shop.platform.fail_next("/cgi-bin/kf/sync_msg", errcode=-1)
    await kf.say(USER, "在吗")
    await until(lambda: "/cgi-bin/kf/sync_msg" in shop.platform.requests, "first try")
    # The next callback, or the sweep, whichever is first.
    await kf.say(USER, "查订单")
    await kf.wait_for_sent(USER, 2)
    assert [sent.text for sent in kf.sent] == ["收到：在吗", "收到：查订单"]


async def test_a_callback_survives_the_service(shop: Shop) -> None:
    kf = shop.platform.kf
    shop.platform.fail_next("/cgi-bin/kf/sync_msg", drop=True, times=2)
    await kf.say(USER, "查积分")
    await until(lambda: "/cgi-bin/kf/sync_msg" in shop.platform.requests, "first try")
    shop.platform.faults.clear()
    shop.restart()
    (sent,) = await kf.wait_for_sent(USER)
    assert sent.text == "收到：查积分"
    assert len(shop.rows(inbox)) == 1


async def test_entering_is_welcomed_by_its_code(shop: Shop) -> None:
    kf = shop.platform.kf
    await kf.enter(USER)
    (sent,) = await kf.wait_for_sent(USER)
    assert sent.path.endswith("send_msg_on_event") and "小禾" in sent.text
    await kf.enter(USER)
    await until(lambda: shop.rows(sync_cursors)[0].synced == 2, "second entering")
    assert len(kf.sent) == 1


async def test_options_can_be_pressed(shop: Shop) -> None:
    kf = shop.platform.kf
    await kf.say(USER, "订单")
    (menu,) = await kf.wait_for_sent(USER)
    assert menu.type == "msgmenu"
    first = menu.body["msgmenu"]["list"][0]["click"]
    await kf.say(USER, {"content": first["content"], "menu_id": first["id"]})
    _, picked = await kf.wait_for_sent(USER, 2)
    assert picked.text == '您选了：/pick{"order_number": "261119004217"}'


async def test_the_bot_keeps_out_of_what_a_colleague_has_in_wecom(shop: Shop) -> None:
    kf = shop.platform.kf
    await kf.say(USER, "你好")
    await kf.wait_for_sent(USER)
    kf.sessions.change(USER, 3, "colleague")
    kf._append(USER, 4, "event", {"event_type": "session_status_change", "change_type": 1})
    await kf.say(USER, "谢谢")
    await until(lambda: shop.rows(sync_cursors)[0].synced == 2, "the callback")
    assert shop.engine.texts() == ["你好"]


async def test_a_forged_callback_is_refused(shop: Shop) -> None:
    push = shop.platform.kf.compose()
    async with httpx.AsyncClient(trust_env=False) as client:
        url = shop.platform.kf.webhook_url
        forged = await client.post(
            url, params={**push.params, "msg_signature": "0" * 40}, content=push.body
        )
    assert forged.status_code == 403
    assert shop.rows(sync_cursors) == []
