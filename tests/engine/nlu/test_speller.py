"""Texts written by sound are read as they were meant."""

from __future__ import annotations

import pytest

from engine.nlu.language import Language
from engine.nlu.speller import Speller

TEXTS = [
    *["我的订单到哪了", "查一下我的订单", "订单发货了吗", "我的快递到了没", "快递到哪了"],
    *["我要退货", "怎么退货", "发票怎么开", "我要开发票", "开张发票", "快递到了吗"],
] * 3


@pytest.fixture(scope="module")
def speller() -> Speller:
    return Speller(Language.fit(TEXTS))


class TestSpell:
    @pytest.mark.parametrize(
        ("heard", "meant"),
        [
            ("我的丁单", "我的订单"),
            ("发飘怎么开", "发票怎么开"),
            ("我要推货", "我要退货"),
            ("我要回货", "我要回货"),  # another sound
            ("我的訂單", "我的订单"),
            ("wo de dingdan", "我的订单"),
            ("kuaidi dao le ma", "快递到了吗"),
            ("WO YAO KAI FAPIAO", "我要开发票"),
        ],
    )
    def test_sounds_become_the_words_that_are_known(
        self, speller: Speller, heard: str, meant: str
    ) -> None:
        assert speller.spell(heard) == meant

    @pytest.mark.parametrize(
        "text",
        [
            *("", "?", "a", "where is my order", "12345", "😀", "查一下我的订单", "魑魅魍魉", "ok"),
            *("sure", "no no", "here", "change", "nice"),
        ],
    )
    def test_what_it_does_not_know_stays(self, speller: Speller, text: str) -> None:
        assert speller.spell(text) == text

    @pytest.mark.parametrize(
        ("heard", "meant"), [("有会", "优惠"), ("优惠", "优惠"), ("天气", "天气"), ("会员", "会员")]
    )
    def test_a_word_alone_is_the_common_one_of_its_sound(self, heard: str, meant: str) -> None:
        texts = [*["有优惠吗", "优惠多少"] * 15, "有会员吗", "会员价"] * 2
        speller = Speller(Language.fit(texts))
        assert speller.spell(heard) == meant

    def test_a_word_with_a_particle_is_no_other_word_of_its_sound(self) -> None:
        speller = Speller(Language.fit(["死了", "累死了"] * 30))
        assert speller.spell("是呢") == "是呢"

    def test_a_long_text_stays(self, speller: Speller) -> None:
        text = "我的丁单" * 30
        assert speller.spell(text) == text
