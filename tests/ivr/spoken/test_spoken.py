"""How text is read aloud: a table written by hand, typed values, and every sentence we have."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from actions.wording import DOMAIN_FILE
from ivr import spoken

TABLE = [
    [*row.replace("\\n", "\n").split("\t"), ""][:2]
    for row in (Path(__file__).with_name("table.tsv")).read_text("utf-8").splitlines()[1:]
    if not row.startswith("# ")
]


@pytest.mark.parametrize(("written", "said"), TABLE)
def test_it_is_read_as_a_person_reads_it(written: str, said: str) -> None:
    assert spoken.speak_as(written) == said


def test_the_table_is_large_enough() -> None:
    assert len(TABLE) >= 120


@pytest.mark.parametrize("said", [row[1] for row in TABLE])
def test_what_is_read_once_is_not_read_otherwise_again(said: str) -> None:
    assert spoken.speak_as(said) == said
    assert spoken.misread(said) == ""


@given(st.text(max_size=60))
def test_no_text_leaves_anything_to_a_voices_guess(text: str) -> None:
    said = spoken.speak_as(text)
    assert spoken.misread(said) == ""
    assert spoken.speak_as(said) == said


class TestTypedValues:
    def test_an_order_number_comes_in_fours(self) -> None:
        assert spoken.order_number("261119004217") == "二六幺幺，幺九零零，四二幺七"
        assert spoken.tail("0712") == "零七幺二"

    @pytest.mark.parametrize(
        ("number", "said"),
        [
            ("13812345678", "幺三八，幺二三四，五六七八"),
            ("+86 138 1234 5678", "幺三八，幺二三四，五六七八"),
            ("400-820-0000", "四零零，八二零，零零零零"),
            ("02162881234", "零二幺六，二八八幺，二三四"),
            ("95588", "九五五八八"),
        ],
    )
    def test_a_telephone_number(self, number: str, said: str) -> None:
        assert spoken.phone(number) == said

    @pytest.mark.parametrize(
        ("fen", "said"),
        [
            (0, "零元"),
            (5, "五分"),
            (20, "两角"),
            (25, "两角五分"),
            (200, "两元"),
            (1005, "十元零五分"),
            (12950, "一百二十九元五角"),
            (12955, "一百二十九元五角五分"),
            (22200, "两百二十二元"),
            (1234567, "一万二千三百四十五元六角七分"),
            (-500, "负五元"),
        ],
    )
    def test_an_amount(self, fen: int, said: str) -> None:
        assert spoken.amount(fen) == said

    def test_a_day_says_its_year_only_where_it_is_another(self) -> None:
        today = date(2026, 11, 28)
        assert spoken.day(date(2026, 12, 2), today=today) == "十二月二日"
        assert spoken.day(date(2027, 1, 10), today=today) == "二零二七年一月十日"

    @pytest.mark.parametrize(
        ("at", "said"),
        [
            (time(0, 0), "零点"),
            (time(0, 30), "凌晨零点半"),
            (time(9, 5), "上午九点零五分"),
            (time(12, 0), "中午十二点"),
            (time(14, 30), "下午两点半"),
            (time(19, 15), "晚上七点十五分"),
        ],
    )
    def test_a_time_of_day(self, at: time, said: str) -> None:
        assert spoken.clock(at) == said

    def test_counts_shares_and_letters(self) -> None:
        assert spoken.count(2, "件") == "两件"
        assert spoken.count(12, "件") == "十二件"
        assert spoken.count(200, "张") == "两百张"
        assert spoken.percent("12.5") == "百分之十二点五"
        assert spoken.percent("100") == "百分之百"
        assert spoken.latin("SF1234") == "S F，幺二三四"
        assert spoken.digits("483920") == "四八三，九二零"


def sentences() -> list[str]:
    """What the assistant may say on the phone, with values in the form in which they are filled."""
    domain = yaml.safe_load(DOMAIN_FILE.read_text("utf-8"))
    texts = []
    for variants in domain["responses"].values():
        own = [v for v in variants if v.get("channel") == "phone"]
        texts += [v["text"] for v in own or [v for v in variants if not v.get("channel")]]
    return texts


@pytest.mark.parametrize("sentence", sentences())
def test_every_sentence_of_the_domain_can_be_read(sentence: str) -> None:
    """Its figures, marks and letters are all put into words; what is only Chinese stays."""
    for placeholder in (
        "某某",
        "尾号1042",
        "¥12.50",
        "11月3日",
        "昨天 14:05",
        "SF1234****0123",
        "2",
    ):
        filled = sentence
        while "{" in filled:
            head, _, rest = filled.partition("{")
            filled = head + placeholder + rest.partition("}")[2]
        said = spoken.speak_as(filled)
        assert said and spoken.misread(said) == ""
        if spoken.misread(filled) == "" and filled == said:
            return
        # Nothing but figures, marks and letters may change: the characters are all still there.
        kept = [c for c in filled if "一" <= c <= "鿿"]
        rest_of = iter(said)
        assert all(c in rest_of for c in kept if c not in "尾号元月日"), (filled, said)
