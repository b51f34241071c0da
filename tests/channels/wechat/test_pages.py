"""Binding and the trace page, as a phone opens them."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import httpx

from actions.shop import open_demo_shop, scenario_orders
from bot.records.tables import conversations, episodes, events, identities, messages, outbox
from tests.channels.wechat.conftest import OPENID, Shop
from tests.channels.wechat.test_events import reply_to, until

LINK = re.compile(r"http://\S+/bind\?t=\S+")


async def an_order(shop: Shop) -> tuple[str, str, str]:
    """An order of the demo shop: its number, its owner, the end of the owner's phone."""
    demo = open_demo_shop(shop.settings.home / "shop.db", shop.clock)
    try:
        number = scenario_orders(demo)["lin.in_transit"]
        order = await demo.order(number)
        assert order is not None
        member = await demo.member(order.customer_id)
        assert member is not None
        return number, order.customer_id, member.phone[-4:]
    finally:
        await demo.close()


async def bind_link(shop: Shop) -> str:
    """The link that the chat gives."""
    found = LINK.search(await reply_to(shop, "绑定会员"))
    assert found is not None
    return found[0]


async def test_a_follower_binds_by_an_order_and_is_verified_from_then_on(shop: Shop) -> None:
    number, customer_id, tail = await an_order(shop)
    url = await bind_link(shop)
    async with httpx.AsyncClient(trust_env=False) as client:
        page = await client.get(url)
        assert page.status_code == 200 and 'name="tail"' in page.text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script" not in policy
        assert page.headers["cache-control"] == "no-store"
        wrong = await client.post(
            url, data={"order": number, "tail": str(9999 - int(tail)).zfill(4)}
        )
        assert wrong.status_code == 422 and "还可以试2次" in wrong.text
        done = await client.post(url, data={"order": f" {number} ", "tail": tail})
        assert done.status_code == 200 and "绑定成功" in done.text
        (identity,) = [row for row in shop.rows(identities) if row.channel == "wechat"]
        assert identity.level == "verified" and identity.customer_id is not None
        # The chat hears of it, so that a stranger's binding is noticed.
        await until(lambda: any("绑定成功" in s.text for s in shop.platform.sent), "the news")
        shop.clock.advance(hours=2)
        await reply_to(shop, "你好")
        newest = shop.rows(episodes)
        assert {row.shop_customer_id for row in newest if row.closed_at is None} == {customer_id}
        assert "已经绑定" in await reply_to(shop, "绑定会员")
        assert "已经解除绑定" in await reply_to(shop, "解绑")
        (identity,) = [row for row in shop.rows(identities) if row.channel == "wechat"]
        assert identity.customer_id is None and identity.level == "anonymous"
        # What is said next is said by a stranger.
        await reply_to(shop, "查订单")
        (last,) = [row for row in shop.rows(episodes) if row.closed_at is None]
        assert last.shop_customer_id is None
    kinds = [row.kind for row in shop.rows(events)]
    assert kinds.count("bound") == 1 and kinds.count("unbound") == 1


async def test_three_wrong_proofs_lock_the_page(shop: Shop) -> None:
    number, _, tail = await an_order(shop)
    url = await bind_link(shop)
    wrong = str(9999 - int(tail)).zfill(4)
    async with httpx.AsyncClient(trust_env=False) as client:
        answers = [
            (
                await client.post(url, data={"order": number, "tail": f"{int(wrong) + n:04d}"})
            ).status_code
            for n in range(3)
        ]
        locked = await client.post(url, data={"order": number, "tail": tail})
    assert answers[:1] == [422]
    assert locked.status_code == 429 and "400-820-0000" in locked.text


async def test_a_link_is_one_followers_and_runs_out(shop: Shop) -> None:
    url = await bind_link(shop)
    async with httpx.AsyncClient(trust_env=False) as client:
        forged = await client.get(url[:-2] + "xx")
        elsewhere = await client.get(url.replace("/default/", "/other/"))
        missing = await client.get(url.partition("?")[0])
        empty = await client.post(url, content=b"\xff&&&=%%%")
        shop.clock.advance(minutes=16)
        over = await client.get(url)
    assert [r.status_code for r in (forged, elsewhere, missing, over)] == [410] * 4
    assert empty.status_code == 422


async def test_the_card_of_an_order_opens_its_trace_with_nothing_personal(shop: Shop) -> None:
    delivery = await shop.platform.say(OPENID, "261119004217 尾号 0001")
    assert delivery.passive_reply is not None
    url = delivery.passive_reply.articles[0]["Url"]
    number, _, _ = await an_order(shop)
    from channels.wechat.links import TRACE_LIFE, Links

    key = shop.settings.require_secret("session_key")
    token = Links(key, "wechat trace", TRACE_LIFE, shop.clock).make(a="default", o=number)
    real = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}{urlsplit(url).path}?t={token}"
    demo = open_demo_shop(shop.settings.home / "shop.db", shop.clock)
    order = await demo.order(number)
    await demo.close()
    assert order is not None
    async with httpx.AsyncClient(trust_env=False) as client:
        unknown = await client.get(url)
        page = await client.get(real)
        shop.clock.advance(hours=25)
        over = await client.get(real)
    assert (unknown.status_code, over.status_code) == (404, 410)
    assert page.status_code == 200 and number in page.text
    assert order.parcels[0].carrier in page.text
    for personal in (
        order.parcels[0].tracking_number,
        order.ship_to.phone,
        order.ship_to.name,
        order.ship_to.street,
    ):
        assert personal not in page.text
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_an_undeliverable_reply_is_left_in_the_app_of_the_same_customer(shop: Shop) -> None:
    number, customer_id, tail = await an_order(shop)
    url = await bind_link(shop)
    headers = {"Authorization": f"Bearer {shop.settings.require_secret('internal_token')}"}
    async with httpx.AsyncClient(trust_env=False) as client:
        await client.post(url, data={"order": number, "tail": tail})
        await until(lambda: any("绑定成功" in s.text for s in shop.platform.sent), "the news")
        turn = {
            "channel": "app_chat",
            "external_id": f"user:{customer_id}",
            "customer_id": customer_id,
            "text": "你好",
            "dedup_key": "a1",
        }
        done = await client.post(
            f"{shop.url}/internal/turn", json=turn, headers=headers, timeout=30
        )
        assert done.status_code == 200, done.text
    shop.engine.let_go.clear()
    await shop.platform.say(OPENID, "查订单")
    shop.clock.advance(hours=49)
    shop.engine.let_go.set()
    await until(
        lambda: [r.status for r in shop.rows(outbox) if r.channel == "wechat"][-1:] == ["dead"],
        "the dead letter",
    )
    (event,) = [row for row in shop.rows(events) if row.kind == "undelivered"]
    assert event.data["offered"] == "app_chat"
    # Rows come by conversation, whose name is random, and then by number: look at one only.
    (app,) = [row.id for row in shop.rows(conversations) if row.channel == "app_chat"]
    left = [
        row.text
        for row in shop.rows(messages)
        if row.conversation_id == app and row.author == "system"
    ]
    assert left[-1] == "收到：查订单" and "没能发到您的微信" in left[-2]
