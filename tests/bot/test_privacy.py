from __future__ import annotations

import logging
import sys

import pytest

from bot.operations.logs import TaggedFormatter
from bot.privacy import mask_mobiles, mask_personal, mask_shown


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("电话13812345678谢谢", "电话138****5678谢谢"),
        ("+8613812345678", "+86138****5678"),
        ("138 1234 5678", "138****5678"),
        ("138-1234-5678", "138****5678"),
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


def format_record(record: logging.LogRecord) -> str:
    return TaggedFormatter("%(message)s").format(record)


def test_a_log_line_shows_tags_and_no_phone() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "call %s", ("13812345678",), None)
    record.episode = "ep_1"
    record.note = "from 139 1234 5678"
    assert format_record(record) == "call 138****5678 episode=ep_1 note=from 139****5678"


def test_a_logged_exception_shows_where_and_not_what() -> None:
    try:
        try:
            raise ValueError("王小明 13812345678 张杨路1号")
        except ValueError as error:
            raise RuntimeError("INSERT … '我的订单呢'") from error
    except RuntimeError:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", (), sys.exc_info())
    text = format_record(record)
    assert "ValueError" in text
    assert "RuntimeError" in text
    assert "test_privacy.py" in text
    assert not any(secret in text for secret in ("王小明", "5678", "张杨路", "订单"))


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("我叫王小明，电话13812345678", "我叫王**，电话138****5678"),
        ("收件人：欧阳娜娜 手机 139 1234 5678", "收件人：欧*** 手机 139****5678"),
        ("身份证310101199001011234", "身份证310****4"),
        ("卡号6222 0212 3456 7890 123", "卡号6222****0123"),
        ("寄到上海市浦东新区张杨路500弄6号1203室，谢谢", "寄到上海市浦东新区***，谢谢"),
        ("邮箱 lin@example.com", "邮箱 l***@example.com"),
        ("订单261119004217，退 129 元", "订单261119004217，退 129 元"),
        ("我叫了快递，三天没到", "我叫了快递，三天没到"),
        ("南京路那家店还开着吗", "南京路那家店还开着吗"),
        ("我要投诉快递员态度恶劣", "我要投诉快递员态度恶劣"),
        ("派件员把东西摔了", "派件员把东西摔了"),
        ("快递员：张三，13812345678", "快递员：张*，138****5678"),
    ],
)
def test_what_people_read_hides_persons_and_keeps_what_they_work_with(
    text: str, masked: str
) -> None:
    assert mask_shown(text) == masked
