"""N-grams, features and the calibrated classifier."""

from __future__ import annotations

import json

import numpy as np

from engine.nlu.features import Recipe, TextFeatures
from engine.nlu.linear import LinearModel
from engine.nlu.ngrams import Ngrams

TEXTS = ["查订单", "我的订单", "订单呢", "订单状态", "要退货", "退货吧", "我要退货", "怎么退货"]
LABELS = ["order"] * 4 + ["return"] * 4


class TestNgrams:
    def test_rows_have_unit_length_and_rare_grams_are_left_out(self) -> None:
        grams = Ngrams.fit(TEXTS, "char", 3, 2)
        matrix = grams.matrix(TEXTS)
        assert matrix.shape == (8, grams.size)
        lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1))
        assert np.allclose(lengths, 1.0)

    def test_a_text_of_unknown_grams_is_empty(self) -> None:
        indices, weights = Ngrams.fit(TEXTS, "char", 3, 2).row("喵")
        assert indices.size <= 2  # only the ends of the text may be known
        assert weights.size == indices.size

    def test_sounds_see_through_homophones(self) -> None:
        grams = Ngrams.fit(TEXTS, "pinyin", 2, 1)
        assert np.array_equal(grams.row("订单")[0], grams.row("定单")[0])

    def test_what_was_dumped_is_parsed(self) -> None:
        grams = Ngrams.fit(TEXTS, "pinyin", 2, 1)
        again = Ngrams.parse(json.loads(json.dumps(grams.dump())))
        for one, other in zip(grams.row("我要退货"), again.row("我要退货"), strict=True):
            assert np.allclose(one, other, atol=1e-4)


class TestLinearModel:
    def model(self) -> tuple:
        rng = np.random.default_rng(0)
        features = TextFeatures.fit(TEXTS, Recipe(min_texts=1))
        vectors = rng.normal(size=(8, 5)).astype(np.float32)
        matrix = features.matrix(TEXTS, vectors)
        return features, vectors, matrix, LinearModel.fit(matrix, LABELS)

    def test_one_text_is_decided_like_many(self) -> None:
        features, vectors, matrix, model = self.model()
        together = model.decide(matrix)
        for index, text in enumerate(TEXTS):
            alone = features.decide(text, vectors[index], model.weights, model.bias)
            assert np.allclose(alone, together[index], atol=1e-4)

    def test_it_learns_and_its_probabilities_are_such(self) -> None:
        _, _, matrix, model = self.model()
        shares = model.probabilities(model.decide(matrix))
        assert [model.classes[i] for i in shares.argmax(axis=1)] == LABELS
        assert (shares >= 0).all()
        assert (shares.sum(axis=1) <= 1.0 + 1e-5).all()

    def test_it_survives_being_kept(self, tmp_path: object) -> None:
        _, _, matrix, model = self.model()
        path = f"{tmp_path}/m.npz"
        np.savez(path, **model.arrays())
        again = LinearModel.from_arrays(np.load(path, allow_pickle=False))
        assert again.classes == model.classes
        assert np.allclose(again.decide(matrix), model.decide(matrix))

    def test_classes_too_rare_to_hold_out_are_still_learned(self) -> None:
        features = TextFeatures.fit(TEXTS[3:6], Recipe(min_texts=1))
        matrix = features.matrix(TEXTS[3:6], np.zeros((3, 5), np.float32))
        model = LinearModel.fit(matrix, ["a", "b", "c"])
        shares = model.probabilities(model.decide(matrix))
        assert shares.shape == (3, 3)
