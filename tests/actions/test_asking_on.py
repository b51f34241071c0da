"""Bare questions that go on with points, tiers, coupons and gift cards."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.asking_on import SUBJECTS, asked_next
from actions.dialogue import Task
from actions.invoices.rules import rule_asked
from actions.invoices.titles import person_in, read_title
from actions.points import Part, part_asked
from actions.rewards import count_in
from actions.wording import answer_part
from actions.wording.answers import _answers
from tests.actions.talk import Talk

Meet = Callable[..., Talk]


@pytest.mark.parametrize(
    ("last", "text", "entry"),
    [
        ("gift_card_use", "那有有效期吗", "gift_card_expiry"),
        ("gift_card_expiry", "能退不", "gift_card_refund"),
        ("gift_card_buy", "怎么寄啊", "gift_card_buy"),
        ("gift_card_use", "要是丢了怎么办", "gift_card_lost"),
        ("gift_card_use", "我快递到哪了", None),
        ("gift_card_use", "门店在哪", None),
        ("coupon_rules", "怎么用不了", "coupon_not_usable"),
        ("coupon_rules", "在哪能用不", "coupon_rules"),
        ("coupon_rules", "那怎么领", "promotion"),
        ("installments", "手续费多少", "installments"),
        ("double_payment", "要是没退呢", "double_payment"),
        ("shipping_fee", "有有效期吗", None),
    ],
)
def test_a_bare_question_goes_on_with_the_entry_told(
    last: str, text: str, entry: str | None
) -> None:
    asked = asked_next(text, last)
    assert (asked.entry if asked else None) == entry


def test_every_entry_exists_and_has_the_part_that_is_asked_for() -> None:
    for subject in SUBJECTS:
        for following in subject.following:
            if following.part.pattern:
                assert following.entry in _answers()
                assert answer_part(following.entry, following.part, spoken=False), following


def test_of_what_was_told_only_the_part_asked_for_is_told_again() -> None:
    asked = asked_next("打折吗", "gift_card_buy")
    assert asked is not None
    told = answer_part(asked.entry, asked.part, spoken=False)
    assert told == "礼品卡不参加打折，也不能用券买。"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("怎么用啊", Part.HOW),
        ("那能换点啥", Part.WHAT),
        ("积分能干嘛", Part.HOW),
        ("抵多少", Part.WORTH),
        ("积分多久到账", Part.LATE),
        ("我上次买的东西怎么没给积分", Part.LATE),
        ("积分怎么少了", Part.GONE),
        ("退货了积分退吗", Part.RETURNED),
        ("我有多少积分", None),
        ("换10元券", None),
    ],
)
def test_what_of_points_is_asked(text: str, part: Part | None) -> None:
    assert part_asked(text) is part


@pytest.mark.parametrize(
    ("text", "count"),
    [("换两张", 2), ("来3张10元的", 3), ("第二个", None), ("换一个", 1), ("换10元券", None)],
)
def test_how_many_are_wanted(text: str, count: int | None) -> None:
    assert count_in(text) == count


async def test_several_of_a_reward_are_bought_once_each(meet: Meet) -> None:
    lin = meet("lin")
    asked = await lin.say("换两张5元券", "redeem_points")
    assert "1000" in asked.text and "2280" in asked.text
    done = await lin.say("确认", "affirm")
    assert done.fulfilled and "2280" in done.text
    account = await lin.context.shop.points("C000001")
    assert account is not None and account.balance == 2280
    again = await lin.say("再来一张", "nlu_fallback", 0.3)
    assert "1780" in again.text and again.buttons == ["确认", "先不了"]


async def test_more_than_the_points_buy_are_not_confirmed(meet: Meet) -> None:
    silver = meet("silver")
    said = await silver.say("换两张5元券", "redeem_points")
    assert "5元无门槛券 2 张" in said.text and "确认" not in said.buttons


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("你们开的是电子发票还是纸质的", "utter_invoice_kinds"),
        ("个人能开发票吗", "utter_invoice_titles"),
        ("一年前的还能开吗", "utter_invoice_until"),
        ("发票多久能开", "utter_invoice_when"),
        ("可以开成办公用品吗", "utter_invoice_content"),
        ("要加税点吗", "utter_invoice_free"),
        ("开票要什么资料", "utter_invoice_how"),
        ("我要开发票", None),
        ("小白鞋能开发票吗", None),
        ("发票没收到", None),
    ],
)
def test_a_general_question_about_invoices(text: str, sentence: str | None) -> None:
    assert rule_asked(text) == sentence


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("林晓雨", "林晓雨"),
        ("抬头写李雷就行", "李雷"),
        ("我叫王建国", "王建国"),
        ("写我名字行吗", None),
        ("马上", None),
        ("方便", None),
        ("个人", None),
        ("好的", None),
    ],
)
def test_a_persons_name_as_title(text: str, name: str | None) -> None:
    assert person_in(text) == name


@pytest.mark.parametrize(
    ("text", "title"),
    [("苏州市吴中区顺发五金商贸行", "苏州市吴中区顺发五金商贸行"), ("你等下我问下财务", None)],
)
def test_a_companys_name_of_any_ending(text: str, title: str | None) -> None:
    task = Task("invoice", "company", {"company": True})
    read_title(task, text, free=True)
    assert task.data.get("title") == title


def test_for_a_company_says_not_which() -> None:
    task = Task("invoice", "email", {"title": "个人", "company": False})
    assert read_title(task, "等下，换成公司的")
    assert task.data == {"company": True}


async def test_what_is_still_there_is_not_what_is_given_back(meet: Meet) -> None:
    lin = meet("lin")
    for own in ("我还有多少积分", "积分还剩多少"):
        await lin.say("我的退款呢", "query_refund")
        assert "3280" in (await lin.say(own, "query_points")).text
    await lin.say("我的退款呢", "query_refund")
    assert "退货后积分" in (await lin.say("那我的积分还给我吗", "query_points")).text


async def test_the_only_invoice_there_is_is_the_one_missed(meet: Meet) -> None:
    said = await meet("lin").say("发票没收到", "invoice")
    assert "吹风机" in said.text and said.buttons == ["转人工", "不用了"]


async def test_who_wants_a_coupon_is_offered_coupons(meet: Meet) -> None:
    said = await meet("diamond").say("积分帮我换成券", "redeem_points")
    assert said.buttons and all("券" in title for title in said.buttons)
