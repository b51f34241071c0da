"""What a message names, with normalised values."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.nlu.entities import read_entities
from engine.nlu.entities.numerals import numeral
from engine.nlu.entities.products import Catalogue

TODAY = date(2026, 11, 19)  # a Thursday
CATALOGUE = Catalogue.parse(
    [
        {"sku": "A1", "title": "静音加湿器 4L", "aliases": ["加湿器", "加湿机"]},
        {"sku": "A2", "title": "桌面迷你加湿器", "aliases": ["小加湿器"]},
        {"sku": "B1", "title": "家用空气炸锅", "aliases": ["空气炸锅", "炸锅"]},
        {"sku": "C1", "title": "纯棉T恤", "aliases": ["T恤"]},
    ]
)


def read(text: str) -> list[dict[str, Any]]:
    return read_entities(text, CATALOGUE, TODAY)


def named(text: str) -> list[tuple[str, Any]]:
    return [(entity["entity"], entity["value"]) for entity in read(text)]


class TestNumbers:
    @pytest.mark.parametrize(
        "text",
        [
            "261119004217",
            "我的订单261119004217到哪了",
            "单号 2611 1900 4217",
            "2611-1900-4217",
            "订单号２６１１１９００４２１７",
            "二六一一一九零零四二一七",
            "二六幺幺幺九洞洞四两幺拐",
            "二六 一一 一九 零零 四二 一七",
            "26 11 19，00 42 17",
            "二六一一一九呃零零四二一七",
            "二六一一一九零零四而一期",
            "貳陸壹壹壹玖零零肆貳壹柒",
        ],
    )
    def test_an_order_number_in_any_dress(self, text: str) -> None:
        assert named(text) == [("order_number", "261119004217")]

    @pytest.mark.parametrize("text", ["26111900421", "订单号26111", "订单号是二六一一一九零零四"])
    def test_an_order_number_of_the_wrong_length_is_only_partial(self, text: str) -> None:
        ((name, _),) = named(text)
        assert name == "order_number_partial"

    @pytest.mark.parametrize("text", ["13812345678", "138 1234 5678", "幺三八一二三四五六七八"])
    def test_a_phone_number(self, text: str) -> None:
        assert named(text) == [("phone", "13812345678")]

    def test_a_phone_and_an_order_side_by_side(self) -> None:
        assert named("138 1234 5678，订单261119004217") == [
            ("phone", "13812345678"),
            ("order_number", "261119004217"),
        ]

    def test_two_orders(self) -> None:
        assert named("261119004217和261118000123") == [
            ("order_number", "261119004217"),
            ("order_number", "261118000123"),
        ]

    @pytest.mark.parametrize("text", ["4217", "尾号4217", "四二一七", "后四位是 四 二 幺 七"])
    def test_the_last_four_digits(self, text: str) -> None:
        assert named(text) == [("phone_tail", "4217")]

    @pytest.mark.parametrize(
        "text", ["4217元", "2026年", "我买了1234个", "一二三", "400-820-0000", "一", "十一点", "好"]
    )
    def test_other_digits_are_no_tail_and_no_order(self, text: str) -> None:
        names = {name for name, _ in named(text)}
        assert not names & {"phone_tail", "order_number", "order_number_partial", "phone"}

    def test_the_span_points_into_what_was_typed(self) -> None:
        text = "訂\u200b單２６１１１９００４２１７呢"
        (entity,) = read(text)
        assert text[entity["start"] : entity["end"]] == entity["text"] == "２６１１１９００４２１７"


class TestNumerals:
    @pytest.mark.parametrize(
        ("said", "value"),
        [
            ("两", 2), ("十", 10), ("十五", 15), ("二十", 20), ("一百零五", 105), ("一百五", 150),
            ("两千三", 2300), ("一千零八十", 1080), ("三万五", 35000), ("一万二千", 12000),
            ("3万", 30000), ("129", 129), ("二三", None), ("百", None), ("零", 0), ("", None),
        ],
    )  # fmt: skip
    def test_numerals(self, said: str, value: Any) -> None:
        assert numeral(said) == value


class TestMeasures:
    @pytest.mark.parametrize(
        ("text", "value"),
        [("129块9", "129.90"), ("一百二十九块九毛", "129.90"), ("¥129", "129.00"), ("￥9.9元", "9.90"),
         ("两百块钱", "200.00"), ("五毛", "0.50"), ("3万块", "30000.00")],
    )  # fmt: skip
    def test_amounts(self, text: str, value: str) -> None:
        assert ("amount", value) in named(f"我付了{text}")

    @pytest.mark.parametrize(
        ("text", "value"), [("500积分能换什么", 500), ("兑换两千分", 2000), ("我有积分1200", 1200)]
    )
    def test_points(self, text: str, value: int) -> None:
        assert ("points", value) in named(text)

    def test_minutes_are_no_points(self) -> None:
        assert named("等了十分钟") == []

    @pytest.mark.parametrize(
        ("text", "value"), [("买了两件", 2), ("来三双袜子", 3), ("10件", 10), ("一个", 1)]
    )
    def test_quantities(self, text: str, value: int) -> None:
        assert ("quantity", value) in named(text)

    @pytest.mark.parametrize(
        "text", ["等了两个月了还没到", "我有一个问题想问一下你们", "三个工作日"]
    )
    def test_spans_of_time_and_turns_of_phrase_are_no_quantities(self, text: str) -> None:
        assert "quantity" not in {name for name, _ in named(text)}

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("第二个", 2),
            ("第3单", 3),
            ("最后一个", -1),
            ("最近那单", "latest"),
            ("最新的订单", "latest"),
        ],
    )
    def test_which_of_several(self, text: str, value: Any) -> None:
        assert ("ordinal", value) in named(text)


class TestDates:
    @pytest.mark.parametrize(
        ("text", "first", "last"),
        [
            ("昨天买的", "2026-11-18", "2026-11-18"),
            ("大前天", "2026-11-16", "2026-11-16"),
            ("上周五下单的", "2026-11-13", "2026-11-13"),
            ("周五能到吗", "2026-11-20", "2026-11-20"),
            ("周五买的", "2026-11-13", "2026-11-13"),
            ("下周一送", "2026-11-23", "2026-11-23"),
            ("这个周末", "2026-11-21", "2026-11-22"),
            ("上周", "2026-11-09", "2026-11-15"),
            ("上个月", "2026-10-01", "2026-10-31"),
            ("上上个月买的", "2026-09-01", "2026-09-30"),
            ("10月3号", "2026-10-03", "2026-10-03"),
            ("十月三号买的", "2026-10-03", "2026-10-03"),
            ("12月20号买的", "2025-12-20", "2025-12-20"),
            ("上个月3号的", "2026-10-03", "2026-10-03"),
            ("2026年11月8日", "2026-11-08", "2026-11-08"),
            ("2026-11-08", "2026-11-08", "2026-11-08"),
            ("11/8", "2026-11-08", "2026-11-08"),
            ("三天前", "2026-11-16", "2026-11-16"),
            ("最近一周", "2026-11-12", "2026-11-19"),
            ("双十一买的", "2026-11-01", "2026-11-11"),
            ("双11那天", "2026-11-01", "2026-11-11"),
            ("去年双十一", "2025-11-01", "2025-11-11"),
            ("国庆的时候", "2026-10-01", "2026-10-07"),
            ("双十二", "2025-12-01", "2025-12-12"),
            ("春节买的", "2026-02-17", "2026-02-23"),
            ("去年", "2025-01-01", "2025-12-31"),
        ],
    )
    def test_days_and_periods(self, text: str, first: str, last: str) -> None:
        values = [value for name, value in named(text) if name == "date"]
        assert [(value["from"], value["to"]) for value in values] == [(first, last)]

    @pytest.mark.parametrize("text", ["2月30号", "第一天就坏了", "13月", "加湿器"])
    def test_what_is_no_day(self, text: str) -> None:
        assert "date" not in {name for name, _ in named(text)}


class TestProducts:
    def test_a_name_that_fits_one(self) -> None:
        assert named("小加湿器呢") == [("product", "A2")]
        assert named("静音加湿器 4L") == [("product", "A1")]

    def test_a_name_that_fits_several_gives_all(self) -> None:
        assert named("加湿器") == [("product", "A1"), ("product", "A2")]

    def test_case_and_tradition_do_not_matter(self) -> None:
        assert named("t恤") == [("product", "C1")]
        assert named("空氣炸鍋") == [("product", "B1")]

    @pytest.mark.parametrize("text", ["空气炸过", "空汽炸锅", "空气扎锅坏了"])
    def test_a_name_that_only_sounds_so(self, text: str) -> None:
        assert named(text)[0] == ("product", "B1")

    def test_nothing_is_found_in_nothing(self) -> None:
        assert named("") == []
        assert read_entities("加湿器", Catalogue([]), TODAY) == []


def test_a_long_text_is_read_quickly_and_without_harm() -> None:
    text = "加湿器12元昨天" * 2000 + "二六一一" * 500
    assert len(read(text)) < 2000
