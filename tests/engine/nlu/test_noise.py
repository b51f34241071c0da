"""Misspelt copies for training."""

from __future__ import annotations

import random

import numpy as np
from pypinyin import lazy_pinyin

from engine.nlu.features import Recipe
from engine.nlu.noise import lose_one, lost_copies, misspell, misspelt_copies
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
