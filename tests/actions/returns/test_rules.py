"""The rules of returning: of one article, past their end, and the practical questions around them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from actions.returns.practical import is_freight, is_practical
from actions.returns.verdict import last_day, rule_for, spared, warranty_until
from actions.shop import DemoShop
from actions.shop.models import ReturnPolicy
from tests.actions.talk import Talk

Meet = Callable[..., Talk]
SIGNED = date(2026, 11, 8)


def _rules(shop: DemoShop) -> dict[str, ReturnPolicy]:
    return {policy.category: policy for policy in shop.data.policies}


async def test_a_note_excepts_goods_once_they_are_opened(shop: DemoShop) -> None:
    clothes = _rules(shop)["服饰"]
    for goods in ("无痕内裤五条装", "中筒袜五双装", "贴身衣物"):
        rule = rule_for(clothes, goods)
        assert rule.days_opened == 0 and rule.days_unopened == clothes.days_unopened
        assert last_day(rule, SIGNED, opened=True, defective=False) is None
        assert last_day(rule, SIGNED, opened=True, defective=True) == date(2026, 12, 8)
    assert rule_for(clothes, "直筒牛仔裤") is clothes
    for category, policy in _rules(shop).items():
        assert category == "服饰" or rule_for(policy, "内裤") is policy


async def test_only_appliances_are_under_warranty_and_only_food_is_spared(shop: DemoShop) -> None:
    rules = _rules(shop)
    assert warranty_until(rules["小家电"], SIGNED) == date(2027, 11, 8)
    assert warranty_until(rules["小家电"], date(2028, 2, 29)) == date(2029, 2, 28)
    assert warranty_until(rules["家纺"], SIGNED) is None
    assert "不用寄回" in spared(rules["食品"]) and not spared(rules["服饰"])


async def test_opened_underwear_gets_the_same_answer_from_stranger_and_customer(
    meet: Meet,
) -> None:
    for said in (
        await meet().say("内裤拆了能退吗", "return_policy", product="FS3010"),
        await meet().say("袜子拆了能退吗", "return_policy"),
        await meet("shopper").say("内裤拆了能退吗", "return_policy", product="FS3010"),
    ):
        assert "无理由" in said.text and "质量问题" in said.text
        assert "还可以无理由" not in said.text and "可以退，最晚" not in said.text
    shopper = meet("shopper")
    asked = await shopper.say("内裤可以退吗", "return_policy", product="FS3010")
    assert "没有拆封" in asked.text and "已经拆封" in asked.text and "牛仔裤" not in asked.text
    opened = await shopper.say("拆了一条试了下", "return_policy")
    assert "无痕内裤" in opened.text and "12月17日" in opened.text
    assert "可以" in (await shopper.say("牛仔裤呢", "return_policy", product="FS3006")).text


async def test_a_broken_appliance_past_its_days_is_repaired(meet: Meet) -> None:
    lin = meet("lin")
    said = await lin.say("吹风机坏了还能退吗", "return_policy", product="XJ1012")
    assert "15 天" in said.text and "11月15日" in said.text and "2027年" in said.text
    assert "转人工" in said.buttons and "申请退货" not in said.buttons
    registered = await lin.say("那给我修", "return_policy")
    assert "登记" in registered.text and "转人工" in registered.buttons
    assert "售后中心" in (await lin.say("怎么寄", "return_policy")).text
    other = await meet("lin").say("枕头坏了还能退吗", "return_policy", product="JF2006")
    assert "30 天" in other.text and "保修" not in other.text and "转人工" in other.buttons


async def test_the_article_asked_about_is_judged_and_not_the_first_of_its_order(
    meet: Meet,
) -> None:
    lin = meet("lin")  # a pillow and coffee in one old order
    said = await lin.say("咖啡发霉了还能退吗", "return_policy", product="SP5002")
    assert "云南小粒咖啡" in said.text and "食品" in said.text and "枕" not in said.text


async def test_an_order_of_which_no_article_is_named_is_judged_by_each_of_its_rules(
    meet: Meet, people: dict[str, str]
) -> None:
    number = people["lin.signed_old.number"]
    said = await meet("lin").say(f"订单{number}能退吗", "return_policy", order_number=number)
    assert "乳胶护颈枕" in said.text and "云南小粒咖啡" in said.text
    assert "家纺" in said.text and "食品" in said.text


async def test_why_after_a_refusal_is_answered_with_the_rule(meet: Meet) -> None:
    shopper = meet("shopper")
    refused = await shopper.say("精华拆了还能退吗", "return_policy", product="MZ4003")
    assert "无理由" in refused.text
    why = await shopper.say("为啥不能退", "return_policy")
    assert "烟酰胺亮肤精华" in why.text and "拆封后不支持无理由" in why.text
    assert "12月18日" in why.text and "转人工" in why.buttons
    late = meet("returner")
    await late.say("春秋被还能退吗", "return_policy", product="JF2004")
    assert "签收后 7 天" in (await late.say("凭什么不给退", "return_policy")).text


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("退货能上门取件吗", "上门取件"),
        ("你们来取还是我寄", "上门取件"),
        ("什么快递都行吗", "快递"),
        ("到付行不行", "到付"),
        ("盒子扔了还能退吗", "包装"),
        ("没有原包装了能退吗", "包装"),
        ("网上买的去门店退行不", "门店"),
        ("拒收要钱吗", "拒收"),
        ("换货要几天", "换货"),
        ("换货要先寄回去吗", "换货"),
        ("过保了修要多少钱", "保修期"),
        ("修不好给换新吗", "修不好"),
        ("退货超过时间没寄会怎样", "说不准"),
        ("运费我先垫了怎么报销", "垫付"),
    ],
)
async def test_what_the_rules_do_not_say_is_not_made_up_and_a_person_is_offered(
    meet: Meet, text: str, fragment: str
) -> None:
    said = await meet().say(text, "return_policy")
    assert fragment in said.text and "转人工" in said.buttons
    assert "大部分商品" not in said.text and "一般是签收" not in said.text


@pytest.mark.parametrize(
    ("text", "fragment"),
    [
        ("赠品要一起退吗", "赠品"),
        ("几天能退到钱", "工作日"),
        ("退款多少钱", "实付金额"),
        ("退回去要多少钱", "运费"),
        ("换货运费谁出", "运费"),
        ("维修要几天", "7 个工作日"),
    ],
)
async def test_what_the_rules_say_is_told_shortly(meet: Meet, text: str, fragment: str) -> None:
    said = await meet().say(text, "return_policy")
    assert fragment in said.text and "转人工" not in said.buttons and said.fulfilled


async def test_the_rule_of_the_packing_is_told_with_the_goods(meet: Meet) -> None:
    lin = meet("shopper")
    await lin.say("水壶能退吗", "return_policy", product="XJ1006")
    assert "包装齐全" in (await lin.say("盒子扔了", "return_policy")).text
    said = await meet().say("衣服吊牌剪了能退吗", "return_policy")
    assert "吊牌要在" in said.text


async def test_questions_inside_a_form_lead_back_to_it(meet: Meet) -> None:
    returner = meet("returner")
    await returner.say("卫衣我要退", "request_return", product="FS3005")
    freight = await returner.say("运费谁出", "return_policy")
    assert "运费" in freight.text and "质量问题" in freight.buttons
    person = await returner.say("能上门取件吗", "return_policy")
    assert "转人工" in person.buttons
    assert "质量问题" in (await returner.press("不用了")).buttons


async def test_food_that_went_bad_need_not_be_sent_back(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("坚果坏了要退", "request_return", product="SP5001")
    asked = await shopper.say("要寄回去不", "return_policy")
    assert "不用寄回" in asked.text and "确认提交" in asked.buttons
    done = await shopper.press("确认提交")
    assert "不用寄回" in done.text and "通知您寄回" not in done.text
    after = await shopper.say("要不要寄回去", "return_policy")
    assert "不用寄" in after.text and "申请退货" not in after.text


def test_freight_of_a_return_and_of_an_order_are_told_apart() -> None:
    for text in ("运费多少", "快递费你们出？", "退货要多少钱", "我先垫着？", "发给谁报"):
        assert is_freight(text), text
    for text in ("满多少包邮", "下单运费怎么算", "退款多少钱", "能退吗"):
        assert not is_freight(text), text


def test_practical_questions_are_not_seen_everywhere() -> None:
    for text in (
        "能退吗",
        "衣服收到五天了",
        "质量问题怎么办",
        "退款到哪了",
        "内裤拆了能退吗",
        "包装拆了还能退吗",
        "包装没拆能退吗",
        "没拆包装能退吗",
        "吊牌没剪能退吗",
        "后来收到的是坏的",
        "本来想取消的",
        "顺丰寄来的坏了能退吗",
        "拒收之后多久退款",
        "赠品坏了怎么办",
    ):
        assert not is_practical(text), text
    for text in (
        "什么时候来取",
        "上门来拿不",
        "吊牌剪了",
        "退到南京店行不",
        "换不到货怎么办",
        "赠品能留着吗",
    ):
        assert is_practical(text), text


async def test_a_tier_that_returns_free_of_charge_is_told_so(meet: Meet) -> None:
    assert "钻石会员" in (await meet("diamond").say("我退货要运费吗", "return_policy")).text
    assert "钻石" not in (await meet("lin").say("我退货要运费吗", "return_policy")).text
