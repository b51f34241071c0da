"""Every dialogue finds the shop as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from actions.shop import open_demo_shop, personas
from yingda.replay import FreshShop


async def test_a_change_is_taken_back_while_the_shop_is_open(tmp_path: Path) -> None:
    shop = open_demo_shop(tmp_path / "shop.db")
    number = personas(shop)["canceller.paid.number"]
    fresh = FreshShop(tmp_path / "shop.db")
    for _ in range(2):
        cancelled = await shop.cancel_order(number, "once")
        assert cancelled.state == "cancelled"
        fresh.restore()
        again = await shop.order(number)
        assert again is not None and again.state == "paid"
    fresh.close()
    await shop.close()


def test_a_missing_shop_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.Error):
        FreshShop(tmp_path / "none.db")
    assert not (tmp_path / "none.db").exists()
