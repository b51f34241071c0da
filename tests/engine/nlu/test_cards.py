"""Cards of orders that apps put into a message."""

from __future__ import annotations

import pytest

from engine.nlu.cards import blank_cards, without_cards
from engine.nlu.text import reading

FRAMED = "[订单编号:261109334455，订单金额:419.00，下单时间:2026-11-09 20:31:07]"


@pytest.mark.parametrize(
    ("text", "matter"),
    [
        (f"{FRAMED} 发票呢", "发票呢"),
        (f"亲，{FRAMED}，硬盘是坏的", "亲, ,硬盘是坏的"),
        ("咨询订单号:261109334455 商品ID:4410872 怎么洗", "怎么洗"),
        ("订单号：261109334455，地址要改", "地址要改"),
        ("【订单编号：261109334455】【商品编号：77】能便宜点吗", "能便宜点吗"),
        ("下单时间:2026-11-09 20:31:07 到哪了", "到哪了"),
        ("订单金额:¥419.00 为什么多扣", "为什么多扣"),
    ],
)
def test_what_is_wanted_is_left(text: str, matter: str) -> None:
    assert without_cards(reading(text)) == matter


@pytest.mark.parametrize(
    "text",
    [
        FRAMED,
        "订单号: 261109334455",
        "我的订单号是261109334455",
        "订单号261109334455到哪了",
        "快递单号: 多少",
        "订单号在哪看",
        "[图片]坏了",
    ],
)
def test_what_is_no_card_or_nothing_but_a_card_stays(text: str) -> None:
    assert without_cards(reading(text)) == reading(text)


def test_places_in_a_text_stay_what_they_are() -> None:
    text = f"{FRAMED}发票开一下，地址也改一下"
    blanked = blank_cards(text)
    assert len(blanked) == len(text)
    assert blanked.endswith("发票开一下，地址也改一下") and not blanked.strip().startswith("[")
