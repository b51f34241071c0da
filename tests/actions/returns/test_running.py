"""Questions about a return that runs are answered from it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.dialogue import Memory, Message, Request, Turn
from actions.returns import RefundProgress, ReturnPolicySkill
from actions.returns.running import asked_about, withdraws
from actions.wording import Phrases
from tests.actions.talk import Talk

Meet = Callable[..., Talk]


def _turn(talk: Talk, text: str, intent: str, topic: str | None = None, sure: float = 0.9) -> Turn:
    message = Message(text, intent, sure)
    memory = Memory(topic=topic, about={"refused": "x/y"} if topic else {})
    context = talk.context
    return Turn(
        context,  # type: ignore[arg-type]
        Phrases.load(),
        sender="ep_test",
        channel="app_chat",
        message=message,
        memory=memory,
    )


def test_taking_a_return_back_is_told_from_other_refusals() -> None:
    for text in (
        "不退了",
        "算了先不退",
        "我不退了",
        "那个退货帮我取消",
        "撤销退货",
        "取消退货申请",
        "蚕丝被不退了",
        "我不想退了 帮我把退货申请撤了",
        "能不能不退了 取消退货",
        "我留着了",
    ):
        assert withdraws(text), text
    for text in (
        "怎么还不退款",
        "为什么不退",
        "我取消的那个订单钱退了吗",
        "取消订单",
        "取消的订单退款到哪了",
        "退货申请被取消了",
        "不退运费吗",
        "不想要了",
        "盒子我留着了",
    ):
        assert not withdraws(text), text


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("退货地址发我一下", "where"),
        ("蚕丝被的退货寄到哪", "where"),
        ("退货单号多少", "number"),
        ("羽绒服退货寄出去了 单号填哪", "tracking"),
        ("退货最晚哪天寄", "until"),
        ("退货超过时间没寄会怎样", "late"),
        ("退货寄到哪了", None),
        ("羽绒服寄回去好几天了 仓库收到没", None),
        ("我的快递到哪了", None),
    ],
)
async def test_what_is_asked_about_a_return(meet: Meet, text: str, asked: str | None) -> None:
    turn = _turn(meet(), text, "nlu_fallback")
    assert asked_about(turn, Request(text=text)) == asked


async def test_bare_questions_need_returns_to_be_spoken_of(meet: Meet) -> None:
    for text in ("地址发我一下", "那寄到哪里啊", "要不要寄回去"):
        asked = Request(text=text)
        assert asked_about(_turn(meet(), text, "query_logistics"), asked) is None
        spoken = _turn(meet(), text, "query_logistics", topic="request_return")
        assert asked_about(spoken, asked) == "where"


async def test_address_number_and_last_day_come_from_the_running_return(meet: Meet) -> None:
    diamond = meet("diamond")
    where = await diamond.say("退货地址发我一下", "return_policy")
    assert "退货仓" in where.text and "TH" in where.text and "桑蚕丝夏凉被" in where.text
    assert "申请退货" not in where.text
    assert "TH" in (await diamond.say("退货单号多少", "query_refund")).text
    assert "前寄出" in (await diamond.say("最晚哪天寄", "query_refund")).text
    late = await diamond.say("退货超过时间没寄会怎样", "return_policy")
    assert "说不准" in late.text or "问同事" in late.text
    tracking = await diamond.say("羽绒服退货寄出去了 单号填哪", "return_policy", product="FS3001")
    assert "轻薄羽绒服" in tracking.text and "转人工" in tracking.buttons


async def test_the_phone_does_not_read_out_an_address(meet: Meet) -> None:
    said = await meet("diamond", channel="phone").say("退货地址是哪里", "return_policy")
    assert "短信" in said.text and "路" not in said.text


async def test_a_running_return_is_withdrawn_by_a_person(meet: Meet) -> None:
    diamond = meet("diamond")
    said = await diamond.say("能不能不退了 取消退货", "return_policy")
    assert "桑蚕丝夏凉被" in said.text and "撤" in said.text and "转人工" in said.buttons
    await diamond.press("转人工")
    assert diamond.context.handoffs[0][0] == "complex_intent"
    sent = await meet("diamond").say("羽绒服不退了", "query_refund", product="FS3001")
    assert "已经寄回" in sent.text and "转人工" in sent.buttons


async def test_several_running_returns_are_offered_to_choose_from(meet: Meet) -> None:
    shopper = meet("shopper")
    for product, name in (("FS3006", "牛仔裤"), ("XJ1006", "水壶")):
        await shopper.say(f"{name}不想要了，要退", "request_return", product=product)
        await shopper.press("确认提交")
    shopper.slots["order_number"] = None
    asked = await shopper.say("退货地址发我一下", "return_policy")
    assert "1." in asked.text and "直筒牛仔裤" in asked.text and "电热水壶" in asked.text
    chosen = await shopper.say("水壶", "nlu_fallback", product="XJ1006")
    assert "退货仓" in chosen.text and "电热水壶" in chosen.text


async def test_without_a_running_return_the_rule_is_told(meet: Meet) -> None:
    assert "申请" in (await meet("solo").say("退货地址发我一下", "return_policy")).text
    assert "申请" in (await meet().say("退货寄到哪", "return_policy")).text


async def test_a_return_that_runs_claims_what_looks_like_something_else(meet: Meet) -> None:
    refunds = RefundProgress()
    for text, intent in (
        ("算了先不退", "deny"),
        ("那个退货帮我取消", "cancel_order"),
        ("蚕丝被不退了", "request_return"),
        ("退货地址呢", "request_return"),
    ):
        request = Request(text=text)
        assert await refunds.claims(_turn(meet("diamond"), text, intent), request), text
        assert not await refunds.claims(_turn(meet("solo"), text, intent), request), text
        assert not await refunds.claims(_turn(meet(), text, intent), request), text


async def test_the_rules_claim_what_is_said_while_returns_are_spoken_of(meet: Meet) -> None:
    rules = ReturnPolicySkill()
    for text, intent, sure in (
        ("运费多少", "faq", 0.9),
        ("我先垫着？", "nlu_fallback", 0.3),
        ("发给谁报", "invoice", 0.6),
        ("为什么不能退", "request_return", 0.9),
        ("通融一下", "nlu_fallback", 0.3),
        ("那修吧", "nlu_fallback", 0.3),
        ("盒子扔了", "nlu_fallback", 0.3),
        ("怎么约快递", "query_logistics", 0.63),
    ):
        request = Request(text=text)
        spoken = _turn(meet(), text, intent, "request_return", sure)
        assert await rules.claims(spoken, request), text
        assert not await rules.claims(_turn(meet(), text, intent), request), text
    other = _turn(meet(), "你们发什么快递", "query_logistics", "request_return")
    assert not await rules.claims(other, Request(text="你们发什么快递"))
