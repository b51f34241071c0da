"""Several requests in one message: answered in order, what we must ask comes last."""

from __future__ import annotations

from collections.abc import Callable

from tests.actions.talk import Talk

Meet = Callable[..., Talk]


async def test_two_requests_are_answered_in_their_order(meet: Meet) -> None:
    said = await meet("solo").parts(
        ("我的快递到哪了？", "query_logistics"), ("积分有多少", "query_points")
    )
    assert said.text.index("家用空气炸锅") < said.text.index("268")
    assert len(said.messages) == 2


async def test_our_question_comes_last_and_what_has_to_wait_is_named(meet: Meet) -> None:
    said = await meet().parts(
        ("快递到哪了，", "query_logistics"),
        ("积分有多少，", "query_points"),
        ("上海有店吗", "store_info"),
    )
    assert (
        said.text.index("静安店")
        < said.text.index("先查物流，再查积分")
        < said.text.index("订单号")
    )


async def test_what_waited_is_answered_after_one_proof(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet()
    await stranger.parts(("快递到哪了，", "query_logistics"), ("积分有多少", "query_points"))
    told = await stranger.unclear(f"{people['solo.in_transit.number']} 1234")
    assert "家用空气炸锅" in told.text and "268" in told.text


async def test_of_two_changes_the_second_waits_for_the_first(meet: Meet) -> None:
    returner = meet("returner")
    said = await returner.parts(("卫衣大了想退，", "request_return"), ("还有发票开一下", "invoice"))
    assert "先申请退货，再开发票" in said.text and "确认提交" in said.buttons
    assert "个人" not in said.buttons
    assert "个人" in (await returner.press("先不退")).buttons


async def test_never_mind_drops_what_waits_too(meet: Meet) -> None:
    returner = meet("returner")
    await returner.parts(("卫衣大了想退，", "request_return"), ("还有发票开一下", "invoice"))
    await returner.say("算了", "deny")
    assert returner.slots["tasks"] is None and returner.slots["queue"] is None


async def test_an_addition_is_heard_even_if_the_engine_missed_it(meet: Meet) -> None:
    said = await meet("lin").say("查积分，顺便看加湿器到哪了", "query_points", product="XJ1001")
    assert "3280" in said.text and "静音加湿器" in said.text


async def test_a_person_is_called_after_the_other_answers(meet: Meet) -> None:
    lin = meet("lin")
    said = await lin.parts(("转人工，", "ask_human"), ("积分有多少", "query_points"))
    assert said.text.index("3280") < said.text.index("转人工")
    assert [reason for reason, _ in lin.context.handoffs] == ["asked_for_human"]


async def test_an_answer_and_a_new_request_in_one_breath(meet: Meet) -> None:
    canceller = meet("canceller")
    await canceller.say("取消订单", "cancel_order")
    said = await canceller.say("算了不取消了，帮我查下积分", "query_points")
    assert "320" in said.text
    assert (await canceller.say("我的订单", "query_order")).text.count("已取消") == 0


async def test_a_yes_counts_before_a_plain_addition(meet: Meet) -> None:
    canceller = meet("canceller")
    await canceller.say("取消订单", "cancel_order")
    said = await canceller.say("确认，顺便查下积分", "query_points")
    assert "已经取消" in said.text and "320" in said.text


async def test_a_yes_with_a_condition_changes_nothing(meet: Meet) -> None:
    canceller = meet("canceller")
    await canceller.say("取消订单", "cancel_order")
    for text in ("嗯……我想想", "好吧，可是钱什么时候退", "确认什么", "嗯，不过先等等"):
        assert "已经取消" not in (await canceller.say(text, "affirm", 0.95)).text, text
    assert "已取消" not in (await canceller.say("我的订单", "query_order")).text


async def test_faqs_of_two_entries_are_two_requests(meet: Meet) -> None:
    said = await meet().parts(
        ("包邮吗？", "faq/shipping_fee"), ("能货到付款吗", "faq/cash_on_delivery")
    )
    assert [m["response"] for m in said.messages] == [
        "utter_faq/shipping_fee",
        "utter_faq/cash_on_delivery",
    ]


async def test_a_part_that_says_nonsense_is_survived(meet: Meet) -> None:
    said = await meet().parts(
        ("", "query_points"), ("？", "nothing_known"), ("上海有店吗", "store_info")
    )
    assert said.text
