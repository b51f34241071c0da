"""What single sentences say about a return: wishes, faults, the state of goods."""

from __future__ import annotations

import pytest

from actions.returns.general import asks_how
from actions.returns.instead import REFUND_ONLY, instead_in, wants_exchange
from actions.returns.reading import opened_in, used_in
from actions.returns.reasons import reason_in


@pytest.mark.parametrize("text", ["你们什么破规定", "买的什么破毛衣", "破公司", "烂客服"])
def test_swearing_gives_no_reason(text: str) -> None:
    assert reason_in(text) is None


@pytest.mark.parametrize("text", ["裤子破了", "破洞", "袜子破个洞", "盒子磨破", "烂了"])
def test_torn_goods_are_faulty(text: str) -> None:
    reason = reason_in(text)
    assert reason is not None and reason.defective


@pytest.mark.parametrize("text", ["腰大", "裤腿长", "肩宽了"])
def test_where_it_does_not_fit_is_a_reason(text: str) -> None:
    reason = reason_in(text)
    assert reason is not None and reason.title == "尺码或规格不合适"


@pytest.mark.parametrize("text", ["仅退款可以吗", "只退款不退货", "不想寄了 直接退钱给我行不行"])
def test_money_without_sending_back_is_for_a_person(text: str) -> None:
    assert instead_in(text) == REFUND_ONLY


@pytest.mark.parametrize("text", ["不要补发 我要退款", "我想退货退款", "只退了50块"])
def test_a_refund_is_nothing_else(text: str) -> None:
    assert instead_in(text) is None


@pytest.mark.parametrize("text", ["换", "换吧", "换一个", "那就换货"])
def test_a_bare_exchange_is_one(text: str) -> None:
    assert wants_exchange(text)


@pytest.mark.parametrize("text", ["换手机号", "换个地址", "换个订单"])
def test_other_things_that_are_changed_are_no_exchange(text: str) -> None:
    assert not wants_exchange(text)


def test_a_packet_that_was_begun_is_opened_and_trying_on_is_no_use() -> None:
    assert opened_in("坚果开了一包") is True
    assert used_in("鞋子穿过一次")
    assert not used_in("试穿了一下")


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("怎么退货", True),
        ("退货流程是什么", True),
        ("怎么退到银行卡了", False),
        ("为什么退不了", False),
    ],
)
def test_how_a_return_goes(text: str, asked: bool) -> None:
    assert asks_how(text) is asked
