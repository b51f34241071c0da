"""The time that one turn has for the shop."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from actions.shop import DemoShop, ShopClient, ShopRefused, ShopUnavailable, ShopUnsure
from actions.shop.deadline import Deadline


class Seconds:
    """A clock that the test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class Hanging:
    """A shop that never answers."""

    def __getattr__(self, name: str) -> Any:
        async def wait(*args: object, **kwargs: object) -> None:
            await asyncio.Event().wait()

        return wait


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def hanging(seconds: Seconds) -> ShopClient:
    return Deadline(0.01, seconds).over(Hanging())  # type: ignore[arg-type]


async def test_a_shop_that_hangs_is_unavailable_when_the_time_is_over(seconds: Seconds) -> None:
    with pytest.raises(ShopUnavailable) as refusal:
        await hanging(seconds).tiers()
    assert not isinstance(refusal.value, ShopUnsure)


async def test_a_change_without_an_answer_is_neither_done_nor_undone(seconds: Seconds) -> None:
    shop = hanging(seconds)
    for change in (
        shop.cancel_order("261119004217", "k"),
        shop.redeem("C000001", "R01", "k"),
        shop.start_return("261119004217", "XJ1001", "不合适", "k"),
        shop.request_invoice("261119004217", "个人", "", "a@example.com", "k"),
    ):
        with pytest.raises(ShopUnsure):
            await change


async def test_all_calls_of_a_turn_share_its_time(demo: DemoShop, seconds: Seconds) -> None:
    shop = Deadline(2.5, seconds).over(demo)
    assert len(await shop.tiers()) == 4
    seconds.now += 2.4
    assert await shop.orders("C000001", limit=1)
    seconds.now += 0.2
    with pytest.raises(ShopUnavailable):
        await shop.tiers()


async def test_a_change_that_was_never_begun_is_surely_not_done(
    demo: DemoShop, seconds: Seconds
) -> None:
    shop = Deadline(2.5, seconds).over(demo)
    seconds.now += 3
    with pytest.raises(ShopUnavailable) as refusal:
        await shop.redeem("C000001", "R01", "k")
    assert not isinstance(refusal.value, ShopUnsure)
    account = await demo.points("C000001")
    assert account is not None and account.balance == 3280


async def test_a_refusal_stays_a_refusal(demo: DemoShop, seconds: Seconds) -> None:
    with pytest.raises(ShopRefused):
        await Deadline(2.5, seconds).over(demo).redeem("C999999", "R01", "k")
