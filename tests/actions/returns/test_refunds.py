"""What customers object to a refund that was told."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.returns.objections import objection_in
from tests.actions.talk import Talk

Meet = Callable[..., Talk]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("没有啊", "missing"),
        ("我查了没有", "missing"),
        ("银行卡里没有", "missing"),
        ("银行说没有", "missing"),
        ("钱没到啊", "missing"),
        ("你再查查", "missing"),
        ("怎么只退这么点", "amount"),
        ("我付了五百多怎么只退499", "amount"),
        ("我付的是微信啊 怎么退银行卡", "method"),
        ("那张卡注销了怎么办", "card"),
        ("没有了", None),
        ("没有问题", None),
        ("谢谢", None),
        ("什么时候到账", None),
    ],
)
def test_objections_are_told_apart(text: str, kind: str | None) -> None:
    assert objection_in(text) == kind


async def test_money_that_is_not_seen_is_no_goodbye_and_ends_with_a_person(meet: Meet) -> None:
    diamond = meet("diamond")
    await diamond.say("吸尘器退款没到账", "query_refund", product="XJ1010")
    first = await diamond.say("没有啊", "deny", 1.0)
    assert "明细" in first.text and "499" in first.text and not first.buttons
    second = await diamond.say("真没有", "query_refund")
    assert "转人工" in second.buttons and "已到账" not in second.text


async def test_a_refund_under_way_cannot_be_seen_yet(meet: Meet) -> None:
    diamond = meet("diamond")
    await diamond.say("冬被退款", "query_refund", product="JF2003")
    said = await diamond.say("银行卡里没有", "query_refund")
    assert "还在处理" in said.text or "仍在处理" in said.text


async def test_the_amount_is_set_against_what_was_paid(meet: Meet) -> None:
    diamond = meet("diamond")
    await diamond.say("冬被退了多少钱", "query_refund", product="JF2003")
    said = await diamond.say("怎么只退这么点", "query_refund")
    assert said.text.count("1,299.00") == 2 and "订单合计" in said.text


@pytest.mark.parametrize(
    ("text", "intent", "fragment"),
    [
        ("我付的是微信啊 怎么退银行卡", "query_refund", "核对"),
        ("那张卡注销了怎么办", "nlu_fallback", "原路退"),
    ],
)
async def test_the_wrong_or_a_dead_account_is_for_a_person(
    meet: Meet, text: str, intent: str, fragment: str
) -> None:
    diamond = meet("diamond")
    await diamond.say("冬被退款", "query_refund", product="JF2003")
    said = await diamond.say(text, intent)
    assert fragment in said.text and "转人工" in said.buttons


async def test_nothing_more_to_ask_stays_a_goodbye(meet: Meet) -> None:
    diamond = meet("diamond")
    await diamond.say("冬被退款", "query_refund", product="JF2003")
    assert "退款" not in (await diamond.say("没有了", "deny", 1.0)).text


async def test_how_much_is_answered_from_the_refund_if_there_is_one(meet: Meet) -> None:
    lin = await meet("lin").say("退款多少钱", "return_policy")
    assert "护眼台灯" in lin.text and "退款" in lin.text


async def test_a_day_after_the_status_is_a_day_of_the_money(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("台灯退款", "query_refund", product="XJ1014")
    assert "护眼台灯" in (await lin.say("1号能到不", "query_logistics", 0.7)).text
