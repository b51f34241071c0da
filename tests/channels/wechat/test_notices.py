"""The back office posts news; the follower gets it by message or by template."""

from __future__ import annotations

import httpx

from bot.records.tables import episodes, events, notices
from tests.channels.wechat.conftest import OPENID, Shop, ShopFactory
from tests.channels.wechat.test_events import until
from tests.channels.wechat.test_pages import an_order, bind_link
from tests.fakes.wechat_platform import Message

TOKEN = "tN5kq8Zr2mP5vX1cN7bT4yL9wJ3"
TEMPLATE = {
    "order_shipped": {"id": "T1", "fields": {"thing1": "status", "number2": "order_number"}}
}


async def bound(shop: Shop) -> tuple[str, str]:
    """Bind the follower; an order and the customer."""
    number, customer_id, tail = await an_order(shop)
    url = await bind_link(shop)
    async with httpx.AsyncClient(trust_env=False) as client:
        done = await client.post(url, data={"order": number, "tail": tail})
    assert done.status_code == 200
    await until(lambda: any("绑定成功" in sent.text for sent in shop.platform.sent), "the news")
    return number, customer_id


async def post(shop: Shop, number: int, customer_id: str, order: str, token: str = TOKEN) -> int:
    """Post a notice as the back office does."""
    body = {
        "id": f"n{number}",
        "kind": "order_shipped",
        "customer_id": customer_id,
        "order_number": order,
        "carrier": "顺禾速运",
        "tracking_tail": "8260",
    }
    async with httpx.AsyncClient(trust_env=False) as client:
        answered = await client.post(
            f"{shop.url}/internal/notices", json=body, headers={"Authorization": f"Bearer {token}"}
        )
    return answered.status_code


async def test_news_goes_as_a_message_while_the_window_is_open_and_by_template_later(
    open_shop: ShopFactory,
) -> None:
    shop = open_shop(notice_token=TOKEN, wechat_templates=TEMPLATE)
    shop.platform.templates.add("T1")
    order, customer_id = await bound(shop)
    assert await post(shop, 1, customer_id, order, token="wrong") == 401
    assert await post(shop, 1, customer_id, order) == 202
    await until(lambda: any("已经发货" in s.text for s in shop.platform.sent), "the message")
    assert await post(shop, 1, customer_id, order) == 200
    assert await post(shop, 1, "somebody", order) == 409
    shop.clock.advance(hours=50)
    assert await post(shop, 2, customer_id, order) == 202
    await until(lambda: shop.platform.sent[-1].path.endswith("template/send"), "the template")
    sent = shop.platform.sent[-1].body
    assert sent["data"]["number2"]["value"] == order
    assert sent["data"]["thing1"]["value"] == "已发货"
    assert "/trace?t=" in sent["url"]
    assert [row.way for row in shop.rows(notices)] == ["message", "template"]
    assert [row.kind for row in shop.rows(events)].count("notice") == 2
    before = len(shop.rows(episodes))
    assert before == len({row.id for row in shop.rows(episodes)})
    # The platform reports that the follower has blocked the account.
    platform_id = shop.rows(notices)[1].platform_id
    assert platform_id
    blocked = {
        "Event": "TEMPLATESENDJOBFINISH",
        "MsgID": int(platform_id),
        "Status": "failed:user block",
    }
    await shop.platform.say(OPENID, Message("event", blocked))
    assert shop.rows(notices)[1].status == "dead"
