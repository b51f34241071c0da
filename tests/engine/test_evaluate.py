"""Figures from guesses, without a model."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluate import FALLBACK, Guess, is_right, main, read_rows, score


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "set.tsv"
    path.write_text(text, encoding="utf-8")
    return path


class TestReading:
    def test_a_header_names_the_columns(self, tmp_path: Path) -> None:
        (row,) = read_rows(write(tmp_path, "intent\ttext\tmore\ngreet\t你好\tx\n"))
        assert (row.text, row.label) == ("你好", "greet")

    def test_without_a_header_text_comes_first(self, tmp_path: Path) -> None:
        rows = read_rows(write(tmp_path, "你好\tgreet|thanks\n# note\n\n好\taffirm\n"))
        assert [row.right for row in rows] == [{"greet", "thanks"}, {"affirm"}]

    def test_notes_may_stand_above_the_header(self, tmp_path: Path) -> None:
        (row,) = read_rows(write(tmp_path, "# a note\n\ntext\tintent\n你好\tgreet\n"))
        assert (row.text, row.label) == ("你好", "greet")

    def test_quotes_are_ordinary_characters(self, tmp_path: Path) -> None:
        assert read_rows(write(tmp_path, '"好\tgreet\n'))[0].text == '"好'

    def test_a_line_without_an_intent_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="line 2"):
            read_rows(write(tmp_path, "好\tgreet\n你好\n"))

    def test_a_missing_file_or_model_is_one_sentence(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert main([str(tmp_path / "none.tsv"), "--model", "none"]) == 2
        assert main([str(write(tmp_path, "好\tgreet\n")), "--model", "none.tar.gz"]) == 2
        assert "there is no model" in capsys.readouterr().err


class TestScore:
    def test_all_figures(self, tmp_path: Path) -> None:
        rows = read_rows(write(tmp_path, "a\tgreet\nb\tgreet|thanks\nc\tfaq\nd\tdeny\ne\tdeny\n"))
        guesses = [
            Guess("greet", "greet", 0.9, 1),
            Guess("thanks", "thanks", 0.8, 2),
            Guess("faq/fee", "faq", 0.7, 3),
            Guess(FALLBACK, "deny", 0.3, 4),
            Guess("affirm", "affirm", 0.6, 5),
        ]
        figures = score(rows, guesses)
        assert figures["top1"] == 0.8
        assert figures["as_configured"]["answered"] == 0.8
        assert figures["as_configured"]["precision"] == 0.75
        assert figures["curve"][4] == {"threshold": 0.6, "answered": 0.8, "precision": 0.75}
        assert figures["intents"]["deny"]["recall"] == 0.5
        assert figures["confusions"] == [{"wanted": "deny", "got": "affirm", "n": 1}]
        assert figures["latency_ms"]["p50"] == 3

    def test_other_shop_topics_may_be_kept_back(self, tmp_path: Path) -> None:
        (row,) = read_rows(write(tmp_path, "a\tout_of_scope_domain\n"))
        assert is_right(FALLBACK, row)
        assert is_right("faq/fee", row)
        assert not is_right("query_order", row)

    def test_an_empty_file_gives_zeros(self) -> None:
        assert score([], [])["top1"] == 0.0
