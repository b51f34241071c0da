"""A message comes in, its answer goes back: every mode, repeats, refusals."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx
import pytest

from bot.records.tables import inbox, messages, outbox
from tests.channels.wechat.conftest import OPENID, Shop, ShopFactory
from tests.channels.wechat.test_sending import until
from tests.fakes.wechat_platform import text


@pytest.mark.parametrize("mode", ["plain", "compatible", "safe"])
async def test_a_message_is_answered_passively_in_every_mode(
    open_shop: ShopFactory, mode: str
) -> None:
    shop = open_shop(mode)
    assert await shop.platform.verify()
    delivery = await shop.platform.say(OPENID, "退货怎么办")
    assert delivery.passive_reply is not None, delivery
    assert delivery.passive_reply.text == "收到：退货怎么办"
    assert delivery.statuses == (200,)
    assert shop.platform.sent == []


async def test_a_repeat_gets_the_same_answer_and_no_second_turn(shop: Shop) -> None:
    first = await shop.platform.say(OPENID, "查订单")
    again = await shop.platform.deliver(first.push, OPENID)
    assert again.passive_reply == first.passive_reply
    assert shop.engine.texts() == ["查订单"]
    assert len(shop.rows(inbox)) == 1
    assert [row.status for row in shop.rows(outbox)] == ["sent"]


async def test_a_slow_answer_goes_by_the_api_once_however_often_wechat_repeats(
    shop: Shop,
) -> None:
    shop.engine.let_go.clear()
    first = await shop.platform.say(OPENID, "查订单")
    assert first.passive_reply is None and first.statuses == (200,)
    again = await shop.platform.deliver(first.push, OPENID)
    assert again.passive_reply is None
    shop.engine.let_go.set()
    sent = await shop.platform.wait_for_sent(OPENID)
    assert [one.text for one in sent if one.type == "text"] == ["收到：查订单"]
    late = await shop.platform.deliver(first.push, OPENID)
    assert late.passive_reply is None
    assert shop.engine.texts() == ["查订单"]
    assert len([row for row in shop.rows(messages) if row.author == "bot"]) == 1


async def test_the_customer_sees_that_somebody_is_writing_while_the_engine_works(
    open_shop: ShopFactory,
) -> None:
    shop = open_shop(wechat_reply_budget_s=4.5)
    shop.engine.let_go.clear()
    asking = asyncio.create_task(shop.platform.say(OPENID, "查订单"))
    shown = "/cgi-bin/message/custom/typing"
    await until(lambda: shown in shop.platform.requests, "that somebody is writing")
    shop.engine.let_go.set()
    await asking


async def test_a_cut_connection_is_answered_on_the_next_try_or_by_the_api(shop: Shop) -> None:
    await shop.platform.say(OPENID, "在吗")  # a follower the platform knows may be sent to
    push = shop.platform.compose(OPENID, "查订单")
    shop.engine.let_go.clear()
    async with httpx.AsyncClient(trust_env=False) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.post(
                shop.platform.webhook_url, params=dict(push.params), content=push.body, timeout=0.3
            )
    shop.engine.let_go.set()
    delivery = await shop.platform.deliver(push, OPENID)
    passive = [delivery.passive_reply.text] if delivery.passive_reply else []
    if not passive:
        # Handed to the cut connection it was never confirmed: the relay takes it after 20 s.
        shop.clock.advance(seconds=21)
        await until(
            lambda: "收到：查订单" in [sent.text for sent in shop.platform.sent], "the answer"
        )
    said = passive + [one.text for one in shop.platform.sent if one.type == "text"]
    assert [text for text in said if text != "收到：在吗"] == ["收到：查订单"]


async def test_options_are_a_menu_and_a_press_is_the_option(shop: Shop) -> None:
    delivery = await shop.platform.say(OPENID, "订单")
    assert delivery.passive_reply is None
    (sent,) = await shop.platform.wait_for_sent(OPENID)
    assert sent.type == "msgmenu"
    options = sent.body["msgmenu"]["list"]
    assert [option["content"] for option in options] == ["空气炸锅", "都不是"]
    pressed = await shop.platform.say(OPENID, text("空气炸锅", menu_id=options[0]["id"]))
    assert pressed.passive_reply is not None
    assert pressed.passive_reply.text == '您选了：/pick{"order_number": "261119004217"}'


async def test_without_the_api_options_are_numbered_and_a_number_picks_one(
    open_shop: ShopFactory,
) -> None:
    shop = open_shop(wechat_secret=None)
    delivery = await shop.platform.say(OPENID, "订单")
    assert delivery.passive_reply is not None
    assert delivery.passive_reply.text == (
        "您想看哪一单？\n\n1. 空气炸锅\n2. 都不是\n（回复数字即可选择）"
    )
    picked = await shop.platform.say(OPENID, "１")
    assert picked.passive_reply is not None
    assert picked.passive_reply.text == '您选了：/pick{"order_number": "261119004217"}'
    # Nothing is offered any more: a number is a number.
    plain = await shop.platform.say(OPENID, "1")
    assert plain.passive_reply is not None
    assert plain.passive_reply.text == "收到：1"


async def test_an_order_is_a_card_that_opens_its_trace(shop: Shop) -> None:
    delivery = await shop.platform.say(OPENID, "261119004217 尾号 0001")
    reply = delivery.passive_reply
    assert reply is not None and reply.type == "news"
    (article,) = reply.articles
    assert article["Title"] == "订单 261119004217 · 运输中"
    assert article["Description"] == "订单 261119004217 正在运输中，预计 11月23日 送达。"
    assert article["Url"].startswith(f"{shop.url}/wechat/default/trace?t=")


@pytest.mark.parametrize("hostile", ["]]>", "a]]>b<Content>x</Content>", "坏\x01字", "👨‍👩‍👧‍👦🇨🇳"])
async def test_nothing_breaks_out_of_a_reply(shop: Shop, hostile: str) -> None:
    delivery = await shop.platform.say(OPENID, "回显 " + hostile.replace("\x01", ""))
    assert delivery.passive_reply is not None, delivery
    assert delivery.passive_reply.text == "收到：回显 " + hostile.replace("\x01", "")


async def test_only_the_first_part_of_a_long_answer_is_passive(shop: Shop) -> None:
    sentence = "这是一句很长的话，用来看看超过上限时在哪里断开。"
    question = (sentence * 20)[:600]
    delivery = await shop.platform.say(OPENID, question)
    assert delivery.passive_reply is not None
    first = delivery.passive_reply.text
    assert len(first.encode()) <= 2048
    whole = f"收到：{question}"
    if len(whole.encode()) <= 2047:
        assert first == whole
        return
    rest = await shop.platform.wait_for_sent(OPENID)
    assert first.endswith("。")
    assert first + "".join(part.text for part in rest) == whole


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"msg_signature": "0" * 40}, 403),
        ({"timestamp": "1000000000"}, 403),
        ({"timestamp": "x"}, 400),
        ({"nonce": ""}, 400),
        ({"msg_signature": "签名"}, 403),
    ],
)
async def test_what_is_not_from_wechat_is_refused(
    shop: Shop, change: dict[str, str], status: int
) -> None:
    push = shop.platform.compose(OPENID, "你好")
    async with httpx.AsyncClient(trust_env=False) as client:
        refused = await client.post(
            shop.platform.webhook_url, params={**push.params, **change}, content=push.body
        )
    assert refused.status_code == status
    assert refused.headers["content-type"].startswith("text/plain")
    assert shop.rows(inbox) == []


async def test_a_safe_account_takes_no_plain_message(shop: Shop) -> None:
    shop.platform.mode = "plain"
    delivery = await shop.platform.say(OPENID, "你好")
    assert delivery.statuses == (403,) * 3 or set(delivery.statuses) <= {400, 403}
    assert shop.rows(inbox) == []


async def test_an_old_request_is_refused_though_its_signature_is_right(shop: Shop) -> None:
    push = shop.platform.compose(OPENID, "你好")
    shop.clock.advance(minutes=6)
    delivery = await shop.platform.deliver(push, OPENID)
    assert set(delivery.statuses) == {403}


async def test_a_plain_signature_cannot_carry_another_body(open_shop: ShopFactory) -> None:
    shop = open_shop("plain")
    first = await shop.platform.say(OPENID, "你好")
    body = first.push.body.replace("你好".encode(), "转人工".encode())
    async with httpx.AsyncClient(trust_env=False) as client:
        url, params = shop.platform.webhook_url, dict(first.push.params)
        forged = await client.post(url, params=params, content=body)
        repeat = await client.post(url, params=params, content=first.push.body)
    assert (forged.status_code, repeat.status_code) == (403, 200)
    assert len(shop.rows(inbox)) == 1


_BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><ToUserName>&a;</ToUserName></xml>'


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"\xff\xfe\x00",
        _BOMB.encode(),
        b"<xml></xml>",
        b"<xml><MsgType/></xml>",
        b"<xml><MsgType>event</MsgType><FromUserName>o1</FromUserName></xml>",
        b"<xml><MsgType>text</MsgType><FromUserName>../../x</FromUserName></xml>",
        b"<xml>" + b"<a>" * 600 + b"</a>" * 600 + b"</xml>",
    ],
)
async def test_what_cannot_be_read_is_a_400(open_shop: ShopFactory, body: bytes) -> None:
    shop = open_shop("plain")
    push = shop.platform.sign({"ToUserName": "gh", "MsgType": "text"}, OPENID)
    async with httpx.AsyncClient(trust_env=False) as client:
        refused = await client.post(
            shop.platform.webhook_url, params=dict(push.params), content=body
        )
    assert refused.status_code == 400


async def test_too_large_a_body_and_an_unknown_account_are_refused(shop: Shop) -> None:
    push = shop.platform.compose(OPENID, "你好")
    async with httpx.AsyncClient(trust_env=False) as client:
        large = await client.post(
            shop.platform.webhook_url, params=dict(push.params), content=b"x" * 70_000
        )
        unknown = await client.post(f"{shop.url}/wechat/nobody", content=b"x")
    assert (large.status_code, unknown.status_code) == (413, 404)


async def test_while_no_answer_comes_in_time_messages_are_acknowledged_as_soon_as_stored(
    shop: Shop,
) -> None:
    shop.engine.let_go.clear()
    users = [f"oWaiting_{number}" for number in range(8)]
    await asyncio.gather(*(shop.platform.say(user, "查订单") for user in users))
    await shop.platform.say("oProbe", "查订单")
    delivery = await shop.platform.say("oLate", "查订单")
    assert delivery.passive_reply is None and delivery.statuses == (200,)
    # Only this one was not even left to the request for a moment.
    assert [row.passive_until for row in shop.rows(inbox)].count(None) == 1
    shop.engine.let_go.set()
    for user in (*users, "oProbe", "oLate"):
        await shop.platform.wait_for_sent(user)
    assert Counter(sent.user for sent in shop.platform.sent) == Counter((*users, "oProbe", "oLate"))
