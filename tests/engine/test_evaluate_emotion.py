"""The figures of ``yingda evaluate emotion``, and the tables it refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.evaluate_emotion import Feeling, main, read_feelings, score

CALM = Feeling("好", "neutral", "none")
RAGE = Feeling("骗子", "negative", "severe")


def table(folder: Path, text: str) -> Path:
    path = folder / "x.tsv"
    path.write_text(text, encoding="utf-8")
    return path


class TestTable:
    def test_columns_are_found_by_name(self, tmp_path: Path) -> None:
        path = table(tmp_path, "level\ttext\tkind\tlabel\n# a comment\n\t好\tx\tneutral\n")
        assert read_feelings(path) == [CALM]

    @pytest.mark.parametrize(
        "row",
        ["好\tneutral\tlight", "坏\tnegative\tnone", "好\tglad\tnone", "\tneutral\tnone", "好"],
    )
    def test_a_wrong_row_is_named(self, tmp_path: Path, row: str) -> None:
        with pytest.raises(ValueError, match="line 2"):
            read_feelings(table(tmp_path, f"text\tlabel\tlevel\n{row}\n"))

    def test_a_table_without_header_is_refused(self, tmp_path: Path) -> None:
        path = table(tmp_path, "好\tneutral\tnone\n")
        assert main([str(path), "--model", "nowhere"]) == 2


class TestScore:
    def test_all_right(self) -> None:
        figures = score([CALM, RAGE], [CALM, RAGE])
        assert figures["negative_or_not"] == figures["macro_f1_levels"] == 1.0
        assert figures["wrong"] == []

    def test_a_false_severe_is_counted(self) -> None:
        figures = score([CALM, CALM, RAGE], [CALM, RAGE, RAGE])
        assert figures["neutral_read_as_severe"] == 0.5
        assert figures["levels"]["severe"] == {
            "n": 1, "precision": 0.5, "recall": 1.0, "f1": 0.6667,
        }  # fmt: skip
        assert figures["wrong"] == [{"text": "好", "wanted": "neutral", "got": "severe"}]

    def test_an_empty_table_has_no_figures(self) -> None:
        assert score([], [])["negative_or_not"] == 0.0
