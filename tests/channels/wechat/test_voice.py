"""Voices that WeChat has not recognised: fetched, decoded, understood, answered."""

from __future__ import annotations

import asyncio
import threading

import pytest

from bot.records.tables import media_jobs, messages
from channels.wechat.voice import RATE, BadSound, decode
from tests.channels.wechat.conftest import OPENID, Shop, ShopFactory
from tests.channels.wechat.test_events import until
from tests.fakes.wechat_platform import WeChatPlatform, voice


class Ear:
    """Understands whatever it is told to; ``hold`` keeps it thinking."""

    def __init__(self, words: str = "查订单") -> None:
        self.words = words
        self.heard: list[tuple[int, int]] = []
        self.let_go = threading.Event()
        self.let_go.set()

    async def recognise(self, pcm: bytes, rate: int) -> str:
        self.heard.append((len(pcm), rate))
        await asyncio.to_thread(self.let_go.wait, 20)
        return self.words


async def amr(shop_platform: WeChatPlatform) -> bytes:
    """A recording as WeChat keeps it."""
    file = shop_platform.media.get("voice")
    assert file is not None
    return file.content


async def test_a_recording_of_wechat_is_decoded(clock) -> None:  # type: ignore[no-untyped-def]
    content = await amr(WeChatPlatform(clock=clock))
    assert content.startswith(b"#!AMR")
    pcm = await decode(content)
    frames = (len(content) - 6) // 32
    assert len(pcm) == pytest.approx(frames * 0.02 * RATE * 2, rel=0.2)


@pytest.mark.parametrize("content", [b"", b"x" * 100, b"#!AMR\n", b"\x00" * 5000])
async def test_noise_is_no_recording(content: bytes) -> None:
    with pytest.raises(BadSound):
        await decode(content)


async def test_a_voice_is_understood_and_answered_in_the_same_breath(
    open_shop: ShopFactory,
) -> None:
    ear = Ear()
    shop = open_shop(recogniser=ear, wechat_reply_budget_s=4.0)
    delivery = await shop.platform.say(OPENID, voice())
    assert delivery.passive_reply is not None
    assert delivery.passive_reply.text == "收到：查订单"
    assert [row.text for row in shop.rows(messages)] == ["查订单", "收到：查订单"]
    again = await shop.platform.deliver(delivery.push, OPENID)
    assert again.passive_reply == delivery.passive_reply
    assert len(ear.heard) == 1 or shop.engine.texts() == ["查订单"]
    assert ear.heard[0][1] == RATE


async def test_a_voice_that_takes_long_is_answered_by_the_api_once(open_shop: ShopFactory) -> None:
    ear = Ear()
    ear.let_go.clear()
    shop = open_shop(recogniser=ear)
    delivery = await shop.platform.say(OPENID, voice())
    assert delivery.passive_reply is None and delivery.statuses == (200,)
    ear.let_go.set()
    sent = await shop.platform.wait_for_sent(OPENID)
    assert [one.text for one in sent if one.type == "text"] == ["收到：查订单"]
    await until(lambda: shop.rows(media_jobs)[0].status == "done", "the job")


async def test_a_voice_outlives_the_service(open_shop: ShopFactory) -> None:
    shop = open_shop(recogniser=Ear())
    shop.platform.fail_next("/media/get", errcode=-1)
    delivery = await shop.platform.say(OPENID, voice())
    assert delivery.passive_reply is None
    for _ in range(60):  # the failure is noted in its own time, and the wait begins then
        shop.clock.advance(seconds=31)
        await asyncio.sleep(0.5)
        if shop.platform.sent:
            break
    sent = await shop.platform.wait_for_sent(OPENID)
    assert sent[-1].text == "收到：查订单"
    assert shop.engine.texts() == ["查订单"]


async def test_a_voice_with_no_words_asks_for_typing(open_shop: ShopFactory) -> None:
    shop: Shop = open_shop(recogniser=Ear(""), wechat_reply_budget_s=4.0)
    delivery = await shop.platform.say(OPENID, voice())
    assert delivery.passive_reply is not None and "打字" in delivery.passive_reply.text
    assert shop.engine.texts() == []
