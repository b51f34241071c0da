"""What customers come for, done by conversation against the demo shop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.shop import DemoShop
from actions.shop.models import Order
from tests.actions.conftest import NOW
from tests.actions.talk import Talk, talk

Meet = Callable[..., Talk]


async def test_the_latest_order_by_words(meet: Meet, people: dict[str, str]) -> None:
    said = await meet("lin").say("我最近那单", "query_order")
    assert people["lin.unpaid.number"] in said.text and said.cards[0]["state"] == "unpaid"


async def test_several_orders_are_offered_and_one_is_chosen(meet: Meet) -> None:
    lin = meet("lin")
    asked = await lin.say("我的快递到哪了", "query_logistics")
    assert len(asked.buttons) == 4 and not asked.cards
    assert (await lin.press(asked.buttons[1])).cards


async def test_a_stuck_parcel_is_explained(meet: Meet) -> None:
    said = await meet("wang").say("四件套怎么还没到", "query_logistics", product="JF2002")
    assert "没有新的物流记录" in said.text and "帮我催一下" in said.buttons


async def test_a_split_order_tells_every_parcel(meet: Meet) -> None:
    said = await meet("wang").say("破壁机到哪了", "query_logistics", product="XJ1005")
    assert "2 个包裹" in said.text and "包裹1" in said.text and "包裹2" in said.text
    assert len(said.cards[0]["parcels"]) == 2


async def test_tracking_numbers_and_mail_are_masked(meet: Meet) -> None:
    said = await meet("solo").say("我的快递", "query_logistics")
    assert "****" in said.text and "****" in said.cards[0]["parcels"][0]["tracking_number"]
    mail = await meet("lin").say("吹风机发票", "invoice", product="XJ1012")
    assert "***@" in mail.text


async def test_what_carriers_write_about_people_is_masked_in_words_and_card(
    shop: DemoShop, people: dict[str, str]
) -> None:
    text = "派件员：张三丰，电话13812345678，正在派送"

    class Telling:
        """A back office that passes on what its carriers write."""

        def __getattr__(self, name: str) -> Any:
            return getattr(shop, name)

        async def orders(self, customer_id: str, limit: int = 10) -> list[Order]:
            return [_with_scan(order, text) for order in await shop.orders(customer_id, limit)]

        async def order(self, number: str) -> Order | None:
            order = await shop.order(number)
            return _with_scan(order, text) if order else None

    customer = talk(Telling(), NOW, people["solo.id"])  # type: ignore[arg-type]
    said = await customer.say("我的快递", "query_logistics")
    shown = said.text + str(said.cards)
    assert "张三丰" not in shown and "13812345678" not in shown
    assert "派件员：张**" in said.text and "138****5678" in str(said.cards)


def _with_scan(order: Order, text: str) -> Order:
    parcels = tuple(
        parcel.model_copy(
            update={"trace": (parcel.trace[0].model_copy(update={"text": text}), *parcel.trace[1:])}
        )
        for parcel in order.parcels
    )
    return order.model_copy(update={"parcels": parcels})


async def test_points_are_redeemed_after_a_yes(meet: Meet) -> None:
    diamond = meet("diamond")
    await diamond.say("换10元券", "redeem_points")
    done = await diamond.say("确认", "affirm")
    assert "17650" in done.text and done.fulfilled
    account = await diamond.context.shop.points("C000004")
    assert account is not None and account.balance == 17650


async def test_expiring_points_and_what_they_buy(meet: Meet) -> None:
    said = await meet("lin").say("快过期的积分能换什么", "query_points")
    assert "500 积分" in said.text and "元无门槛券" in said.text and said.buttons


async def test_return_rules_by_category_days_and_opened(meet: Meet) -> None:
    stranger = meet()
    general = await stranger.say("退货规则", "return_policy")
    assert "食品" in general.buttons
    opened = await stranger.say("零食拆了能退吗", "return_policy")
    assert "无理由" in opened.text
    late = await stranger.say("衣服签收十天了还能退吗", "return_policy")
    assert "过了退货期" in late.text or "超过" in late.text
    early = await stranger.say("衣服签收三天了还能退吗", "return_policy")
    assert "可以" in early.text and "过了" not in early.text


async def test_return_rules_of_an_order_start_from_its_signing(meet: Meet) -> None:
    said = await meet("shopper").say("坚果能退吗", "return_policy", product="SP5001")
    assert "签收" in said.text and "拆封" in said.text and "申请退货" in said.buttons


async def test_a_return_from_start_to_end(meet: Meet, people: dict[str, str]) -> None:
    returner = meet("returner")
    await returner.say("卫衣我要退", "request_return", product="FS3005")
    await returner.press("不喜欢或不想要了")
    done = await returner.press("确认提交")
    assert "退货单号" in done.text and done.fulfilled
    assert await returner.context.shop.returns(people["returner.signed.number"])


async def test_opened_food_cannot_be_returned_but_spoilt_food_can(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("坚果不想要了要退", "request_return", product="SP5001")
    assert "不支持无理由" in (await shopper.press("已经拆封")).text
    spoilt = await shopper.say("坚果变质了，要退", "request_return", product="SP5001")
    assert "确认提交" in spoilt.buttons


async def test_orders_that_cannot_be_returned_are_explained(meet: Meet) -> None:
    assert (
        "拒收" in (await meet("solo").say("空气炸锅要退", "request_return", product="XJ1003")).text
    )
    paid = await meet("canceller").say("牙刷要退", "request_return", product="XJ1015")
    assert "取消订单" in paid.text and "确认取消" in paid.buttons
    late = await meet("returner").say("春秋被要退", "request_return", product="JF2004")
    assert "退货期" in late.text and "转人工" in late.buttons


async def test_refund_progress(meet: Meet) -> None:
    assert "到账" in (await meet("lin").say("退款呢", "query_refund")).text
    done = await meet("diamond").say("吸尘器退款", "query_refund", product="XJ1010")
    assert "完成" in done.text or "已到账" in done.text
    asked = await meet("diamond").say("夏凉被退款", "query_refund", product="JF2005")
    assert "通过" in asked.text
    assert "没有退款" in (await meet("solo").say("退款呢", "query_refund")).text


async def test_an_invoice_for_a_company(meet: Meet, people: dict[str, str]) -> None:
    shopper = meet("shopper")
    await shopper.say("窗帘开发票", "invoice", product="JF2012")
    await shopper.press("公司")
    mail = await shopper.unclear("长沙青禾科技有限公司 91430100MA4L16JQ9B")
    assert "邮箱" in mail.text
    confirm = await shopper.unclear("fapiao@example.com")
    assert "长沙青禾科技有限公司" in confirm.text and "fapiao@example.com" in confirm.text
    await shopper.press("确认")
    invoice = await shopper.context.shop.invoice(people["shopper.signed_late.number"])
    assert invoice is not None and invoice.state == "requested"


async def test_tiers_are_public_and_ones_own_is_told_to_the_verified(meet: Meet) -> None:
    table = await meet().say("会员有哪些等级", "member_tier")
    assert "钻石" in table.text and "银卡" in table.text
    own = await meet("silver").say("我的等级", "member_tier")
    assert "银卡" in own.text and "320" in own.text and "金卡" in own.text


async def test_stores_by_city_and_stock(meet: Meet) -> None:
    stranger = meet()
    assert "上海" in (await stranger.say("门店在哪", "store_info")).buttons
    assert "静安店" in (await stranger.press("上海")).text
    assert "西湖店" in (await stranger.unclear("那杭州呢")).text
    stock = await stranger.say("上海有空气炸锅吗", "store_info", product="XJ1003")
    assert "空气炸锅" in stock.text


async def test_prices_are_answered_and_details_offered_to_a_person(meet: Meet) -> None:
    stranger = meet()
    price = await stranger.say("空气炸锅多少钱", "product_question", product="XJ1003")
    assert "¥269.00" in price.text and price.fulfilled
    detail = await stranger.say("空气炸锅噪音大不大", "product_question", product="XJ1003")
    assert "转人工" in detail.buttons


async def test_the_phone_hears_one_thing_at_a_time(meet: Meet, people: dict[str, str]) -> None:
    lin = meet("lin", channel="phone")
    asked = await lin.say("我的快递到哪了", "query_logistics")
    assert "1. " not in asked.text and "这一单吗" in asked.text
    await lin.say("不是", "deny")
    told = await lin.say("是的", "affirm")
    assert "静音加湿器" in told.text and people["lin.in_transit.number"] not in told.text
    stores = await lin.say("上海的门店", "store_info")
    assert "·" not in stores.text and "\n" not in stores.text


async def test_saying_cancel_to_the_question_whether_to_cancel_is_a_yes(meet: Meet) -> None:
    for words in ("取消", "取消吧", "确认取消", "对，取消订单"):
        canceller = meet("canceller")
        await canceller.say("取消订单", "cancel_order")
        assert "已经取消" in (await canceller.say(words, "cancel_order")).text, words
        break  # one order: the other ways are read in test_choosing.py


async def test_what_was_said_can_be_changed_at_the_confirmation(meet: Meet) -> None:
    diamond = meet("diamond")
    await diamond.say("换10元券", "redeem_points")
    changed = await diamond.say("还是换20元的吧", "redeem_points")
    assert "20元无门槛券" in changed.text and "确认" in changed.buttons
    returner = meet("returner")
    await returner.say("卫衣不喜欢，要退", "request_return", product="FS3005")
    assert "质量问题" in (await returner.unclear("原因是起球了")).text
    shopper = meet("shopper")
    await shopper.say("窗帘开个人发票，发a@example.com", "invoice", product="JF2012")
    assert "b1@example.com" in (await shopper.unclear("邮箱改成 b1@example.com")).text


async def test_a_stranger_who_says_everything_at_once_only_confirms(
    meet: Meet, people: dict[str, str]
) -> None:
    text = f"我要退货，订单{people['returner.signed.number']}，手机尾号6666，尺码小了"
    said = await meet().say(text, "request_return")
    assert "尺码或规格不合适" in said.text and "确认提交" in said.buttons


async def test_seven_days_without_a_reason_is_the_name_of_the_rule(meet: Meet) -> None:
    said = await meet().say("衣服支持7天无理由吗", "return_policy")
    assert "签收 7 天的话" not in said.text and "服饰" in said.text


async def test_money_questions_are_not_taken_for_questions_of_the_return_period(
    meet: Meet,
) -> None:
    stranger = meet()
    assert "原路" in (await stranger.say("退款退到哪里", "return_policy")).text
    assert "工作日" in (await stranger.say("退款要多久到账", "return_policy")).text
    assert "运费" in (await stranger.say("退货邮费谁出", "return_policy")).text
    window = await stranger.say("衣服几天内可以退", "return_policy")
    assert "7 天" in window.text and "工作日" not in window.text


async def test_a_return_asked_for_twice_is_told_and_not_asked_again(meet: Meet) -> None:
    returner = meet("returner")
    await returner.say("卫衣不喜欢，要退", "request_return", product="FS3005")
    await returner.press("确认提交")
    again = await returner.say("卫衣要退货", "request_return", product="FS3005")
    assert "退货申请" in again.text and not again.buttons
    progress = await returner.say("退货进度", "request_return")
    assert "退货申请" in progress.text and "加绒卫衣" in progress.text


async def test_an_exchange_at_the_confirmation_goes_to_a_person(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("水壶漏水，要退", "request_return", product="XJ1006")
    said = await shopper.say("不是要退，我想换一个", "request_return")
    assert "换货" in said.text and "转人工" in said.buttons


async def test_washed_goods_are_not_promised_to_be_taken_back(meet: Meet) -> None:
    said = await meet().say("四件套洗过了还能退吗", "return_policy", product="JF2001")
    assert "不支持无理由" in said.text or "不能无理由" in said.text


async def test_a_cancelled_order_is_not_promised_back(meet: Meet) -> None:
    canceller = meet("canceller")
    await canceller.say("取消订单", "cancel_order")
    await canceller.press("确认取消")
    assert "重新" in (await canceller.say("算了不取消了", "cancel_order")).text


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("窗帘开票抬头上海青禾科技有限公司税号91310115MA1K4ABC1X", "“上海青禾科技有限公司”"),
        ("公司名上海青禾科技有限公司，税号91310115MA1K4ABC1X", "“上海青禾科技有限公司”"),
    ],
)
async def test_a_title_is_the_name_alone(meet: Meet, said: str, title: str) -> None:
    shopper = meet("shopper")
    await shopper.say("窗帘开发票", "invoice", product="JF2012")
    await shopper.press("公司")
    await shopper.unclear(said)
    confirm = (await shopper.unclear("fapiao@example.com")).text
    assert title in confirm
    assert "91310115MA1K4ABC1X" in confirm


async def test_a_tax_number_that_lacks_a_digit_is_asked_for_again(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("窗帘开发票", "invoice", product="JF2012")
    await shopper.press("公司")
    assert "17" in (await shopper.unclear("上海青禾科技有限公司 91310115MA1K4ABC1")).text
    assert "邮箱" in (await shopper.unclear("上海青禾科技有限公司 91310115MA1K4ABC1X")).text


async def test_a_special_invoice_is_a_colleagues_work_within_the_form_too(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("窗帘开发票", "invoice", product="JF2012")
    assert "转" in (await shopper.say("专票", "invoice")).text


async def test_a_mail_that_was_heard_wrongly_is_asked_for_again(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("窗帘开个人发票，发a@example.com", "invoice", product="JF2012")
    assert "邮箱" in (await shopper.say("不对", "deny")).text
    assert "b@example.com" in (await shopper.unclear("b@example.com")).text
