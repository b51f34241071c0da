"""Everything a follower can send or do, and what becomes of it."""

from __future__ import annotations

import asyncio

import pytest

from bot.records.tables import contacts, conversations, inbox, messages
from tests.channels.wechat.conftest import OPENID, Shop
from tests.fakes.wechat_platform import (
    Message,
    image,
    link,
    location,
    scan,
    subscribe,
    unsubscribe,
    video,
    voice,
)


async def until(done, what: str) -> None:  # type: ignore[no-untyped-def]
    """Wait for the service, in its own thread."""
    try:
        async with asyncio.timeout(30):
            while not done():  # noqa: ASYNC110 - it happens in another thread
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(what) from None


def seen(shop: Shop) -> list[str]:
    """What customers said, as agents read it."""
    return [row.text for row in shop.rows(messages) if row.author == "customer"]


async def reply_to(shop: Shop, message: Message | str) -> str:
    """The words of the passive reply."""
    delivery = await shop.platform.say(OPENID, message)
    assert delivery.passive_reply is not None, delivery
    return delivery.passive_reply.text


async def test_following_is_welcomed_and_is_no_request(shop: Shop) -> None:
    assert "我是小禾" in await reply_to(shop, subscribe())
    assert "我是小禾" in await reply_to(shop, scan("shelf7"))
    assert shop.engine.texts() == []
    (contact,) = shop.rows(contacts)
    assert contact.reachable and contact.external_id == f"default:{OPENID}"
    await until(lambda: shop.rows(contacts)[0].union_id == f"union-{OPENID}", "unionid")


async def test_leaving_is_noted_and_coming_back_too(shop: Shop) -> None:
    await reply_to(shop, subscribe())
    delivery = await shop.platform.say(OPENID, unsubscribe())
    assert delivery.passive_reply is None and delivery.statuses == (200,)
    assert shop.rows(contacts)[0].reachable is False
    shop.clock.advance(seconds=5)
    await reply_to(shop, subscribe())
    assert shop.rows(contacts)[0].reachable is True


@pytest.mark.parametrize(
    ("message", "shown", "words"),
    [
        (video(), "[视频]", "视频收到了"),
        (video(kind="shortvideo"), "[视频]", "视频收到了"),
        (
            link("空气炸锅", "好物", "https://x.cn/1"),
            "[链接] 空气炸锅 https://x.cn/1",
            "链接收到了",
        ),
        (Message("miniprogrampage", {"Title": "小程序"}), "[暂不支持的消息]", "还打不开"),
        (location(30.0, 120.0, ""), "[位置]", "哪个城市"),
        (voice(), "[语音]", "打字"),
        ("【收到不支持的消息类型，暂无法显示】", "[暂不支持的消息]", "还打不开"),
    ],
)
async def test_what_the_assistant_cannot_read_is_acknowledged_and_kept_for_the_agent(
    shop: Shop, message: Message, shown: str, words: str
) -> None:
    assert words in await reply_to(shop, message)
    assert seen(shop) == [shown]
    assert shop.engine.texts() == []


async def test_a_recognised_voice_and_a_place_are_sentences(shop: Shop) -> None:
    assert await reply_to(shop, voice("退货怎么办")) == "收到：退货怎么办"
    place = location(30.2, 120.1, "杭州市西湖区文三路")
    assert await reply_to(shop, place) == "收到：我在杭州市西湖区文三路，附近有哪些门店？"


async def test_a_picture_is_acknowledged_and_its_file_is_kept(shop: Shop) -> None:
    await shop.platform.say(OPENID, image())
    assert seen(shop) == ["[图片]"]
    await until(lambda: shop.rows(messages)[0].files, "the picture")
    (file,) = shop.rows(messages)[0].files
    assert file["mime"] == "image/jpeg"


async def test_a_picture_that_cannot_be_fetched_now_is_fetched_later(shop: Shop) -> None:
    shop.platform.fail_next("/media/get", errcode=-1)
    await shop.platform.say(OPENID, image())
    await until(lambda: "/cgi-bin/media/get" in shop.platform.requests, "first try")
    shop.clock.advance(seconds=31)
    await until(lambda: shop.rows(messages)[0].files, "the picture")


@pytest.mark.parametrize(
    "event",
    [
        Message("event", {"Event": "LOCATION", "Latitude": 30.1, "Longitude": 120.1}),
        Message("event", {"Event": "VIEW", "EventKey": "https://x.cn"}),
        Message("event", {"Event": "TEMPLATESENDJOBFINISH", "MsgID": 1, "Status": "success"}),
        Message("event", {"Event": "kf_create_session", "KfAccount": "a@b"}),
        Message("event", {"Event": "never_heard_of"}),
    ],
)
async def test_an_event_that_asks_for_nothing_gets_success(shop: Shop, event: Message) -> None:
    delivery = await shop.platform.say(OPENID, event)
    assert delivery.passive_reply is None and delivery.statuses == (200,)
    assert shop.rows(inbox) == []


async def test_notices_can_be_stopped_and_wanted_again(shop: Shop) -> None:
    assert "不再主动" in await reply_to(shop, "退订")
    assert shop.rows(contacts)[0].opted_out_at is not None
    assert "已经恢复" in await reply_to(shop, "恢复通知")
    assert shop.rows(contacts)[0].opted_out_at is None
    assert shop.engine.texts() == []


async def test_words_that_cannot_be_taken_are_refused_in_chinese(shop: Shop) -> None:
    assert "没有看到文字" in await reply_to(shop, "\u200b")
    assert "太长" in await reply_to(shop, "长" * 2001)
    assert shop.rows(conversations) == []


async def test_wechats_own_faces_are_read_as_emoji(shop: Shop) -> None:
    await reply_to(shop, "在吗[微笑]/::D")
    assert shop.engine.texts() == ["在吗🙂😁"]
