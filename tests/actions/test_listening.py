"""Talk about the talk on a telephone, numbers in several breaths, and several orders for the ear."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.reading import email_in, order_number_in
from actions.reading.hearing import (
    hears_again,
    holds_on,
    is_ready,
    says_nothing_yet,
    to_read_out,
    wants_faster,
    wants_more,
    wants_slower,
)
from tests.actions.talk import Talk

Meet = Callable[..., Talk]


@pytest.mark.parametrize(
    "text",
    "你再说一遍 哎哟我听不清你说大点声 慢一点 没听清楚你刚说的什么 你能不能再念一遍 你说太快了 声音大一点 我没记住 你说满一点 我没听清楚几号 你刚说几号".split(),
)
def test_who_wants_to_hear_it_again(text: str) -> None:
    assert hears_again(text)


@pytest.mark.parametrize(
    "text", "快递太慢了 慢 为什么慢 大一点的 再退一个 好的 地址再说一遍 听不懂".split()
)
def test_who_does_not(text: str) -> None:
    assert not hears_again(text)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("地址再说一遍", "地址"),
        ("重复一下单号", "单号"),
        ("你给我念一下地址", "地址"),
        ("我说一下地址", None),
        ("地址错了", None),
        ("改一下地址", None),
    ],
)
def test_what_shall_be_read_out(text: str, named: str | None) -> None:
    assert to_read_out(text) == named


def test_who_asks_for_a_moment_or_has_it_ready() -> None:
    for text in (
        "等一下我找个笔",
        "订单号啊等一下我找个笔",
        "我念给你听",
        "别挂啊",
        "我去拿老花镜",
    ):
        assert holds_on(text), text
    for text in ("等一下我要退货", "我等了三天", "还在等", "找人工", "我看看"):
        assert not holds_on(text), text
    assert is_ready("好了你说吧") and not is_ready("你说什么")
    assert says_nothing_yet("呃那个") and not says_nothing_yet("嗯")
    assert wants_more("还有呢") and not wants_more("还有多少")


def test_numbers_and_addresses_as_they_are_dictated() -> None:
    assert order_number_in("二六幺幺呃幺九零零啊四二幺七") == "261119004217"
    assert email_in("我的邮箱是幺三八零零零零幺幺幺幺艾特幺六三点康姆") == "13800001111@163.com"


@pytest.mark.parametrize("text", ["慢一点", "大点声我听不清", "你能不能再念一遍"])
async def test_slower_and_louder_is_the_same_again_and_no_complaint(meet: Meet, text: str) -> None:
    solo = meet("solo", channel="phone")
    told = await solo.say("我的快递到哪了", "query_logistics")
    again = await solo.say(text, "out_of_scope")
    assert told.text in again.text
    assert any((m.get("custom") or {}).get("plain") for m in again.messages)


async def test_after_a_moment_it_is_said_again(meet: Meet) -> None:
    solo = meet("solo", channel="phone")
    told = await solo.say("我的快递到哪了", "query_logistics")
    assert "空气炸锅" not in (await solo.say("等一下我找个笔", "out_of_scope")).text
    assert told.text in (await solo.say("好了你说吧", "affirm")).text


async def test_courtesies_are_not_what_is_said_again(meet: Meet) -> None:
    solo = meet("solo", channel="phone")
    told = await solo.say("我的快递到哪了", "query_logistics")
    await solo.say("好", "affirm")
    assert told.text in (await solo.say("再说一遍", "nlu_fallback")).text


async def test_who_looks_for_words_is_asked_again_and_not_misunderstood(meet: Meet) -> None:
    lin = meet("lin", channel="phone")
    await lin.say("我的快递到哪了", "query_logistics")
    for text in ("呃", "那个"):
        said = (await lin.say(text, "out_of_scope")).text
        assert "这一单吗" in said and "没" not in said


async def test_what_shall_be_read_out_is_asked_of_what_was_told(meet: Meet) -> None:
    solo = meet("solo", channel="phone")
    await solo.say("我的快递到哪了", "query_logistics")
    assert "寄往" in (await solo.unclear("你给我念一下地址")).text
    number = (await solo.say("快递单号多少", "query_logistics")).text
    assert "运单号" in number and number in (await solo.unclear("重复一下单号")).text


async def test_an_order_number_may_come_in_several_breaths(
    meet: Meet, people: dict[str, str]
) -> None:
    stranger = meet(channel="phone")
    number, tail = people["solo.in_transit.number"], people["solo.tail"]
    await stranger.say("查订单", "query_order")
    for part in (number[:4], number[4:8]):
        assert "尾号" not in (await stranger.say(part, "out_of_scope")).text
    assert "后四位" in (await stranger.say(number[8:], "out_of_scope")).text
    assert "空气炸锅" in (await stranger.say(tail, "out_of_scope")).text


async def test_a_number_begun_anew_counts_alone(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet(channel="phone")
    number = people["solo.in_transit.number"]
    await stranger.say("查订单", "query_order")
    await stranger.say(number[:8], "out_of_scope")
    assert "后四位" in (await stranger.say(number, "query_order")).text


async def test_several_orders_are_told_two_at_a_time_and_the_rest_on_request(meet: Meet) -> None:
    lin = meet("lin", channel="phone")
    await lin.say("查一下我所有的订单", "query_order")
    first = await lin.say("都跟我说一下", "nlu_fallback")
    assert first.text.count("尾号") == 2 and "接着听" in first.text
    second = await lin.say("还有呢", "deny")
    assert second.text.count("尾号") == 2 and not set(first.text.split()) & set(second.text.split())
    named = first.text.split("的订单")[0]
    assert named in (await lin.say("第一个呢", "affirm")).text


async def test_enough_of_them_is_enough(meet: Meet) -> None:
    lin = meet("lin", channel="phone")
    await lin.say("查一下我所有的订单", "query_order")
    await lin.say("都查", "affirm", 0.5)
    said = await lin.say("不用了", "deny")
    assert "尾号" not in said.text and not lin.slots.get("tasks")


async def test_the_rest_can_be_had_after_one_was_chosen(meet: Meet) -> None:
    lin = meet("lin", channel="phone")
    await lin.say("查一下我的订单", "query_order")
    one = await lin.say("对", "affirm")
    more = await lin.say("还有吗", "product_question")
    assert "尾号" in more.text and one.text not in more.text


async def test_cancelling_to_the_order_that_was_named_is_a_yes(meet: Meet) -> None:
    canceller = meet("lin", channel="phone")
    assert "这一单吗" in (await canceller.say("我要取消订单", "cancel_order")).text
    said = await canceller.say("对取消", "deny")
    assert "确认取消" in said.text or "吗" in said.text
    assert canceller.slots["tasks"], "it must still be confirmed"


@pytest.mark.parametrize("text", ["查一下尾号零二幺八的订单", "0218那个订单到哪了"])
async def test_an_order_may_be_named_as_we_name_it(
    meet: Meet, people: dict[str, str], text: str
) -> None:
    lin = meet("lin", channel="phone")
    tail = people["lin.in_transit.number"][-4:]
    said = await lin.say(text.replace("零二幺八", tail).replace("0218", tail), "query_order")
    assert f"尾号{tail}" in said.text and "这一单吗" not in said.text


@pytest.mark.parametrize("text", ["尾号{}的", "{}那个呢"])
async def test_the_end_of_a_number_chooses_and_goes_on(
    meet: Meet, people: dict[str, str], text: str
) -> None:
    tail = people["lin.in_transit.number"][-4:]
    for first in ("我的快递到哪了", "帮我查一下帆布鞋"):
        lin = meet("lin", channel="phone")
        await lin.say(first, "query_logistics")
        assert f"尾号{tail}" in (await lin.say(text.format(tail), "out_of_scope", 0.9)).text


async def test_once_an_order_was_told_of_nobody_asks_which(meet: Meet) -> None:
    lin = meet("lin", channel="phone")
    await lin.say("查一下我的订单", "query_order")
    said = await lin.say("加湿器到哪了", "query_logistics", product="XJ1001")
    assert "静音加湿器" in said.text and "这一单吗" not in said.text


async def test_do_it_for_me_is_a_yes_to_the_order_that_was_named(meet: Meet) -> None:
    lin = meet("lin", channel="phone")
    await lin.say("发票怎么开", "invoice")
    assert "抬头" in (await lin.say("你帮我开吧", "nlu_fallback", 0.4)).text


async def test_a_number_said_again_is_no_displeasure(meet: Meet) -> None:
    stranger = meet(channel="phone")
    await stranger.say("北京有门店吗", "store_info", city="北京")
    said = await stranger.unclear("再报一遍电话", "store_info")
    assert any((m.get("custom") or {}).get("plain") for m in said.messages)


async def test_a_number_read_out_wrongly_begins_anew(meet: Meet, people: dict[str, str]) -> None:
    stranger = meet(channel="phone")
    number = people["solo.in_transit.number"]
    await stranger.say("查订单", "query_order")
    await stranger.say(number[:4] + "00000000", "query_order")
    assert "从头" in (await stranger.say("哦不对念错了", "deny")).text
    assert "后四位" in (await stranger.say(number, "query_order")).text
    assert "空气炸锅" in (await stranger.say(people["solo.tail"], "out_of_scope")).text


@pytest.mark.parametrize(
    "text", "慢一点 你说慢一点 再慢一点 你手慢一点 满一点 说太快了 语速慢一点 您慢慢说".split()
)
def test_slower_is_heard_as_such(text: str) -> None:
    assert wants_slower(text) and not wants_faster(text)


@pytest.mark.parametrize(
    "text", "说快一点 收快一点 快点说 不用这么慢 正常语速 你说得太慢了".split()
)
def test_faster_is_heard_as_such(text: str) -> None:
    assert wants_faster(text) and not wants_slower(text)


@pytest.mark.parametrize(
    "text", "快一点发货 快递太慢了 再说一遍 快点 为什么这么慢 能不能快一点送".split()
)
def test_the_pace_of_other_things_is_not_ours(text: str) -> None:
    assert not wants_slower(text) and not wants_faster(text)
