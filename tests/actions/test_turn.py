"""What one turn asks of the shop, and how often."""

from __future__ import annotations

from actions.dialogue import Memory, Message, Turn
from actions.dialogue.turn import LOOK_BACK
from actions.shop import DemoShop
from actions.shop.models import Order, OrderState
from actions.wording import DOMAIN_FILE, Phrases
from tests.actions.conftest import NOW
from tests.actions.talk import Context


class Counting:
    """The demo shop, which counts how often orders are looked up."""

    def __init__(self, shop: DemoShop) -> None:
        self.shop = shop
        self.asked: list[str] = []

    async def orders(self, customer_id: str, limit: int = 10) -> list[Order]:
        assert limit == LOOK_BACK
        self.asked.append(customer_id)
        return await self.shop.orders(customer_id, limit)

    def __getattr__(self, name: str) -> object:
        return getattr(self.shop, name)


def turn_of(shop: Counting, customer_id: str | None) -> Turn:
    return Turn(
        Context(shop, NOW, customer_id),  # type: ignore[arg-type]
        Phrases.load(DOMAIN_FILE),
        sender="ep_test",
        channel="app_chat",
        message=Message("我的订单", "query_order"),
        memory=Memory(),
    )


async def test_orders_are_looked_up_once_in_a_turn(shop: DemoShop, people: dict[str, str]) -> None:
    counting = Counting(shop)
    turn = turn_of(counting, people["lin.id"])
    first = await turn.orders()
    assert first and await turn.orders() == first
    assert counting.asked == [people["lin.id"]]


async def test_a_change_is_seen_in_the_orders_of_the_same_turn(
    shop: DemoShop, people: dict[str, str]
) -> None:
    turn = turn_of(Counting(shop), people["canceller.id"])
    number = people["canceller.paid.number"]
    assert OrderState.CANCELLED not in {o.state for o in await turn.orders() if o.number == number}
    await turn.shop.cancel_order(number, turn.key("cancel", number))
    assert {o.state for o in await turn.orders() if o.number == number} == {OrderState.CANCELLED}


async def test_somebody_unknown_has_no_orders_until_the_proof(
    shop: DemoShop, people: dict[str, str]
) -> None:
    counting = Counting(shop)
    turn = turn_of(counting, None)
    assert await turn.orders() == [] and counting.asked == []
    await turn.prove(people["lin.in_transit.number"], people["lin.tail"])
    assert {o.customer_id for o in await turn.orders()} == {people["lin.id"]}
