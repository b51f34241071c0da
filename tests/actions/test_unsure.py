"""A change that the shop did not confirm: nothing is claimed, and trying again is safe."""

from __future__ import annotations

from typing import Any

import pytest

from actions.shop import DemoShop, ShopUnavailable
from tests.actions.conftest import NOW
from tests.actions.talk import Said, Talk, talk

CHANGES = ("start_return", "cancel_order", "redeem", "request_invoice")
CLAIMS = (
    "没有提交",
    "没有取消",
    "没有兑换",
    "积分都还在",
    "这次先不",
    "不动",
    "先不办了",
    "停下来",
)


class Forgetful:
    """A shop that does what it is told, and whose answer to a change gets lost ``lost`` times."""

    def __init__(self, shop: DemoShop, lost: int = 1) -> None:
        self._shop = shop
        self.lost = lost

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._shop, name)
        if name not in CHANGES:
            return method

        async def change(*args: Any, **kwargs: Any) -> Any:
            done = await method(*args, **kwargs)
            if self.lost:
                self.lost -= 1
                raise ShopUnavailable("timeout")
            return done

        return change


async def asked(shop: DemoShop, what: str, lost: int = 1) -> Talk:
    """A conversation at the question whether to do it."""
    customers = {
        "return": "C000006",
        "cancel": "C000005",
        "redeem": "C000004",
        "invoice": "C000001",
    }
    customer = talk(Forgetful(shop, lost), NOW, customers[what])  # type: ignore[arg-type]
    match what:
        case "return":
            await customer.say("卫衣不喜欢，要退", "request_return", product="FS3005")
        case "cancel":
            await customer.say("取消订单", "cancel_order")
        case "redeem":
            await customer.say("换10元券", "redeem_points")
        case _:
            await customer.say("加湿器开个人发票，发a@example.com", "invoice", product="XJ1001")
    return customer


def says_unsure(said: Said) -> bool:
    return "不能确定" in said.text and not any(claim in said.text for claim in CLAIMS)


@pytest.mark.parametrize("what", ["return", "cancel", "redeem", "invoice"])
async def test_a_change_without_an_answer_is_said_to_be_unsure(shop: DemoShop, what: str) -> None:
    customer = await asked(shop, what)
    said = await customer.say("确认", "affirm")
    assert says_unsure(said) and "再提交一次" in said.buttons and not said.fulfilled
    repeated = await customer.press("再提交一次")
    assert repeated.fulfilled and "不能确定" not in repeated.text


@pytest.mark.parametrize("what", ["return", "cancel", "redeem", "invoice"])
@pytest.mark.parametrize(
    ("no", "intent"),
    [("不", "deny"), ("算了", "deny"), ("不用了", "deny"), ("取消", "cancel_order")],
)
async def test_a_no_after_it_claims_nothing(
    shop: DemoShop, what: str, no: str, intent: str
) -> None:
    customer = await asked(shop, what)
    await customer.say("确认", "affirm")
    assert says_unsure(await customer.say(no, intent))
    later = await customer.say("不", "deny")  # said about nothing: no claim either
    assert not any(claim in later.text for claim in CLAIMS)


async def test_trying_again_by_words_does_it_once(shop: DemoShop) -> None:
    customer = await asked(shop, "redeem", lost=2)
    await customer.say("确认", "affirm")
    assert says_unsure(await customer.say("再试一次", "out_of_scope"))
    assert "17650" in (await customer.unclear("重新提交一下")).text
    account = await shop.points("C000004")
    assert account is not None and account.balance == 17650


async def test_the_state_can_be_asked_for_after_it(shop: DemoShop) -> None:
    customer = await asked(shop, "cancel")
    await customer.say("确认", "affirm")
    state = await customer.say("牙刷那单现在什么状态", "query_order", product="XJ1015")
    assert "已取消" in state.text
    later = (await customer.say("不", "deny")).text
    assert not any(claim in later for claim in CLAIMS)


async def test_a_turn_has_two_and_a_half_seconds_for_the_shop(shop: DemoShop) -> None:
    customer = talk(_Slow(shop), NOW, "C000001", monotonic=_Slow.clock)  # type: ignore[arg-type]
    said = await customer.say("我有多少积分", "query_points")
    assert "3280" in said.text
    said = await customer.say("换10元券", "redeem_points")  # asks the shop twice
    assert "这会儿" in said.text and "转人工" in said.buttons


class _Slow:
    """A shop whose every answer takes 2.6 seconds of the turn's clock."""

    seconds = 0.0

    def __init__(self, shop: DemoShop) -> None:
        self._shop = shop

    @classmethod
    def clock(cls) -> float:
        return cls.seconds

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._shop, name)

        async def slow(*args: Any, **kwargs: Any) -> Any:
            type(self).seconds += 2.6
            return await method(*args, **kwargs)

        return slow
