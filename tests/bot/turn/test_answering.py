"""What is left of an answer when a person takes over in the same turn."""

import pytest

from bot.conversations import Bubble
from bot.turn.answering import without_offers


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (
            "非常抱歉让您久等。我可以请人工同事跟进，可以吗？也可以给我订单号。",
            "非常抱歉让您久等。",
        ),
        ("这件事小禾帮不上忙，需要我帮您转人工同事吗？", "这件事小禾帮不上忙。"),
        ("这单已经发货了，取消不了。需要我帮您转人工同事看看吗？", "这单已经发货了，取消不了。"),
    ],
)
def test_an_offer_of_a_person_goes_and_what_stands_before_it_stays(said: str, left: str) -> None:
    options = ({"title": "转人工", "payload": "转人工"},)
    assert without_offers([Bubble(said, options, offer=True)]) == [Bubble(left)]


def test_a_bubble_that_only_offers_a_person_is_left_out() -> None:
    assert without_offers([Bubble("需要我帮您转人工同事吗？", offer=True)]) == []


def test_an_answer_that_mentions_colleagues_is_kept_whole() -> None:
    answer = Bubble("同事已经把包裹交给快递了，预计明天送到。", card={"type": "order"})
    assert without_offers([answer]) == [answer]


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("要取消哪一笔订单？\n1. 今天下单的小白鞋\n2. 昨天下单的防晒乳", []),
        (
            "订单 261126901258 还没有开发票。\n发票发到哪个邮箱？",
            ["订单 261126901258 还没有开发票。"],
        ),
        ("已经签收了。\n刚才的发票还没申请完。\n请告诉我接收发票的邮箱。", ["已经签收了。"]),
        ("为了保护您的信息，请把订单号发给我。", []),
    ],
)
def test_a_question_that_nobody_would_take_the_answer_of_is_not_asked(
    said: str, left: list[str]
) -> None:
    options = ({"title": "今天 小白鞋", "payload": "今天 小白鞋"},)
    assert without_offers([Bubble(said, options, asks=True)]) == [Bubble(text) for text in left]
