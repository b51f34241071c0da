"""How the fake platform pushes messages and reads what is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from xml.etree import ElementTree

import pytest
from aiohttp import web

from tests.fakes.receiver import Receiver, never, saying
from tests.fakes.wechat_platform import DEMO, HeldTimer, WeChatPlatform, click, image, voice
from tests.fakes.wechat_platform.cipher import MessageCipher, signature
from tests.fakes.wechat_platform.messages import from_xml, to_xml
from tests.support.clock import TestClock

CIPHER = MessageCipher(DEMO.aes_key, DEMO.appid)


def platform_for(
    url: str, mode: str = "plain", timer: Callable[[float], Awaitable[None]] = asyncio.sleep
) -> WeChatPlatform:
    return WeChatPlatform(url, mode=mode, timer=timer, clock=TestClock())  # type: ignore[arg-type]


def reply(content: str, user: str = "o-1", account: str = DEMO.original_id) -> str:
    fields = {"ToUserName": user, "FromUserName": account, "CreateTime": 1, "MsgType": "text"}
    return to_xml(fields | {"Content": content})


def sealed(plain: str, token: str = DEMO.token) -> str:
    encrypted = CIPHER.encrypt(plain)
    signed = signature(token, "7", "9", encrypted)
    fields = {"Encrypt": encrypted, "MsgSignature": signed, "TimeStamp": 7, "Nonce": "9"}
    return to_xml(fields)


async def test_a_message_is_signed_and_has_the_documented_fields() -> None:
    async with Receiver(saying("success")) as receiver:
        delivery = await platform_for(receiver.url).say("o-1", "退货]]>怎么办")
    (query, body) = receiver.got[0]
    assert query["signature"] == signature(DEMO.token, query["timestamp"], query["nonce"])
    fields = from_xml(body.decode())
    assert (fields["MsgType"], fields["Content"]) == ("text", "退货]]>怎么办")
    assert (fields["FromUserName"], fields["ToUserName"]) == ("o-1", DEMO.original_id)
    assert fields["MsgId"] == delivery.push.msg_id
    assert (delivery.tries, delivery.passive_reply, delivery.notice) == (1, None, None)


async def test_safe_mode_hides_everything_and_compatible_mode_shows_both() -> None:
    async with Receiver(saying("")) as receiver:
        await platform_for(receiver.url, "safe").say("o-1", voice("查订单"))
        await platform_for(receiver.url, "compatible").say("o-1", voice("查订单"))
    (safe_query, safe), (_, compatible) = receiver.got
    outer = from_xml(safe.decode())
    assert set(outer) == {"ToUserName", "Encrypt"}
    assert safe_query["encrypt_type"] == "aes"
    parts = (DEMO.token, safe_query["timestamp"], safe_query["nonce"], outer["Encrypt"])
    assert safe_query["msg_signature"] == signature(*parts)
    assert from_xml(CIPHER.decrypt(outer["Encrypt"]))["Recognition"] == "查订单"
    both = from_xml(compatible.decode())
    assert both["Recognition"] == from_xml(CIPHER.decrypt(both["Encrypt"]))["Recognition"]


async def test_an_unanswered_message_is_sent_three_times_five_seconds_apart() -> None:
    timer = HeldTimer()
    async with Receiver(never) as receiver:
        saying_it = asyncio.create_task(platform_for(receiver.url, timer=timer).say("o-1", "在吗"))
        for attempt in (1, 2, 3):
            await receiver.arrived(attempt)
            await timer.fire(attempt)
        delivery = await saying_it
    assert timer.asked == [5.0, 5.0, 5.0]
    assert delivery.statuses == ("timeout",) * 3
    assert delivery.notice is not None
    assert len({from_xml(body.decode())["MsgId"] for _, body in receiver.got}) == 1


async def test_an_answer_to_the_second_try_is_shown() -> None:
    timer, tries = HeldTimer(), []

    async def slow_once(request: web.Request, body: bytes) -> web.Response:
        tries.append(body)
        if len(tries) == 1:
            await asyncio.Event().wait()
        return web.Response(text=reply("您好"))

    async with Receiver(slow_once) as receiver:
        saying_it = asyncio.create_task(platform_for(receiver.url, timer=timer).say("o-1", "在吗"))
        await receiver.arrived(1)
        await timer.fire(1)
        delivery = await saying_it
    assert delivery.passive_reply is not None and delivery.passive_reply.text == "您好"
    assert delivery.statuses == ("timeout", 200)


async def test_a_server_that_errs_or_is_not_there_is_tried_three_times() -> None:
    async with Receiver(saying("oops", 500)) as receiver:
        assert (await platform_for(receiver.url).say("o-1", "在吗")).statuses == (500,) * 3
        gone = receiver.url
    delivery = await platform_for(gone).say("o-1", "在吗")
    assert delivery.statuses == ("refused",) * 3 and delivery.why == "no answer"


@pytest.mark.parametrize(
    ("mode", "body", "why"),
    [
        ("plain", '{"errcode": 0}', "not XML"),
        ("plain", reply("好", user="o-2"), "sender or receiver"),
        ("plain", reply("好", account="gh_other"), "sender or receiver"),
        ("plain", reply("好" * 683), "length of Content"),
        ("plain", reply("a") + "<x/>", "not XML"),
        ("safe", reply("好"), "plain text in safe mode"),
        ("safe", sealed(reply("好"), token="wrong"), "MsgSignature"),
        ("plain", sealed(reply("好")), "encrypted in plain mode"),
    ],
)
async def test_a_bad_answer_shows_the_user_a_notice(mode: str, body: str, why: str) -> None:
    async with Receiver(saying(body)) as receiver:
        delivery = await platform_for(receiver.url, mode).say("o-1", "在吗")
    assert (delivery.passive_reply, delivery.why) == (None, why)
    assert delivery.notice == "该公众号暂时无法提供服务，请稍后再试"


@pytest.mark.parametrize(("mode"), ["safe", "compatible"])
async def test_an_encrypted_answer_is_read(mode: str) -> None:
    async with Receiver(saying(sealed(reply("您好")))) as receiver:
        delivery = await platform_for(receiver.url, mode).say("o-1", image())
    assert delivery.passive_reply is not None and delivery.passive_reply.text == "您好"


async def test_a_message_takes_one_article_and_an_event_eight() -> None:
    root = ElementTree.fromstring(reply("x"))  # noqa: S314 - our own
    root.find("MsgType").text = "news"  # type: ignore[union-attr]
    ElementTree.SubElement(root, "ArticleCount").text = "2"
    articles = ElementTree.SubElement(root, "Articles")
    for title in ("一", "二"):
        item = ElementTree.SubElement(articles, "item")
        ElementTree.SubElement(item, "Title").text = title
    async with Receiver(saying(ElementTree.tostring(root, encoding="unicode"))) as receiver:
        platform = platform_for(receiver.url)
        assert (await platform.say("o-1", "在吗")).why == "number of articles"
        shown = (await platform.say("o-1", click("orders"))).passive_reply
    assert shown is not None and [a["Title"] for a in shown.articles] == ["一", "二"]


async def test_the_address_is_verified_by_its_echo() -> None:
    async def echo(request: web.Request, _body: bytes) -> web.Response:
        return web.Response(text=request.query["echostr"])

    async with Receiver(echo) as good, Receiver(saying("hello")) as bad:
        assert await platform_for(good.url).verify()
        assert not await platform_for(bad.url).verify()
