"""N-grams, features and the calibrated classifier."""

from __future__ import annotations

import json

import numpy as np
import pytest
import scipy.sparse

from engine.nlu.features import Recipe, TextFeatures
from engine.nlu.intent_classifier import by_theme
from engine.nlu.linear import LinearModel, held_out
from engine.nlu.ngrams import Ngrams, legible

TEXTS = ["查订单", "我的订单", "订单呢", "订单状态", "要退货", "退货吧", "我要退货", "怎么退货"]
LABELS = ["order"] * 4 + ["return"] * 4


def learned(
    texts: list[str], analyzer: str, longest: int, min_texts: int, gaps: bool = False
) -> Ngrams:
    return Ngrams.learn([legible(text) for text in texts], analyzer, longest, min_texts, gaps)[0]


class TestNgrams:
    def test_rows_have_unit_length_and_rare_grams_are_left_out(self) -> None:
        grams, matrix = Ngrams.learn(TEXTS, "char", 3, 2)
        assert matrix.shape == (8, grams.size)
        lengths = np.sqrt(matrix.multiply(matrix).sum(axis=1))
        assert np.allclose(lengths, 1.0)

    def test_a_text_of_unknown_grams_is_empty(self) -> None:
        row = learned(TEXTS, "char", 3, 2).row("喵")
        assert len(row) <= 2  # only the ends of the text may be known

    @pytest.mark.parametrize("gaps", [False, True])
    @pytest.mark.parametrize("analyzer", ["char", "pinyin"])
    def test_all_texts_at_once_are_featurised_like_one(self, analyzer: str, gaps: bool) -> None:
        texts = [*TEXTS, "退退退货", "tui货 tui", "", "№№"]
        read = [legible(text) for text in texts]
        grams, matrix = Ngrams.learn(read, analyzer, 3, 2, gaps and analyzer == "char")
        assert grams.size >= 20
        for text, row in zip(texts, matrix, strict=True):
            alone = grams.row(text)
            assert sorted(alone) == list(row.indices), text
            assert np.allclose(row.data, [alone[at] for at in row.indices], atol=1e-6), text

    def test_a_gram_counts_once_a_text(self) -> None:
        grams, _ = Ngrams.learn(["呢呢", "货"], "char", 1, 2)
        assert grams.size == 2  # the two ends; 呢 occurs twice, but in one text

    def test_no_text_is_no_feature(self) -> None:
        grams, matrix = Ngrams.learn([], "char", 3, 2, gaps=True)
        assert (grams.size, matrix.shape) == (0, (0, 0))

    def test_sounds_see_through_homophones(self) -> None:
        grams = learned(TEXTS, "pinyin", 2, 1)
        assert grams.row("订单") == grams.row("定单")

    def test_over_a_gap_a_pair_is_known_that_lost_what_was_between(self) -> None:
        whole, lost = ["查一下订单"], "查下订单"
        known = len(learned(whole, "char", 2, 1).row(lost))
        assert len(learned(whole, "char", 2, 1, gaps=True).row(lost)) > known

    def test_what_was_dumped_is_parsed(self) -> None:
        grams = learned(TEXTS, "pinyin", 2, 1)
        again = Ngrams.parse(json.loads(json.dumps(grams.dump())))
        assert again.row("我要退货") == pytest.approx(grams.row("我要退货"), abs=1e-4)


class TestLinearModel:
    def model(self) -> tuple:
        rng = np.random.default_rng(0)
        vectors = rng.normal(size=(8, 5)).astype(np.float32)
        features, matrix = TextFeatures.learn(TEXTS, vectors, Recipe(min_texts=1))
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
        assert np.allclose(again.decide(matrix), model.decide(matrix), atol=1e-3)

    def test_classes_too_rare_to_hold_out_are_still_learned(self) -> None:
        vectors = np.zeros((3, 5), np.float32)
        _, matrix = TextFeatures.learn(TEXTS[3:6], vectors, Recipe(min_texts=1))
        model = LinearModel.fit(matrix, ["a", "b", "c"])
        shares = model.probabilities(model.decide(matrix))
        assert shares.shape == (3, 3)


class TestWary:
    """A model that was told which intent is none of ours."""

    def model(self, strange: bool = False) -> tuple:
        rng = np.random.default_rng(1)
        centres = {"order": 0, "return": 1, "chat:a": 2, "chat:b": 3}
        labels = [name for name in centres for _ in range(400)]
        ideal = np.eye(4)[[centres[name] for name in labels]]
        halves = [ideal + rng.normal(0, 0.6, ideal.shape) for _ in range(2)]
        matrix = scipy.sparse.csr_matrix(np.concatenate(halves, axis=1), dtype=np.float32)
        held = held_out(labels, "chat")
        signs = np.zeros((len(held), 3))
        if strange:
            signs[:, 1:] = np.array([[labels[row].startswith("chat")] * 2 for row in held])
        model = LinearModel.fit(
            matrix, labels, jobs=1, dense=4, wary_of="chat", held=held, strangeness=signs
        )
        return matrix, model

    def test_the_parts_of_an_intent_share_its_confidence(self) -> None:
        matrix, model = self.model()
        decisions = model.decide(matrix)
        shares = model.probabilities(decisions, np.asarray(matrix[:, 4:] @ model.weights[4:]))
        assert (shares >= 0).all()
        assert (shares.sum(axis=1) <= 1.0 + 1e-5).all()
        assert ((shares[:, :2].sum(axis=1) <= 1.0) & (shares[:, 2:].max(axis=1) <= 1.0)).all()

    def test_words_of_ours_in_a_sentence_that_is_not_are_doubted(self) -> None:
        _, model = self.model()
        order, chat = np.eye(4)[0], np.eye(4)[2]
        sure = []
        for sentence in (order, chat):
            words = 0.8 * order  # both alike would leave it open which of them is right
            row = scipy.sparse.csr_matrix(np.concatenate([words, sentence])[np.newaxis])
            shares = model.probabilities(
                model.decide(row), sentence[np.newaxis] @ model.weights[4:]
            )
            sure.append(shares[0, model.classes.index("order")])
        assert sure[1] < 0.5 < 0.9 < sure[0], sure

    def test_a_doubted_first_place_stays_the_first(self) -> None:
        _, model = self.model(strange=True)
        order, back = model.classes.index("order"), model.classes.index("return")
        close = np.full((1, 4), -1.0, np.float32)
        close[0, [order, back]] = 0.30, 0.28
        shares = model.probabilities(close, strangeness=np.array([[2.0, 1.0, 1.0]]))[0]
        assert shares[order] < 0.5
        assert shares.argmax() == order
        assert shares[back] < shares[order] - 1e-3

    def test_a_strange_text_is_doubted(self) -> None:
        matrix, model = self.model(strange=True)
        order = model.decide(matrix)[:1]
        sure = [
            model.probabilities(order, strangeness=np.array([[2.0, share, share]]))[0].max()
            for share in (0.0, 0.9)
        ]
        assert sure[1] < sure[0]

    def test_what_was_kept_is_as_sure(self, tmp_path: object) -> None:
        matrix, model = self.model()
        np.savez(f"{tmp_path}/m.npz", **model.arrays())
        again = LinearModel.from_arrays(np.load(f"{tmp_path}/m.npz", allow_pickle=False))
        decisions = model.decide(matrix)
        assert np.allclose(again.probabilities(decisions), model.probabilities(decisions))


class TestHeldOut:
    """What confidence is learned on."""

    def test_a_wary_model_holds_out_runs_of_neighbours(self) -> None:
        held = held_out(["a"] * 200, "chat")
        assert np.array_equal(held[:20], np.arange(40, 60))
        assert 0.1 < len(held) / 200 < 0.4

    def test_the_parts_of_an_intent_are_one_row_of_neighbours(self) -> None:
        labels = ["chat:a", "chat:b"] * 100
        assert np.array_equal(held_out(labels, "chat"), held_out(["chat"] * 200, "chat"))

    def test_classes_too_rare_are_not_held_out(self) -> None:
        assert not len(held_out(["a", "a", "b"]))


class TestThemes:
    def test_a_wide_intent_is_divided_by_likeness(self) -> None:
        rng = np.random.default_rng(0)
        vectors = np.concatenate([rng.normal(m, 0.1, (60, 4)) for m in (0, 5, 9)])
        labels = ["wide"] * 120 + ["other"] * 60
        divided = by_theme(labels, vectors, "wide", 2)
        assert len(set(divided[:60])) == len(set(divided[60:120])) == 1
        assert {label.split(":")[0] for label in divided[:120]} == {"wide"}
        assert len(set(divided[:120])) == 2
        assert divided[120:] == labels[120:]

    def test_no_theme_is_too_small_to_hold_out(self) -> None:
        vectors = np.concatenate([np.zeros((118, 2)), np.ones((2, 2))])
        divided = by_theme(["wide"] * 120, vectors, "wide", 2)
        assert len(set(divided)) == 1

    def test_few_examples_stay_one_class(self) -> None:
        assert by_theme(["a"] * 20, np.eye(20), "a", 2) == ["a"] * 20
