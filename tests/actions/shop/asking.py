"""What behaviour tests share: ids of nothing, and catching a refusal."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from actions.shop import ShopRefused

NOWHERE = ["", "000000000000", "../rewards", "a b", "订单", "\ud800", "x" * 400, "'; DROP TABLE--"]


async def refusal(attempt: Awaitable[object]) -> ShopRefused:
    with pytest.raises(ShopRefused) as caught:
        await attempt
    assert any("\u4e00" <= char <= "\u9fff" for char in caught.value.message)
    return caught.value
