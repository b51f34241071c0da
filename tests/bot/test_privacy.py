from __future__ import annotations

import logging

import pytest

from bot.operations.logs import TaggedFormatter
from bot.privacy import MaskingFilter, mask_mobiles, mask_personal


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678谢谢", "电话138****5678谢谢"),
        ("热线400-820-0000", "热线400-820-0000"),
        ("订单261119004217", "订单261119004217"),
    ],
)
def test_mobiles_are_masked_and_other_numbers_left(text: str, masked: str) -> None:
    assert mask_mobiles(text) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("订单261119004217", "订单261****217"),
        ("发到 wang.lin@example.com", "发到 w***@example.com"),
        ("三天 2026 年 99 元", "三天 2026 年 99 元"),
    ],
)
def test_long_numbers_and_addresses_are_masked_where_nobody_needs_them(
    text: str, masked: str
) -> None:
    assert mask_personal(text) == masked


def test_a_log_line_shows_tags_and_no_phone(caplog: pytest.LogCaptureFixture) -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "call %s", ("13812345678",), None)
    record.episode = "ep_1"
    MaskingFilter().filter(record)
    line = TaggedFormatter("%(message)s").format(record)
    assert line == "call 138****5678 episode=ep_1"
