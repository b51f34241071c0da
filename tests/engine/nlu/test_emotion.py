"""Lexicon, judgement and training sentences; the classifier itself is measured, not unit-tested."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse
from rasa.shared.exceptions import RasaException
from ruamel import yaml

from engine.nlu.emotion import Lexicon, judge, read_sentences
from engine.nlu.feeling import FeelingModel

ROOT = Path(__file__).resolve().parents[3]
LEXICON = Lexicon.parse(
    {
        "severe": ["骗子", "🤬"],
        "medium": ["投诉"],
        "positive": ["yyds"],
        "calm": ["骗子短信"],
        "not": ["不是", "没"],
        "doubtful": ["居然"],
        "alone": {"light": ["？？？"]},
        "signs": {"counted": "第[0-9一二三四五]+次", "polite": "请问|麻烦"},
    }
)


class TestLexicon:
    def test_a_word_counts_for_its_level(self) -> None:
        assert LEXICON.hits("你们是骗子我要投诉") == {
            "positive": 0, "light": 0, "medium": 1, "severe": 1,
        }  # fmt: skip

    @pytest.mark.parametrize("text", ["我不是要投诉", "没投诉", "收到一条骗子短信"])
    def test_calm_uses_do_not(self, text: str) -> None:
        assert sum(LEXICON.hits(text).values()) == 0

    def test_a_negation_far_before_does_not_take_it_back(self) -> None:
        assert LEXICON.hits("不是说今天到吗，我要投诉")["medium"] == 1

    @pytest.mark.parametrize(
        "text", ["5678", "/restart", "hm-2231-b", "🥲🥲", "？", "330106****1234"]
    )
    def test_without_a_chinese_character_nothing_is_felt(self, text: str) -> None:
        assert LEXICON.alone_means(text) == "neutral"

    @pytest.mark.parametrize(
        ("text", "meaning"), [("🤬🤬", "severe"), ("yyds", "positive"), ("??", "light")]
    )
    def test_unless_the_lexicon_knows_it(self, text: str, meaning: str) -> None:
        assert LEXICON.alone_means(text) == meaning

    def test_chinese_is_left_to_the_model(self) -> None:
        assert LEXICON.alone_means("公司") is None

    def test_shouting_is_a_feature(self) -> None:
        assert LEXICON.row("退钱！！！！")[-1] == 1
        assert LEXICON.row("先别发货！")[-1] == 0

    def test_turns_of_phrase_are_features_in_their_order(self) -> None:
        assert LEXICON.signed("第四次问了") == [1, 0]
        assert LEXICON.signed("麻烦第２次寄") == [1, 1]
        assert LEXICON.signed("收到") == [0, 0]

    def test_every_sign_of_the_project_is_found_in_some_of_its_sentences(self) -> None:
        folder = ROOT / "data" / "emotion"
        lexicon = Lexicon.parse(yaml.YAML(typ="safe").load(folder / "lexicon.yml"))
        found = np.sum([lexicon.signed(text) for text in read_sentences(folder)[0]], axis=0)
        assert len(lexicon.signs) >= 30
        assert dict(zip(lexicon.signs, found >= 3, strict=True)) == dict.fromkeys(
            lexicon.signs, True
        )

    def test_examples_with_a_doubtful_or_strong_word_are_not_calm(self) -> None:
        assert LEXICON.is_calm("什么时候发货")
        assert not LEXICON.is_calm("居然不发货")
        assert not LEXICON.is_calm("我要投诉")

    def test_it_survives_being_stored(self) -> None:
        assert Lexicon.parse(LEXICON.describe()) == LEXICON


class TestFeelingModel:
    def model(self) -> FeelingModel:
        classes = ["positive", "neutral", "light", "medium", "severe"] * 8
        features = scipy.sparse.csr_matrix(np.tile(np.eye(5, dtype=np.float32), (8, 1)))
        return FeelingModel.fit(features, np.zeros((40, 2), dtype=np.float32), classes, 50.0)

    def test_it_learns_every_class(self) -> None:
        model = self.model()
        for at, name in enumerate(["positive", "neutral", "light", "medium", "severe"]):
            shares = model.shares(model.weights[at] + model.bias)
            assert max(shares, key=lambda key: shares[key]) == name

    def test_shares_add_up_to_one(self) -> None:
        model = self.model()
        assert sum(model.shares(np.array([0.3, -1.0, -2.0, 4.0])).values()) == pytest.approx(1)

    def test_it_survives_being_stored(self) -> None:
        model = self.model()
        again = FeelingModel.from_arrays(model.arrays())
        values = model.weights[2] + model.bias
        assert again.shares(again.weights[2] + again.bias) == model.shares(values)


class TestJudge:
    def test_neutral(self) -> None:
        assert judge({"neutral": 0.8, "light": 0.2}, 0.5) == {
            "label": "neutral", "level": "none", "score": 0.8,
        }  # fmt: skip

    def test_positive(self) -> None:
        assert judge({"positive": 0.7, "neutral": 0.3}, 0.5)["label"] == "positive"

    @pytest.mark.parametrize("level", ["light", "medium", "severe"])
    def test_a_sure_level_is_that_level(self, level: str) -> None:
        verdict = judge({level: 1.0}, 0.5)
        assert (verdict["label"], verdict["level"]) == ("negative", level)

    def test_levels_that_only_together_are_likely_count_together(self) -> None:
        shares = {"light": 0.2, "medium": 0.2, "severe": 0.2, "neutral": 0.4}
        assert judge(shares, 0.5)["label"] == "negative"

    def test_an_unsure_negative_is_not_severe(self) -> None:
        shares = {"severe": 0.45, "neutral": 0.55}
        assert judge(shares, 0.4, sure_from=0.65)["level"] == "medium"
        assert judge({"severe": 0.7, "neutral": 0.3}, 0.4, sure_from=0.65)["level"] == "severe"

    def test_severity_grows_with_the_score(self) -> None:
        mild = judge({"light": 0.9, "medium": 0.1}, 0.5)["score"]
        strong = judge({"medium": 0.4, "severe": 0.6}, 0.5)["score"]
        assert 0 < mild < strong <= 1


class TestSentences:
    def test_the_projects_own_are_well_formed_and_many(self) -> None:
        texts, classes = read_sentences(ROOT / "data" / "emotion")
        assert len(texts) >= 500
        assert set(classes) == {"positive", "neutral", "light", "medium", "severe"}

    def test_a_wrong_row_is_named(self, tmp_path: Path) -> None:
        (tmp_path / "x.tsv").write_text(
            "text\tlabel\tlevel\n好\tnegative\tnone\n", encoding="utf-8"
        )
        with pytest.raises(RasaException, match=r"x\.tsv, line 2"):
            read_sentences(tmp_path)
