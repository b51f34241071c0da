"""By the API: quotas, errors, tokens, outages; nothing is lost, doubled or called sent."""

from __future__ import annotations

import asyncio

import pytest

from bot.records.tables import events, messages, outbox, reply_windows
from tests.channels.wechat.conftest import OPENID, Shop, ShopFactory
from tests.fakes.wechat_platform import text


async def until(done, what: str) -> None:  # type: ignore[no-untyped-def]
    """Wait for the service, in its own thread."""
    try:
        async with asyncio.timeout(30):
            while not done():  # noqa: ASYNC110 - it happens in another thread
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(what) from None


def said(shop: Shop) -> list[str]:
    """Words that reached the customer by the API."""
    return [one.text for one in shop.platform.sent if one.type == "text"]


def first(shop: Shop) -> tuple[str, int]:
    """Status and failed tries of the first delivery."""
    rows = shop.rows(outbox)
    return (rows[0].status, rows[0].attempts) if rows else ("", 0)


async def ask_slowly(shop: Shop, words: str) -> None:
    """A question whose answer goes by the API."""
    shop.engine.let_go.clear()
    delivery = await shop.platform.say(OPENID, words)
    assert delivery.passive_reply is None
    shop.engine.let_go.set()


@pytest.mark.parametrize(
    "fault", [{"errcode": -1}, {"errcode": 45009}, {"drop": True}, {"status": 502}]
)
async def test_an_answer_outlives_a_failing_api(shop: Shop, fault: dict[str, object]) -> None:
    shop.platform.fail_next("/custom/send", **fault, times=2)
    await ask_slowly(shop, "查订单")
    for attempts in (1, 2):
        await until(lambda n=attempts: first(shop) == ("waiting", n), "a failed try")
        shop.clock.advance(seconds=20)
    await until(lambda: first(shop)[0] == "sent", "the third try")
    assert said(shop) == ["收到：查订单"]


@pytest.mark.parametrize("end", ["revoke_tokens", "expire_tokens"])
async def test_a_refused_token_is_replaced_and_the_message_sent(shop: Shop, end: str) -> None:
    await ask_slowly(shop, "一")
    await shop.platform.wait_for_sent(OPENID)
    getattr(shop.platform, end)()
    await ask_slowly(shop, "二")
    await shop.platform.wait_for_sent(OPENID, 2)
    assert said(shop) == ["收到：一", "收到：二"]
    assert [row.attempts for row in shop.rows(outbox)] == [0, 0]


async def test_an_outage_of_a_minute_loses_and_doubles_nothing(shop: Shop) -> None:
    shop.platform.stop()
    for words in ("一", "二", "三"):
        await ask_slowly(shop, words)
        await until(lambda w=words: f"收到：{w}" in [m.text for m in shop.rows(messages)], "turn")
    await until(lambda: first(shop)[1] >= 1, "a failed try")
    shop.clock.advance(seconds=60)
    shop.platform.start()
    await until(lambda: all(row.status == "sent" for row in shop.rows(outbox)), "delivery")
    assert said(shop) == ["收到：一", "收到：二", "收到：三"]


async def test_what_was_accepted_is_answered_after_a_restart(shop: Shop) -> None:
    shop.engine.let_go.clear()
    delivery = await shop.platform.say(OPENID, "查订单")
    assert delivery.statuses == (200,)
    shop.restart()
    shop.engine.let_go.set()
    # The dead process's claim runs out; the sweep of the new one takes the message up.
    shop.clock.advance(seconds=31)
    await shop.platform.wait_for_sent(OPENID)
    again = await shop.platform.deliver(shop.platform.compose(OPENID, "在吗"), OPENID)
    assert again.passive_reply is not None
    assert said(shop) == ["收到：查订单"]


async def test_a_closed_window_is_final_visible_and_no_call_is_made(shop: Shop) -> None:
    await ask_slowly(shop, "一")
    await shop.platform.wait_for_sent(OPENID)
    shop.engine.let_go.clear()
    await shop.platform.say(OPENID, "二")
    shop.clock.advance(hours=49)
    shop.engine.let_go.set()
    await until(lambda: [row.status for row in shop.rows(outbox)][-1:] == ["dead"], "dead letter")
    assert shop.rows(outbox)[-1].error == "45015"
    (event,) = [row for row in shop.rows(events) if row.kind == "undelivered"]
    assert event.data["code"] == "45015" and event.data["offered"] is None
    assert said(shop) == ["收到：一"]


async def test_the_quota_is_counted_as_wechat_counts_it(shop: Shop) -> None:
    await ask_slowly(shop, "一")
    await shop.platform.wait_for_sent(OPENID)
    (window,) = shop.rows(reply_windows)
    assert (window.kind, window.left) == ("message", shop.platform.quota.left(OPENID))
    assert window.left == 4
    await ask_slowly(shop, "二")
    await shop.platform.wait_for_sent(OPENID, 2)
    assert shop.rows(reply_windows)[0].left == 4


async def test_wechat_knows_the_quota_better_than_we_do(shop: Shop) -> None:
    shop.platform.fail_next("/custom/send", errcode=45047)
    await ask_slowly(shop, "一")
    await until(lambda: first(shop)[0] == "dead", "the dead letter")
    assert shop.rows(outbox)[0].error == "45047"
    assert shop.rows(reply_windows)[0].left == 0


async def test_a_try_that_failed_half_way_goes_on_with_the_next_part(shop: Shop) -> None:
    shop.engine.let_go.clear()
    await shop.platform.say(OPENID, "这是一句很长很长的话。" * 75)
    # Card beside words: two parts.
    shop.engine.let_go.set()
    await shop.platform.wait_for_sent(OPENID)
    whole = "收到：" + "这是一句很长很长的话。" * 75
    await until(lambda: "".join(said(shop)) == whole, "all parts")
    assert len(said(shop)) == 2


async def test_without_a_secret_only_passive_replies_are_given(open_shop: ShopFactory) -> None:
    shop = open_shop(wechat_secret=None)
    fast = await shop.platform.say(OPENID, text("你好"))
    assert fast.passive_reply is not None
    await ask_slowly(shop, "查订单")
    await until(lambda: [row.status for row in shop.rows(outbox)][-1:] == ["dead"], "dead letter")
    assert shop.rows(outbox)[-1].error == "no_secret"
    assert shop.platform.requests == []
