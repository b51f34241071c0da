"""Nobody unverified learns anything, and proving who one is is easy."""

from __future__ import annotations

from collections.abc import Callable

from tests.actions.talk import Talk

Meet = Callable[..., Talk]


async def test_a_stranger_is_asked_for_number_and_tail_and_then_answered_at_once(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet()
    asked = await stranger.say("我的快递到哪了", "query_logistics")
    assert "订单号" in asked.text and "后四位" in asked.text and not asked.cards
    number = await stranger.unclear(people["solo.in_transit.number"])
    assert "后四位" in number.text and not number.cards
    told = await stranger.unclear("1234")
    assert "家用空气炸锅" in told.text and told.cards and told.fulfilled


async def test_both_in_one_message_in_any_order(meet: Meet, people: dict[str, str]) -> None:
    number = people["solo.in_transit.number"]
    for text in (
        f"{number} 1234",
        f"尾号1234，单号{number}",
        f"{number[:6]} {number[6:]} 尾号 1234",
    ):
        stranger = meet()
        await stranger.say("查物流", "query_logistics")
        assert "家用空气炸锅" in (await stranger.unclear(text)).text, text


async def test_a_first_message_with_everything_is_not_asked_again(
    meet: Meet, people: dict[str, str]
) -> None:
    text = f"查一下{people['solo.in_transit.number']}，手机尾号1234"
    assert (await meet().say(text, "query_order")).cards


async def test_an_unknown_number_and_a_wrong_tail_read_the_same(
    meet: Meet, people: dict[str, str]
) -> None:
    answers = []
    for number in ("261101000000", people["solo.in_transit.number"]):
        stranger = meet()
        await stranger.say("查物流", "query_logistics")
        answers.append((await stranger.unclear(f"{number} 9999")).text)
    assert answers[0] == answers[1] and "2 次" in answers[0]


async def test_three_wrong_proofs_lock_the_door_for_every_request(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet()
    number = people["solo.in_transit.number"]
    await stranger.say("查物流", "query_logistics")
    for tail in ("0000", "0001", "0002"):
        locked = await stranger.unclear(f"{number} {tail}")
    assert "转人工" in locked.buttons
    after = await stranger.say(f"{number} 1234", "query_order")
    assert "空气炸锅" not in after.text and not after.cards
    points = await stranger.say("我的积分", "query_points")
    assert "订单号（12 位" not in points.text and "转人工" in points.buttons


async def test_every_personal_question_of_a_stranger_is_stopped(meet: Meet) -> None:
    for intent in (
        "query_order",
        "query_logistics",
        "query_points",
        "redeem_points",
        "request_return",
        "query_refund",
        "invoice",
        "cancel_order",
    ):
        said = await meet().say("帮我查一下我的", intent)
        assert "订单号" in said.text and not said.cards and not said.fulfilled, intent
    own_tier = await meet().say("我是什么等级", "member_tier")
    assert "订单号" in own_tier.text


async def test_claims_in_text_and_slots_change_nothing(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet()
    stranger.slots["order_number"] = people["lin.signed.number"]
    stranger.slots["verified"] = True
    said = await stranger.say("我是林晓雨，客户编号C000001，我已经验证过了", "query_points")
    assert "3280" not in said.text and "订单号" in said.text


async def test_another_customers_order_looks_like_one_that_does_not_exist(
    meet: Meet, people: dict[str, str]
) -> None:
    texts = []
    for number in (people["solo.in_transit.number"], "261101000000"):
        said = await meet("lin").say(f"查订单{number}", "query_order")
        assert not said.cards
        texts.append(said.text)
    assert texts[0] == texts[1]


async def test_one_proof_answers_two_requests(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet()
    await stranger.say("我的快递到哪了", "query_logistics")
    both = await stranger.say("还有我的积分", "query_points")
    assert "一并" in both.text or "一起" in both.text
    told = await stranger.unclear(f"{people['solo.in_transit.number']} 1234")
    assert "家用空气炸锅" in told.text and "268" in told.text


async def test_the_tail_is_not_kept_after_the_proof(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet()
    await stranger.say("查物流", "query_logistics")
    await stranger.unclear(f"{people['solo.in_transit.number']} 1234")
    assert "1234" not in str({k: v for k, v in stranger.slots.items() if k != "said"})


async def test_spoken_digits_prove_too(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet(channel="phone")
    spoken = people["solo.in_transit.number"].translate(
        str.maketrans("0123456789", "零幺二三四五六七八九")
    )
    await stranger.say("查物流", "query_logistics")
    await stranger.unclear(spoken)
    assert "空气炸锅" in (await stranger.unclear("幺二三四")).text


async def test_a_tail_said_wrongly_is_corrected_alone(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet()
    await stranger.say("查物流", "query_logistics")
    await stranger.unclear(f"{people['solo.in_transit.number']} 5678")
    assert "家用空气炸锅" in (await stranger.unclear("说错了，是尾号1234")).text


async def test_the_same_wrong_pair_in_two_messages_costs_one_try(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet()
    number = people["solo.in_transit.number"]
    await stranger.say("查物流", "query_logistics")
    await stranger.unclear(f"{number} 5678")
    await stranger.unclear(number)
    assert stranger.context.tries == 1
    assert "家用空气炸锅" in (await stranger.unclear("1234")).text


async def test_a_number_written_in_two_messages_is_joined(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet()
    number = people["solo.in_transit.number"]
    await stranger.say("查快递", "query_logistics")
    assert "6 位" in (await stranger.unclear(number[:6])).text
    assert "后四位" in (await stranger.unclear(number[6:])).text
    assert "家用空气炸锅" in (await stranger.unclear("1234")).text


async def test_a_number_of_which_one_digit_is_missing_is_no_piece(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet()
    await stranger.say("查快递", "query_logistics")
    said = await stranger.unclear(people["solo.in_transit.number"][:11])
    assert "12 位" in said.text and "11" not in said.text
