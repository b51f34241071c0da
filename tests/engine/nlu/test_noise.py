"""Copies for training: misspelt, or with an aside."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from pypinyin import lazy_pinyin

from engine.nlu.features import Recipe
from engine.nlu.noise import Asides, lose_one, lost_copies, misspell, misspelt_copies
from engine.nlu.training import train_classifier

TEXT = "请帮我查一下昨天的订单发货没有"


class TestCopies:
    def test_a_misspelt_copy_sounds_the_same(self) -> None:
        copy = misspell(TEXT, random.Random(1))
        assert copy != TEXT
        assert lazy_pinyin(copy) == lazy_pinyin(TEXT)

    def test_one_character_is_lost(self) -> None:
        assert len(lose_one(TEXT, random.Random(1))) == len(TEXT) - 1

    def test_short_texts_lose_nothing(self) -> None:
        assert lose_one("好的", random.Random(1)) == "好的"

    def test_what_denies_is_not_lost(self) -> None:
        lost = {lose_one("我不需要", random.Random(seed)) for seed in range(40)}
        assert lost == {"不需要", "我不要", "我不需"}
        assert lose_one("不没别无", random.Random(1)) == "不没别无"

    def test_the_same_text_has_the_same_copies(self) -> None:
        for copies in (misspelt_copies, lost_copies):
            for text in (TEXT, "怎么退货"):
                assert copies(text) == copies(text)
                assert text not in copies(text)

    def test_lost_copies_lose_different_characters(self) -> None:
        copies = lost_copies("发票怎么还没开")
        assert 1 < len(copies) == len(set(copies)) <= 3

    def test_a_long_text_hardly_misses_a_character(self) -> None:
        assert len(lost_copies("请帮我查一下昨天订单")) <= 2
        assert lost_copies(TEXT) == []


class TestAsides:
    def test_the_matter_stays_whole(self) -> None:
        asides = Asides(("我问个事", "那个｜"), ("我等着呢", "｜哈"))
        copies = {copy for n in range(200) for copy in asides.copies(f"退货运费{n}谁出？")}
        ends = {
            copy.replace(copy[copy.index("退货") : copy.index("谁出") + 2], "_") for copy in copies
        }
        assert {"我问个事，_？", "那个_？", "_，我等着呢", "_哈", "那个_，我等着呢"} <= ends
        assert len(ends) == 8

    def test_the_same_text_has_the_same_copy(self) -> None:
        asides = Asides(("我问个事", "喂"), ("急", "谢谢"))
        assert asides.copies(TEXT) == asides.copies(TEXT)

    def test_without_any_there_is_no_copy(self) -> None:
        assert not any(Asides().copies(f"{TEXT}{n}？") for n in range(40))

    @pytest.mark.parametrize(
        ("written", "why"),
        [
            ("before: [喂]\n", "before: and behind:"),
            ("before: [喂]\nbehind: [哈｜]\n", "inner end only.*哈"),
            ("before: [｜喂]\nbehind: [哈]\n", "inner end only.*喂"),
        ],
    )
    def test_what_is_no_list_of_asides_is_refused(
        self, tmp_path: Path, written: str, why: str
    ) -> None:
        path = tmp_path / "asides.yml"
        path.write_text(written, "utf-8")
        with pytest.raises(ValueError, match=why):
            Asides.load(path)


class TestTraining:
    def test_a_classifier_that_learned_from_copies_reads_homophones(self) -> None:
        texts = [
            f"{who}{what}" for who in ("我要", "帮我", "请", "想") for what in ("退货", "查账")
        ]
        labels = ["return" if "退货" in text else "query" for text in texts]
        vectors = np.zeros((len(texts), 4), np.float32)
        features, model = train_classifier(texts, labels, vectors, Recipe(min_texts=1), 1.0)
        for heard, label in (("腿货", "return"), ("擦帐", "query")):
            decisions = features.decide(heard, np.zeros(4, np.float32), model.weights, model.bias)
            assert model.classes[int(decisions.argmax())] == label

    def test_an_aside_that_all_intents_have_says_nothing(self) -> None:
        """One example alone has it; only with copies of the others does it lose its meaning."""
        whos = [f"{one}{two}" for one in "我你他她咱俺" for two in "想请帮要找来去"]
        texts = ["我是会员，退货", *(f"{who}{what}" for who in whos for what in ("退货", "查账"))]
        labels = ["return" if "退货" in text else "query" for text in texts]

        def encode(asked: list[str]) -> np.ndarray:
            return np.zeros((len(asked), 4), np.float32)

        def margin(asides: Asides) -> float:
            vectors = np.zeros((len(texts), 4), np.float32)
            recipe = Recipe(min_texts=1)
            features, model = train_classifier(
                texts, labels, vectors, recipe, 1.0, encode=encode, asides=asides
            )
            said = features.decide("我是会员，", vectors[0], model.weights, model.bias)
            return float(said[model.classes.index("return")] - said[model.classes.index("query")])

        assert margin(Asides(("我是会员",))) < 0.5 * margin(Asides())
