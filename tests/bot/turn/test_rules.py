from __future__ import annotations

import pytest

from bot.turn.rules import asks_for_human


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
