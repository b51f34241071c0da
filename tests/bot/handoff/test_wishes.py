from __future__ import annotations

import pytest

from bot.handoff.wishes import (
    asks_for_human,
    asks_instead,
    leaves_queue,
    message_in,
    wants_message,
    would_rather_go_on,
)


@pytest.mark.parametrize(
    "text",
    [
        "转人工",
        "人工",
        "人工客服",
        "我要人工！",
        "帮我转接人工服务，谢谢",
        "叫你们客服来",
        "找真人",
        "请转人工客服",
    ],
)
def test_a_plain_request_for_a_person_is_understood_without_the_engine(text: str) -> None:
    assert asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "人工费多少钱",
        "你是人工吗",
        "客服电话是多少",
        "不要人工",
        "这是人工智能吧",
        "我的订单呢",
        "",
    ],
)
def test_a_mention_of_a_person_is_not_a_request(text: str) -> None:
    assert not asks_for_human(text)


@pytest.mark.parametrize(
    "text",
    [
        "取消排队",
        "不用人工了",
        "算了，不用了",
        "不等了",
        "不用转了",
        "算了不排了",
        "取消",
        "不要人工客服了",
        "那先不转",
        "没人就算了",
        "还是你来吧",
        "算了你来办",
    ],
)
def test_who_no_longer_wants_to_wait_is_understood(text: str) -> None:
    assert leaves_queue(text)


@pytest.mark.parametrize(
    "text",
    [
        "取消订单",
        "我要取消那个订单",
        "还要等多久",
        "不用退了给我换一个",
        "人工",
        "你好",
        "你帮我催一下",
        "你们人呢",
        "",
    ],
)
def test_other_words_do_not_end_the_waiting(text: str) -> None:
    assert not leaves_queue(text)


@pytest.mark.parametrize(
    "text", ["不用了 我问下", "算了不转了，我先问一下", "不用人工了我问个问题"]
)
def test_who_would_rather_ask_leaves_the_queue_though_nothing_is_asked_yet(text: str) -> None:
    assert leaves_queue(text)
    assert asks_instead(text) is None


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("不用了我问一下我的快递到哪了", "我的快递到哪了"),
        ("算了不转了，我的积分有多少", "我的积分有多少"),
        ("不用转人工你告诉我什么时候到", "你告诉我什么时候到"),
        ("还是你来吧，快递到哪了", "快递到哪了"),
    ],
)
def test_a_question_for_which_somebody_leaves_the_queue_is_found(text: str, question: str) -> None:
    assert asks_instead(text) == question


@pytest.mark.parametrize(
    "text",
    [
        "取消订单怎么取消",
        "取消了订单还没退款吗",
        "不等了，直接退款吧",
        "算了我的快递还是让人工查下",
        "积分怎么用",
        "不用了",
        "",
    ],
)
def test_a_question_for_people_or_of_an_order_leaves_no_queue(text: str) -> None:
    assert asks_instead(text) is None


@pytest.mark.parametrize("text", ["留言", "我要留言", "我想留个言"])
def test_a_wish_to_leave_a_message_is_understood(text: str) -> None:
    assert wants_message(text)


def test_a_message_may_come_with_the_wish() -> None:
    assert message_in("留言：杯子碎了\n请回电") == "杯子碎了\n请回电"
    assert message_in("留言板在哪") is None
    assert not wants_message("留言板在哪")


def test_a_message_can_be_declined() -> None:
    assert would_rather_go_on("继续问小禾")
    assert would_rather_go_on("算了，不用了")
    assert not would_rather_go_on("不用了这么久才坏的吗")
