"""What a few texts tell of how customers write."""

from __future__ import annotations

import json
import math

import pytest

from engine.nlu.language import END, START, Language, padded

TEXTS = ["我要退货", "我要换货", "我要退款", "货到了", "退货吗"]


@pytest.fixture(scope="module")
def language() -> Language:
    return Language.fit(TEXTS)


class TestLikelihood:
    @pytest.mark.parametrize("two", [START + START, START + "我", "我要", "要退", "魑魅", "到了"])
    def test_what_may_follow_sums_to_nearly_one(self, language: Language, two: str) -> None:
        following = [*language.characters(), START, END]
        assert 0.9 < sum(math.exp(language.after(two, char)) for char in following) <= 1.01

    def test_what_was_seen_is_likelier(self, language: Language) -> None:
        assert language.after("我要", "退") > language.after("我要", "换")
        assert language.after("我要", "换") > language.after("我要", "吗")
        assert language.after("我要", "吗") > language.after("我要", "魅")

    def test_a_row_is_as_likely_as_its_characters_one_by_one(self, language: Language) -> None:
        row = padded("退货")
        whole = language.chance(row, 2, 99)
        assert whole == pytest.approx(language.chance(row, 2, 4) + language.after("退货", END))


class TestCounts:
    def test_characters_come_the_commonest_first(self, language: Language) -> None:
        assert language.characters()[0] == "货"
        assert {START, END}.isdisjoint(language.characters())

    def test_the_start_counts_as_two(self, language: Language) -> None:
        assert language.count(START + START + "我") == 3
        assert language.count("货" + END) == 2

    def test_between_two_characters_stands_what_makes_pairs_with_both(
        self, language: Language
    ) -> None:
        assert set(language.between("要", "货", 9)) == {"退", "换"}
        assert language.between("要", "货", 1) == ["退"]
        assert language.between("要", "魅", 9) == []
        assert {START, END}.isdisjoint(language.between(START, "我", 9))

    def test_no_text_is_no_language(self) -> None:
        empty = Language.fit([])
        assert (empty.characters(), empty.count("货")) == ([], 0)
        assert empty.after("我退", "货") < 0


def test_what_was_dumped_is_parsed(language: Language) -> None:
    again = Language.parse(json.loads(json.dumps(language.dump(), ensure_ascii=False)))
    assert again.after("我要", "退") == language.after("我要", "退")
    assert again.between("要", "货", 9) == language.between("要", "货", 9)
