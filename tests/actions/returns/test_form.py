"""The return form: what was said is kept, and what it cannot do is for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.returns.goods import wants_all
from actions.returns.instead import instead_in
from actions.returns.reading import defective_in, opened_in
from actions.returns.reasons import reason_answered, reason_in
from actions.shop import DemoShop
from actions.shop.models import Order
from tests.actions.conftest import NOW
from tests.actions.talk import Talk, talk

Meet = Callable[..., Talk]
JEANS, BRIEFS, NUTS, SERUM = "FS3006", "FS3010", "SP5001", "MZ4003"
KETTLE = "XJ1006"


def _title(text: str) -> str | None:
    reason = reason_in(text)
    return reason.title if reason else None


class Several:
    """A shop in which every line was bought twice."""

    def __init__(self, shop: DemoShop) -> None:
        self._shop = shop

    def __getattr__(self, name: str) -> Any:
        return getattr(self._shop, name)

    async def orders(self, customer_id: str, limit: int = 10) -> list[Order]:
        return [_twice(order) for order in await self._shop.orders(customer_id, limit)]

    async def order(self, number: str) -> Order | None:
        order = await self._shop.order(number)
        return _twice(order) if order else None


def _twice(order: Order) -> Order:
    lines = tuple(line.model_copy(update={"quantity": 2}) for line in order.lines)
    return order.model_copy(update={"lines": lines})


@pytest.fixture
def two_kettles(shop: DemoShop, people: dict[str, str]) -> Talk:
    return talk(Several(shop), NOW, people["shopper.id"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("一股哈喇味", "质量问题"),
        ("有虫", "质量问题"),
        ("都长毛了", "质量问题"),
        ("洗了一水就缩水了", "质量问题"),
        ("线头都开了", "质量问题"),
        ("不加热", "质量问题"),
        ("送错了", "发错或少发"),
        ("我买的蓝的来的红的", "发错或少发"),
        ("太薄了", "尺码或规格不合适"),
        ("勒得慌", "尺码或规格不合适"),
        ("颜色太深", "和描述不符"),
        ("声音太吵", "不喜欢或不想要了"),
        ("家里人不让吃", "不喜欢或不想要了"),
        ("没效果", "不喜欢或不想要了"),
        ("穿着痒", "不喜欢或不想要了"),
        ("脸上起红疹", "过敏"),
        ("擦了脸痒", "过敏"),
    ],
)
def test_everyday_reasons_are_understood(text: str, title: str) -> None:
    assert _title(text) == title


@pytest.mark.parametrize(
    "text",
    ["赶紧退", "麻烦退一下", "等太长时间了", "退破壁机", "没有问题", "我就想退个毛衣", "不转人工"],
)
def test_no_reason_is_read_where_none_is_given(text: str) -> None:
    assert reason_in(text) is None and not defective_in(text)


@pytest.mark.parametrize("text", ["随便", "其他", "就是想退", "没什么原因"])
def test_no_reason_in_particular_counts_only_as_an_answer(text: str) -> None:
    answered = reason_answered(text)
    assert answered is not None and answered.title == "不喜欢或不想要了"


@pytest.mark.parametrize(
    ("text", "opened"),
    [
        ("没拆", False),
        ("未拆", False),
        ("没开", False),
        ("全新的", False),
        ("用了三天", True),
        ("没怎么用", True),
        ("没吃完", None),
        ("开不了机", None),
    ],
)
def test_whether_goods_were_opened(text: str, opened: bool | None) -> None:
    assert opened_in(text) is opened


def test_all_of_them_is_not_read_into_every_word_all() -> None:
    assert all(map(wants_all, ("都退", "两件都退", "全部退掉", "两个都要退", "都不想要了")))
    assert not any(map(wants_all, ("线头都开了", "都六天了", "都不退了")))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("只要补发", "utter_return_resend_offer"),
        ("补个盖子就行", "utter_return_resend_offer"),
        ("包裹里少了个枕头", "utter_return_missing_offer"),
        ("漏发了一条", "utter_return_missing_offer"),
        ("能补点钱吗 不退货", "utter_return_money_offer"),
        ("不想退 便宜点行不", "utter_return_money_offer"),
        ("换蓝色的", "utter_exchange_offer"),
        ("水壶漏水", None),
        ("换个手机号", None),
        ("补发票", None),
    ],
)
def test_what_is_wanted_instead_of_a_return(text: str, sentence: str | None) -> None:
    assert instead_in(text) == sentence


async def test_unopened_is_kept_when_it_is_said_too_early(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("精华退货", "request_return", product=SERUM)
    noted = await shopper.unclear("没拆封")
    assert "没看懂" not in noted.text and "质量问题" in noted.buttons
    assert "确认提交" in (await shopper.say("不想要了", "deny")).buttons


async def test_a_yes_to_an_either_or_question_refuses_nothing(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("坚果不想要了要退", "request_return", product=NUTS)
    again = await shopper.say("好的", "affirm", 1.0)
    assert "还是没拆" in again.text and "不支持" not in again.text
    assert "确认提交" in (await shopper.say("没有", "deny")).buttons


async def test_a_second_unclear_yes_offers_a_person(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("坚果不想要了要退", "request_return", product=NUTS)
    await shopper.say("好的", "affirm", 1.0)
    said = await shopper.say("那提交吧", "affirm", 1.0)
    assert "转人工" in said.buttons and "不支持" not in said.text


async def test_the_reason_question_names_the_article(meet: Meet) -> None:
    lin = meet("lin")
    said = await lin.say("毛衣我想退了", "request_return", product="FS3004")
    assert "羊毛混纺毛衣" in said.text and "质量问题" in said.buttons and "抱歉" not in said.text


async def test_the_article_found_by_name_is_not_asked_again(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("退货", "request_return")
    said = await shopper.say("牛仔裤，腰大了", "request_return", product=JEANS)
    assert "直筒牛仔裤" in said.text and "尺码" in said.text and "确认提交" in said.buttons


async def test_a_reason_said_while_choosing_the_order_is_kept(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("退货", "request_return")
    noted = await shopper.unclear("尺码不合适")
    assert "没看懂" not in noted.text
    said = await shopper.say("牛仔裤", "request_return", product=JEANS)
    assert "尺码或规格不合适" in said.text and "确认提交" in said.buttons


@pytest.mark.parametrize("text", ["裤子", "就那个裤子", "直筒那个", "那条裤子"])
async def test_an_article_is_chosen_by_its_kind(
    meet: Meet, people: dict[str, str], text: str
) -> None:
    shopper = meet("shopper")
    number = people["shopper.signed_clothes.number"]
    asked = await shopper.say("我要退货", "request_return", order_number=number)
    assert "哪一件" in asked.text
    said = await shopper.unclear(text)
    assert "直筒牛仔裤" in said.text and "质量问题" in said.buttons


async def test_an_exchange_in_between_loses_nothing(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("水壶漏水，要退", "request_return", product=KETTLE)
    assert "换货" in (await shopper.say("能换货吗", "return_policy")).text
    back = await shopper.say("那退吧", "request_return", 0.8)
    assert "质量问题" in back.text and "确认提交" in back.buttons
    assert "原因是什么" not in back.text and "为什么" not in back.text
    assert "退货单号" in (await shopper.say("确认", "affirm")).text


async def test_what_was_said_of_an_exchange_serves_the_return(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("牛仔裤腰大了能换小一码不", "request_return", product=JEANS)
    said = await shopper.say("那我退了重买", "request_return")
    assert "直筒牛仔裤" in said.text and "尺码" in said.text and "确认提交" in said.buttons


async def test_several_articles_are_taken_one_after_the_other(
    meet: Meet, people: dict[str, str]
) -> None:
    shopper = meet("shopper")
    both = [JEANS, BRIEFS]
    said = await shopper.say("牛仔裤和内裤两件都退", "request_return", product=both)
    assert "先办“直筒牛仔裤”" in said.text and "质量问题" in said.buttons
    await shopper.unclear("腰大了")
    following = await shopper.say("提交", "affirm")
    assert "退货单号" in following.text and "无痕内裤五条装" in following.text
    assert "质量问题" in following.buttons
    await shopper.unclear("有个洞")
    await shopper.say("确认", "affirm")
    number = people["shopper.signed_clothes.number"]
    assert {r.sku for r in await shopper.context.shop.returns(number)} == set(both)


async def test_another_article_waits_for_its_turn(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("水壶漏水，要退", "request_return", product=KETTLE)
    said = await shopper.say("坚果也退", "request_return", product=NUTS)
    assert "恒温电热水壶" in said.text and "确认提交" in said.buttons
    following = await shopper.say("提交", "affirm")
    assert "退货单号" in following.text and "每日坚果" in following.text


async def test_no_to_the_first_article_forgets_the_others(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("牛仔裤和内裤都退，大了", "request_return", product=[JEANS, BRIEFS])
    said = await shopper.say("先不退", "deny")
    assert "内裤" not in said.text and not said.buttons


async def test_the_number_of_pieces_is_named(two_kettles: Talk) -> None:
    said = await two_kettles.say("水壶漏水", "request_return", product=KETTLE)
    assert "2 件" in said.text and "确认提交" in said.buttons
    assert "退货单号" in (await two_kettles.say("都退", "request_return")).text


async def test_one_of_two_pieces_is_for_a_person(two_kettles: Talk) -> None:
    first = await two_kettles.say("水壶一个坏了 只退坏的", "request_return", product=KETTLE)
    again = await two_kettles.say("就坏的那个", "request_return")
    for said in (first, again):
        assert "一部分" in said.text and "转人工" in said.buttons and "卡住" not in said.text
    await two_kettles.press("转人工")
    assert two_kettles.context.handoffs[0][0] == "complex_intent"


async def test_all_pieces_after_that_offer_are_confirmed_first(two_kettles: Talk) -> None:
    await two_kettles.say("水壶漏水", "request_return", product=KETTLE)
    await two_kettles.say("只退一个", "request_return")
    said = await two_kettles.say("都退", "request_return")
    assert "2 件" in said.text and "确认提交" in said.buttons


async def test_what_is_missing_is_not_returned(meet: Meet) -> None:
    shopper = meet("shopper")
    said = await shopper.say("漏发了内裤", "request_return", product=BRIEFS)
    assert "补发" in said.text and "转人工" in said.buttons and "确认提交" not in said.buttons
    assert "补发" in (await shopper.unclear("能补发吗")).text


async def test_a_spare_part_instead_of_a_return(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("精华瓶盖裂了", "request_return", product=SERUM)
    said = await shopper.unclear("不退 补个盖子就行")
    assert "补发" in said.text and "转人工" in said.buttons


async def test_part_of_the_money_is_for_a_person(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("精华瓶盖裂了", "request_return", product=SERUM)
    said = await shopper.unclear("能补点钱吗")
    assert "转人工" in said.buttons and "卡住" not in said.text
    back = await shopper.say("不用", "deny")
    assert "烟酰胺亮肤精华" in back.text and "质量问题" in back.text


async def test_an_allergy_is_cared_for_and_returned_against_a_doctors_paper(meet: Meet) -> None:
    shopper = meet("shopper")
    said = await shopper.say("精华用了脸上起红疹", "request_return", product=SERUM)
    assert "停用" in said.text or "不要再用" in said.text
    assert "医院证明" in said.text and "30 天" in said.text and "确认提交" in said.buttons
    asked = await shopper.say("没去医院就不能退?", "return_policy")
    assert "医院证明" in asked.text and "转人工" in asked.buttons
    await shopper.say("不用", "deny")
    done = await shopper.say("确认", "affirm")
    assert "退货单号" in done.text and "医院证明" in done.text


async def test_a_rule_without_a_doctors_paper_speaks_of_none(meet: Meet) -> None:
    said = await meet("lin").say("毛衣穿了过敏", "request_return", product="FS3004")
    assert "医院证明" not in said.text and "确认提交" in said.buttons


async def test_a_fault_told_at_the_confirmation_refuses_nothing(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("水壶坏了", "request_return", product=KETTLE)
    said = await shopper.say("不加热", "deny")
    assert "质量问题" in said.text and "确认提交" in said.buttons


async def test_underwear_is_asked_about_like_what_must_stay_sealed(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("内裤退货", "request_return", product=BRIEFS)
    asked = await shopper.say("不想要了", "deny")
    assert "没拆封" in asked.buttons


async def test_on_the_phone_the_goods_are_named_without_marks(meet: Meet) -> None:
    said = await meet("lin", "phone").say("毛衣退货", "request_return", product="FS3004")
    assert "“" not in said.text and "羊毛混纺毛衣" in said.text
