"""What steers a dialogue: agreeing, refusing a person, dropping the matter, asking what now."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.actions.talk import Talk

Meet = Callable[..., Talk]


@pytest.mark.parametrize("text", ["哦", "对了", "嗯那个", "啊", "嗯？"])
async def test_who_only_listens_confirms_nothing(meet: Meet, text: str) -> None:
    canceller = meet("canceller")
    await canceller.say("取消订单", "cancel_order")
    assert "已经取消" not in (await canceller.say(text, "affirm", 0.97)).text
    assert canceller.slots["tasks"], "the question must stay open"


@pytest.mark.parametrize("text", ["对了，顺便查下积分", "嗯 另外帮我查下积分", "好的 顺便查下积分"])
async def test_a_question_by_the_way_confirms_nothing(meet: Meet, text: str) -> None:
    canceller = meet("canceller")
    await canceller.say("取消订单", "cancel_order")
    said = await canceller.say(text, "query_points")
    assert "已经取消" not in said.text
    assert "320" in said.text and "确认取消" in said.buttons


@pytest.mark.parametrize("text", ["不要人工 我就问加湿器到哪了", "别给我转人工，加湿器到哪了"])
async def test_who_wants_no_person_is_answered(meet: Meet, text: str) -> None:
    lin = meet("lin")
    said = await lin.say(text, "ask_human", product="XJ1001")
    assert not lin.context.handoffs
    assert "静音加湿器" in said.text


async def test_who_drops_the_matter_refuses_more_than_a_person(meet: Meet) -> None:
    returner = meet("returner")
    await returner.say("卫衣我要退", "request_return", product="FS3005")
    await returner.say("怎么办才好", "complaint")
    await returner.say("先不退了", "deny")
    assert not returner.slots.get("tasks")


async def test_a_name_beside_it_drops_the_matter_too(meet: Meet) -> None:
    returner = meet("returner")
    await returner.say("卫衣我要退", "request_return", product="FS3005")
    found = [{"entity": "product", "value": "FS3005", "text": "卫衣"}]
    await returner.send("卫衣不退了", "deny", 0.9, found, [])
    assert not returner.slots.get("tasks")


async def test_what_now_is_answered_with_what_is_left(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("加湿器到哪了", "query_logistics", product="XJ1001")
    said = await lin.unclear("那怎么办")
    assert "人工" in said.text and said.buttons
    await lin.say("好的", "affirm")
    assert lin.context.handoffs


async def test_what_now_within_a_question_repeats_it(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("快递到哪了", "query_logistics")
    said = await lin.unclear("那怎么办")
    assert "没看懂" not in said.text and len(said.buttons) > 1


async def test_what_sounds_like_a_no_ends_nothing(meet: Meet) -> None:
    solo = meet("solo")
    await solo.say("我的快递到哪了", "query_logistics")
    assert "随时叫我" not in (await solo.say("我怎么没看到啊", "deny", 0.95)).text


async def test_another_question_is_no_missing_number(meet: Meet) -> None:
    stranger = meet()
    await stranger.say("我的积分", "query_points")
    assert "静安店" in (await stranger.say("上海门店在哪", "store_info")).text
    assert "订单号" in (await stranger.unclear("订单号在哪看")).text


async def test_number_and_tail_alone_are_a_proof(meet: Meet, people: dict[str, str]) -> None:
    for text in ("订单{}，手机后四位1234", "单号{}手机1234", "{} 尾号1234"):
        stranger = meet()
        said = await stranger.unclear(text.format(people["solo.in_transit.number"]))
        assert "家用空气炸锅" in said.text, text


class TestStores:
    async def test_a_town_without_one_is_told_so(self, meet: Meet) -> None:
        stranger = meet()
        assert "苏州有" not in (await stranger.say("苏州有店吗", "store_info")).text
        await stranger.say("附近有店吗", "store_info")
        assert "没有" in (await stranger.unclear("我在重庆")).text

    async def test_the_store_spoken_of_keeps_being_meant(self, meet: Meet) -> None:
        caller = meet(channel="phone")
        assert "浦东店" in (await caller.say("浦东有店吗", "store_info")).text
        assert "浦东店" in (await caller.say("几点关门", "store_info")).text
        assert "浦东店" in (await caller.unclear("电话多少")).text

    async def test_the_next_one_is_told_on_the_phone(self, meet: Meet) -> None:
        caller = meet(channel="phone")
        first = await caller.say("上海有店吗", "store_info")
        second = await caller.unclear("还有呢")
        assert "店" in second.text and second.text != first.text


class TestTheOrderJustSpokenOf:
    async def test_it_is_cancelled_after_a_person_was_offered(self, meet: Meet) -> None:
        lin = meet("lin")
        await lin.say("防晒乳到哪了", "query_logistics", product="MZ4004")
        await lin.unclear("那怎么办")
        assert "确认取消" in (await lin.say("那取消吧", "cancel_order")).buttons

    async def test_it_is_the_one_to_be_returned(self, meet: Meet) -> None:
        lin = meet("lin")
        await lin.say("加湿器到哪了", "query_logistics", product="XJ1001")
        said = await lin.say("我不想要了 我要退货", "request_return")
        assert "拒收" in said.text and "静音加湿器" in said.text


async def test_what_is_said_twice_claims_no_new_look(meet: Meet) -> None:
    caller = meet(channel="phone")
    said = [(await caller.say("喂", "greet")).text for _ in range(3)]
    assert all("确认了一遍" not in text for text in said)
    assert said[0] != said[1]


@pytest.mark.parametrize("text", ["你是谁", "你叫什么名字", "你谁啊", "机器人？", "你是AI吗"])
async def test_who_asks_who_we_are_is_told(meet: Meet, text: str) -> None:
    assert "小禾" in (await meet().say(text, "out_of_scope")).text


async def test_who_cannot_do_it_is_offered_help(meet: Meet) -> None:
    stranger = meet()
    await stranger.say("怎么注销账号", "faq/delete_account")
    assert "转人工" in (await stranger.say("不会弄", "deny")).buttons
