"""What the demo page offers a stranger to try."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from actions.shop import open_demo_shop
from actions.shop.models import Order
from bot.clock import utc_now
from bot.settings import load_settings
from channels.app_chat import build_demo_router


async def test_every_offered_tail_proves_its_order_even_of_a_gift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = open_demo_shop(tmp_path / "shop.db", utc_now)
    orders = shop.orders

    async def as_gifts(customer_id: str, limit: int = 10) -> list[Order]:
        return [
            order.model_copy(
                update={"ship_to": order.ship_to.model_copy(update={"phone": "13300004321"})}
            )
            for order in await orders(customer_id, limit)
        ]

    monkeypatch.setattr(shop, "orders", as_gifts)
    app = FastAPI()
    settings = load_settings(_env_file=None, demo=True, home=tmp_path)
    app.include_router(build_demo_router(settings, shop))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://demo") as page:
        offered = (await page.get("/demo/shop")).json()["orders"]
    assert offered
    for order in offered:
        assert await shop.check_phone_tail(order["number"], order["tail"]), order
    await shop.close()
