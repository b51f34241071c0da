"""How a conversation holds together: carry-over, corrections, digressions, cancelling, failing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from actions.shop import ShopUnavailable
from tests.actions.conftest import NOW
from tests.actions.talk import Talk, talk

Meet = Callable[..., Talk]


async def test_it_refers_to_the_order_spoken_of_last(meet: Meet, people: dict[str, str]) -> None:
    lin = meet("lin")
    await lin.say(f"查订单{people['lin.split.number']}", "query_order")
    assert people["lin.split.number"] in (await lin.say("那它什么时候到", "query_logistics")).text


async def test_a_correction_leads_to_another_order(meet: Meet, people: dict[str, str]) -> None:
    lin = meet("lin")
    await lin.say("加湿器的快递", "query_logistics", product="XJ1001")
    said = await lin.say("不是这个，是电饭煲那个", "deny", product="XJ1008")
    assert people["lin.split.number"] in said.text


async def test_a_fragment_goes_on_with_the_subject(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("加湿器的发票", "invoice", product="XJ1001")
    await lin.say("算了", "deny")
    assert "电子发票" in (await lin.unclear("那吹风机呢", product="XJ1012")).text


async def test_a_digression_is_answered_and_the_question_comes_back(meet: Meet) -> None:
    returner = meet("returner")
    await returner.say("卫衣我要退", "request_return", product="FS3005")
    away = await returner.say("上海有店吗", "store_info")
    assert "静安店" in away.text and "退货" in away.text and "质量问题" in away.buttons
    back = await returner.unclear("尺码小了")
    assert "确认提交" in back.buttons


async def test_never_mind_stops_at_any_point(meet: Meet) -> None:
    for words in ("算了", "不退了", "取消", "不办了。"):
        returner = meet("returner")
        await returner.say("卫衣我要退", "request_return", product="FS3005")
        assert "质量问题" not in (await returner.unclear(words)).buttons
        assert not returner.slots.get("tasks"), words


async def test_nothing_changes_without_a_yes(meet: Meet, people: dict[str, str]) -> None:
    for doubtful in ("先别取消", "我再想想", "等等", "不取消了", "算了"):
        canceller = meet("canceller")
        asked = await canceller.say("取消订单", "cancel_order")
        assert "确认取消" in asked.buttons
        said = await canceller.say(doubtful, "affirm")
        assert "已经取消" not in said.text, doubtful
    order = await canceller.context.shop.order(people["canceller.paid.number"])
    assert order is not None and order.state == "paid"


async def test_a_confirmed_cancellation_is_done_once(meet: Meet, people: dict[str, str]) -> None:
    canceller = meet("canceller")
    await canceller.say("取消订单", "cancel_order")
    done = await canceller.press("确认取消")
    assert "已经取消" in done.text and done.fulfilled
    order = await canceller.context.shop.order(people["canceller.paid.number"])
    assert order is not None and order.state == "cancelled"


async def test_the_dialogue_goes_on_from_its_slots_alone(meet: Meet) -> None:
    first = meet("returner")
    await first.say("卫衣我要退", "request_return", product="FS3005")
    await first.unclear("不喜欢")
    restarted = meet("returner")
    restarted.slots = dict(first.slots)
    assert "退货单号" in (await restarted.say("确认", "affirm")).text


async def test_two_failures_offer_a_person_and_say_why(meet: Meet) -> None:
    stranger = meet()
    first = await stranger.unclear("咕噜", "query_order", "query_logistics")
    assert "查订单" in first.buttons and "查物流" in first.buttons and "都不是" in first.buttons
    second = await stranger.unclear("哇啦", "query_order", "query_logistics")
    assert "转人工" in second.buttons and not stranger.context.handoffs
    await stranger.press("转人工")
    assert stranger.context.handoffs == [("repeated_failure", "哇啦")]


async def test_a_clarified_request_keeps_what_was_said(meet: Meet, people: dict[str, str]) -> None:
    lin = meet("lin")
    await lin.unclear("那个吹风机啥情况", "invoice", "query_order", product="XJ1012")
    assert people["lin.invoice_issued.number"] in (await lin.press("查订单")).text
    again = meet("lin")
    await again.unclear("那个吹风机啥情况", "invoice", "query_order", product="XJ1012")
    assert people["lin.invoice_issued.number"] in (await again.unclear("第二个")).text


async def test_a_question_that_begins_like_a_no_is_no_refusal_of_two_meanings(meet: Meet) -> None:
    solo = meet("solo")
    offered = await solo.unclear("咕噜", "query_order", "query_logistics")
    assert "都不是" in offered.buttons
    asked = await solo.say("不要了能退吗", "return_policy")
    assert "换个说法" not in asked.text and "退" in asked.text


async def test_no_sentence_comes_twice_in_a_row(meet: Meet) -> None:
    for intent in ("greet", "thanks", "deny", "affirm", "goodbye", "out_of_scope", "abuse"):
        stranger = meet()
        first = await stranger.say("嗯", intent)
        assert (await stranger.say("嗯", intent)).text != first.text, intent
    lin = meet("lin")
    first = await lin.say("我的积分", "query_points")
    assert (await lin.say("我的积分", "query_points")).text != first.text


async def test_asking_for_a_person_twice_registers_once(meet: Meet) -> None:
    stranger = meet()
    assert "转人工" in (await stranger.say("转人工", "ask_human")).text
    await stranger.say("人工呢", "ask_human")
    assert len(stranger.context.handoffs) == 1


async def test_after_a_hand_back_a_person_can_be_asked_for_again(meet: Meet) -> None:
    stranger = meet()
    await stranger.say("转人工", "ask_human")
    # What the service does to the slots when a person gives the conversation back.
    stranger.slots["said"] = {k: v for k, v in stranger.slots["said"].items() if k != "handoff"}
    await stranger.say("转人工", "ask_human")
    stranger.slots["said"] = None
    await stranger.say("转人工", "ask_human")
    assert len(stranger.context.handoffs) == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("不要人工", None),
        ("你是机器人吗", None),
        ("客服电话多少", None),
        ("找个真人", "asked_for_human"),
    ],
)
async def test_only_a_wish_for_a_person_is_one(meet: Meet, text: str, reason: str | None) -> None:
    stranger = meet()
    await stranger.say(text, "ask_human")
    assert [r for r, _ in stranger.context.handoffs] == ([reason] if reason else [])


async def test_harm_goes_to_a_person_whatever_was_under_way(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("我要退货", "request_return")
    said = await lin.say("加湿器冒烟了，差点着火", "request_return")
    assert "安全" in said.text and [r for r, _ in lin.context.handoffs] == ["sensitive"]


@pytest.mark.parametrize(
    ("text", "reason"), [("我要投诉到12315", "complex_intent"), ("真差劲", "frustration")]
)
async def test_a_complaint_reaches_a_person(meet: Meet, text: str, reason: str) -> None:
    stranger = meet()
    said = await stranger.say(text, "complaint")
    assert "抱歉" in said.text
    if reason == "frustration":
        await stranger.say("好", "affirm")
    assert stranger.context.handoffs[0][0] == reason


class _Down:
    """A shop that cannot be asked."""

    def __getattr__(self, name: str) -> Any:
        async def fail(*args: object, **kwargs: object) -> None:
            raise ShopUnavailable

        return fail


async def test_a_shop_that_is_down_is_said_clearly_and_a_person_offered() -> None:
    customer = talk(_Down(), NOW, "C000001")  # type: ignore[arg-type]
    for intent in ("query_order", "query_points", "return_policy", "store_info", "query_refund"):
        said = await customer.say("查一下", intent)
        assert "这会儿" in said.text and "转人工" in said.buttons and not said.fulfilled, intent
    await customer.press("转人工")
    assert customer.context.handoffs[0][0] == "action_failed"


async def test_odd_input_is_survived_by_every_action(meet: Meet) -> None:
    from actions import _SKILLS

    texts = (
        "",
        "😀",
        "啊" * 2000,
        "\u200b",
        "<b>x</b>",
        "{0}{name}",
        "1",
        "二六",
        "订單",
        "' OR 1=1",
    )
    for skill in _SKILLS:
        lin = meet("lin")
        for text in texts:
            assert (await lin.say(text, skill.intent)).text, (skill.intent, text)


async def test_an_faq_answer_is_left_to_the_engine_and_the_question_comes_back(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet()
    said = await stranger.say("运费多少", "faq/shipping_fee")
    assert said.messages[0]["response"] == "utter_faq/shipping_fee" and said.fulfilled
    await stranger.say("查物流", "query_logistics")
    away = await stranger.say("运费多少", "faq/shipping_fee")
    assert away.messages[0]["response"] == "utter_faq/shipping_fee" and "订单号" in away.text


async def test_two_requests_that_tear_the_engine_are_both_answered_in_order(meet: Meet) -> None:
    said = await meet("solo").unclear(
        "我的快递到哪了？还有我有多少积分？", "query_points", "query_logistics"
    )
    assert 0 <= said.text.find("空气炸锅") < said.text.find("268")


async def test_torn_between_complaint_and_abuse_is_answered_as_a_complaint(meet: Meet) -> None:
    said = await meet().unclear("你们就是一群骗子", "complaint", "abuse")
    assert "抱歉" in said.text and "转人工" in said.buttons


async def test_waiting_for_the_customer_to_look_is_not_a_failure(meet: Meet) -> None:
    stranger = meet()
    await stranger.say("查物流", "query_logistics")
    for _ in range(3):
        said = await stranger.say("等一下我找找", "query_order", 0.5)
        assert "转人工" not in said.buttons
    assert stranger.slots["tasks"][0]["awaits"] == "proof"


async def test_another_request_is_not_taken_for_the_choice_of_an_order(meet: Meet) -> None:
    silver = meet("silver")
    await silver.say("我的快递", "query_logistics")
    said = await silver.say("家居服发票", "invoice", 0.95, product="FS3009")
    assert "发票" in said.text and "签收" not in said.text


async def test_asking_the_same_in_other_words_is_answered_once_after_the_proof(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet()
    await stranger.say("我的快递到哪了", "query_logistics")
    await stranger.say("帮我查订单", "query_order")
    told = await stranger.unclear(f"{people['solo.in_transit.number']} 1234")
    assert len(told.messages) == 1


async def test_the_city_is_remembered(meet: Meet) -> None:
    stranger = meet()
    await stranger.say("成都有店吗", "store_info")
    assert "成都锦江店" in (await stranger.say("几点关门", "store_info")).text


async def test_a_moment_and_a_question_is_a_question(meet: Meet) -> None:
    diamond = meet("diamond")
    await diamond.say("换10元券", "redeem_points")
    said = await diamond.say("等下，我积分什么时候过期", "query_points")
    assert "3200" in said.text
    assert "兑换成功" in (await diamond.say("那换吧", "redeem_points")).text


async def test_the_price_of_the_product_spoken_of(meet: Meet) -> None:
    stranger = meet()
    await stranger.say("有没有吹风机", "product_question", product="XJ1012")
    assert "¥299.00" in (await stranger.say("多少钱", "promotion")).text


async def test_all_of_the_offered_orders_are_told(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("我的快递到哪了", "query_logistics")
    told = await lin.say("都查一下", "query_order", 0.5)
    assert len(told.cards) == 4 and "帮我催一下" in told.buttons


async def test_why_a_proof_is_needed_is_explained(meet: Meet) -> None:
    stranger = meet()
    await stranger.say("查物流", "query_logistics")
    assert "隐私" in (await stranger.say("凭什么要订单号", "query_order")).text or (
        "本人" in stranger.last.text  # type: ignore[union-attr]
    )


async def test_fetching_a_number_takes_a_moment(meet: Meet) -> None:
    shopper = meet("shopper")
    await shopper.say("窗帘开发票", "invoice", product="JF2012")
    await shopper.press("公司")
    said = await shopper.say("等会 我找一下税号", "invoice")
    assert "没看懂" not in said.text and "没太明白" not in said.text


async def test_what_was_not_understood_still_named_an_order(meet: Meet) -> None:
    lin = meet("lin")
    await lin.unclear("毛衣那个怎么讲呢", "request_return", "product_question", product="FS3004")
    assert "羊毛混纺毛衣" in (await lin.say("能退不", "return_policy")).text


async def test_torn_between_two_the_subject_just_answered_is_meant(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("我的积分", "query_points")
    assert "到期" in (await lin.unclear("啥时候就没了呢", "promotion", "query_points")).text


async def test_a_question_passed_over_is_let_go(meet: Meet) -> None:
    lin = meet("lin")
    asked = await lin.say("查订单", "query_order")
    assert len(asked.buttons) > 1
    first = await lin.say("上海有店吗", "store_info")
    assert asked.buttons == first.buttons
    second = await lin.say("会员有哪些等级", "member_tier")
    assert not second.buttons and not lin.slots.get("tasks")


async def test_a_form_is_come_back_to_twice(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("毛衣的发票", "invoice", product="FS3004")
    for text, intent in (("上海有店吗", "store_info"), ("会员有哪些等级", "member_tier")):
        assert "个人" in (await lin.say(text, intent)).buttons
    assert "个人" not in (await lin.say("北京有店吗", "store_info")).buttons
    assert not lin.slots.get("tasks")


async def test_a_mark_alone_is_no_failure(meet: Meet) -> None:
    lin = meet("lin")
    for _ in range(3):
        said = await lin.unclear("？")
        assert said.text and "转人工" not in said.buttons
    asked = await lin.say("查订单", "query_order")
    assert (await lin.unclear("。。。")).buttons == asked.buttons


async def test_hurrying_is_about_what_we_speak_of(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("面膜什么时候发货", "query_order", product="MZ4002")
    for text in ("急用", "不能快点吗"):
        said = await lin.unclear(text)
        assert "玻尿酸补水面膜" in said.text and "帮我催一下" in said.buttons, text


async def test_yes_to_two_meanings_asks_which_then_takes_the_first(meet: Meet) -> None:
    lin = meet("lin")
    await lin.unclear("积分的事", "query_points", "redeem_points")
    again = await lin.say("嗯", "affirm", confidence=0.99)
    assert "查积分" in again.buttons
    assert "3280" in (await lin.say("嗯", "affirm", confidence=0.99)).text


async def test_an_order_that_is_not_wanted_any_more_is_to_be_cancelled(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("小白鞋那单", "query_order", product="FS3014")
    assert "确认取消" in (await lin.say("不想要了", "deny")).buttons
    stranger = meet()
    assert "取消" not in (await stranger.say("不想要了", "deny")).text


async def test_the_same_asked_again_is_told_of_all_orders(
    meet: Meet, people: dict[str, str]
) -> None:
    lin = meet("lin")
    await lin.say("快递到哪了", "query_logistics")
    said = await lin.say("什么时候到", "query_logistics")
    for name in ("in_transit", "split", "stuck"):
        assert people[f"lin.{name}.number"] in said.text
    assert not [t for t in lin.slots.get("tasks") or () if t["awaits"] == "order"]


async def test_what_a_courier_does_needs_no_order(meet: Meet) -> None:
    stranger = meet()
    assert "派送员" in (await stranger.say("快递能放驿站吗", "query_logistics")).text
    assert not stranger.slots.get("tasks")
