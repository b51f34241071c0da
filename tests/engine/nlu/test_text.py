"""Normal form, and the way back."""

from __future__ import annotations

import pytest

from engine.nlu.clauses import clauses
from engine.nlu.text import MAX_CHARS, normalise, reading, syllables


class TestNormalise:
    @pytest.mark.parametrize(
        ("said", "read"),
        [
            ("ＡＢＣ１２３", "abc123"),
            ("我的訂單什麼時候發貨", "我的订单什么时候发货"),
            ("订\u200b单\ufeff", "订单"),
            ("①件", "1件"),
            ("ﬁ", "fi"),
            ("", ""),
            ("\ud800", "\ud800"),
            ("a\nb", "a b"),
        ],
    )
    def test_forms_fall_together(self, said: str, read: str) -> None:
        assert normalise(said).text == read

    @pytest.mark.parametrize("said", ["訂\u200b單２６１１", "㍿在ﬁ後面", "a\u0301bc", "裡面後來"])
    def test_each_character_knows_where_it_came_from(self, said: str) -> None:
        normal = normalise(said)
        assert len(normal.offsets) == len(normal.text) + 1
        assert normal.span(0, len(normal.text)) == (0, len(said))
        for index in range(len(normal.text)):
            start, end = normal.span(index, index + 1)
            assert 0 <= start < end <= len(said)


class TestReading:
    @pytest.mark.parametrize(
        "text", ["", "查訂單", "ＡＢＣ！？，。、～", "Order 12 ~", "退貨「」吗"]
    )
    def test_a_plain_text_is_normalised_as_character_by_character(self, text: str) -> None:
        slowly = normalise(text + "\u200b")  # which drops out
        assert normalise(text).text == slowly.text
        assert normalise(text).offsets[:-1] == slowly.offsets[:-1]

    def test_long_numbers_and_repeats_are_folded(self) -> None:
        assert reading("订单2611 1900 4217呢呢呢呢呢") == "订单№呢呢"

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("我 要 退 货", "我要退货"),
            ("我 要 退 货 ， 谢 谢", "我要退货 , 谢 谢"),
            ("我要退货 快递到哪了", "我要退货 快递到哪了"),
            ("你好 在 吗", "你好 在 吗"),
        ],
    )
    def test_blanks_between_all_characters_say_nothing(self, written: str, read: str) -> None:
        assert reading(written) == read

    @pytest.mark.parametrize(
        "text",
        [
            "261126483920到哪了",
            "ＡＢＣ，",
            "幺幺零二",
            "１１１１",
            "呢呢呢",
            "呢 呢 呢",
            "？！？！！",
        ],
    )
    def test_what_was_read_is_read_alike_again(self, text: str) -> None:
        assert reading(reading(text)) == reading(text)

    def test_long_texts_keep_both_ends(self) -> None:
        text = "头" + "".join(chr(0x4E00 + i) for i in range(3000)) + "尾"
        assert len(reading(text)) <= MAX_CHARS + 1
        assert (reading(text)[0], reading(text)[-1]) == ("头", "尾")


class TestSyllables:
    @pytest.mark.parametrize(
        ("one", "other"), [("物流", "无刘"), ("查询", "擦寻"), ("牛奶", "流奶"), ("订单", "定单")]
    )
    def test_what_sounds_alike_reads_alike(self, one: str, other: str) -> None:
        assert syllables(one) == syllables(other)

    def test_words_and_digits_stay(self) -> None:
        assert syllables("app 12") == ("app", "1", "2")


class TestClauses:
    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("订单到哪了，顺便问下积分有多少", ["订单到哪了，", "顺便问下积分有多少"]),
            ("发票怎么开？退款到了吗？", ["发票怎么开？", "退款到了吗？"]),
            ("我昨天买的羽绒服，穿着有点大，能换吗", []),
            ("我的快递到哪了", []),
            ("", []),
            ("你好，", []),
        ],
    )
    def test_only_requests_are_divided(self, text: str, parts: list) -> None:
        assert [text[start:end] for start, _, end in clauses(text)] == parts

    def test_too_many_requests_are_left_to_a_person(self) -> None:
        assert clauses("查订单？" * 9) == []

    @pytest.mark.parametrize(
        ("behind", "asked"),
        [
            ("积分有多少？订单号261128116077尾号1234", "积分有多少？"),
            ("积分有多少？订单号261128116077，谢谢", "积分有多少？"),
            ("积分有多少？", "积分有多少？"),
            ("积分有多少？都三天了", "积分有多少？都三天了"),
            ("帮我查订单261128116077", "帮我查订单261128116077"),
        ],
    )
    def test_numbers_handed_in_behind_the_last_request_are_no_part_of_what_it_asks(
        self, behind: str, asked: str
    ) -> None:
        text = f"发票怎么开？{behind}"
        last = clauses(text)[-1]
        assert text[last.start : last.asked] == asked
        assert last.end == len(text)


@pytest.mark.parametrize("heard", ["保险，", "保险。", "保险,", " 保险、"])
def test_a_pause_at_the_end_changes_nothing(heard):
    assert reading(heard) == reading("保险")


def test_a_question_or_exclamation_mark_stays():
    assert reading("到了？").endswith("?") and reading("快点！").endswith("!")


@pytest.mark.parametrize(("said", "figures"), [("二", "2"), ("零", "0"), ("幺 八", "18")])
def test_a_text_of_said_digits_alone_is_read_as_figures(said, figures):
    assert reading(said) == figures
