"""Lexicon, judgement and training sentences; the classifier itself is measured, not unit-tested."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.exceptions import RasaException

from engine.nlu.emotion import Lexicon, judge, read_sentences

ROOT = Path(__file__).resolve().parents[3]
LEXICON = Lexicon.parse(
    {"severe": ["骗子"], "medium": ["投诉"], "calm": ["骗子短信"], "not": ["不是", "没"]}
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
