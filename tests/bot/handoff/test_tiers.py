"""A customer's tier: asked for once in a while, and never waited for."""

from __future__ import annotations

from typing import Any

import pytest

from actions.shop import HttpShop, ShopClient, ShopUnavailable, personas
from bot.handoff.tiers import Tiers
from tests.support.clock import TestClock


async def test_a_stranger_has_no_tier_and_the_shop_is_not_asked(clock: TestClock) -> None:
    away = HttpShop("http://127.0.0.1:9", "token", timeout_s=0.1)
    assert await Tiers(away, clock).of(None) is None
    await away.close()


async def test_a_tier_is_kept_for_a_while_and_survives_a_shop_that_is_away(
    shop: ShopClient, clock: TestClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = personas(shop)["diamond.id"]  # type: ignore[arg-type]
    tiers = Tiers(shop, clock)
    assert await tiers.of(customer) == "diamond"
    asked = []

    async def away(customer_id: str) -> Any:
        asked.append(customer_id)
        raise ShopUnavailable

    monkeypatch.setattr(shop, "member", away)
    assert await tiers.of(customer) == "diamond"
    assert asked == []
    clock.advance(minutes=11)
    assert await tiers.of(customer) == "diamond"
    assert asked == [customer]
    assert await tiers.of("C000001") is None
