"""Questions and wishes, told by their words."""

from __future__ import annotations

import pytest

from engine.nlu.asking import asks, asks_in_words, may_ask


@pytest.mark.parametrize(
    "text",
    [
        "包邮吗",
        "什么时候发",
        "多重啊",
        "到了没",
        "付款成功了没有,我这边卡了",
        "是顺丰还是中通啊",
        "能退不",
    ],
)
def test_questions(text: str) -> None:
    assert asks_in_words(text) and asks(text) and may_ask(text)


@pytest.mark.parametrize("text", ["帮我看看订单", "我要退货", "到货?"])
def test_wishes_and_marks(text: str) -> None:
    assert not asks_in_words(text)
    assert asks(text) and may_ask(text)


def test_an_errand_may_be_one() -> None:
    assert may_ask("取消订单") and not asks("取消订单")


@pytest.mark.parametrize("text", ["我昨天买的", "还是没收到", "我不要", "东西收到了"])
def test_statements(text: str) -> None:
    assert not asks(text) and not asks_in_words(text)
