"""How well the trained model reads feelings in text that nobody trained on.

The bounds lie a little below what was measured: they catch a change that makes it worse.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from engine.evaluate_emotion import Feeling, read_feelings, score
from tests.quality.sets import Understand

FOLDER = Path(__file__).parent
HELD_OUT = FOLDER / "held_out.tsv"
LATER = FOLDER / "later.tsv"
BLIND = FOLDER / "blind.tsv"
TRAINING = Path(__file__).parents[2] / "data" / "emotion"


def measured(understand: Understand, path: Path) -> dict[str, Any]:
    """Let the engine read a judging set."""
    rows = read_feelings(path)
    answers = understand([row.text for row in rows])
    got = [
        Feeling(row.text, answer["emotion"]["label"], answer["emotion"]["level"])
        for row, answer in zip(rows, answers, strict=True)
    ]
    return score(rows, got)


@dataclass(frozen=True)
class Bounds:
    """What a judging set must reach at least; ``false_severe`` at most."""

    negative_or_not: float
    severe_recall: float
    false_severe: float
    macro_f1_levels: float


BOUNDS = {
    HELD_OUT: Bounds(0.945, 0.975, 0.015, 0.895),
    LATER: Bounds(0.86, 0.92, 0.05, 0.77),
    BLIND: Bounds(0.92, 0.95, 0.02, 0.86),
}


@pytest.mark.parametrize(("path", "bounds"), BOUNDS.items(), ids=["held_out", "later", "blind"])
def test_feelings_are_read_as_well_as_measured(
    understand: Understand, path: Path, bounds: Bounds
) -> None:
    figures = measured(understand, path)
    assert figures["negative_or_not"] >= bounds.negative_or_not
    assert figures["levels"]["severe"]["recall"] >= bounds.severe_recall
    assert figures["neutral_read_as_severe"] <= bounds.false_severe
    assert figures["macro_f1_levels"] >= bounds.macro_f1_levels


class TestPlainCases:
    @pytest.mark.parametrize(
        "text", ["公司", "5678", "91330106MA2CF7XX3K", "叽里呱啦哒哒", "吹风机", "🥲🥲", "ABC"]
    )
    def test_what_says_nothing_is_calm(self, understand: Understand, text: str) -> None:
        assert understand([text])[0]["emotion"]["label"] == "neutral"

    @pytest.mark.parametrize("text", ["什么垃圾物流，气死我了！", "🤬", "骗子，退钱！！！！"])
    def test_rage_is_severe(self, understand: Understand, text: str) -> None:
        assert understand([text])[0]["emotion"]["level"] == "severe"


def _pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


class TestJudgingData:
    def test_there_is_enough_of_every_level(self) -> None:
        rows = read_feelings(HELD_OUT)
        assert len(rows) >= 500
        levels = [row.level for row in rows if row.label == "negative"]
        assert min(levels.count(level) for level in ("light", "medium", "severe")) >= 50

    @pytest.mark.parametrize("path", [HELD_OUT, LATER, BLIND], ids=lambda path: path.stem)
    def test_nothing_of_it_is_in_training(self, path: Path) -> None:
        """Bare words (好, 骗子) are the same wherever people talk."""
        trained = [
            _pairs(row.text)
            for table in sorted(TRAINING.glob("*.tsv"))
            for row in read_feelings(table)
        ]
        for text in (row.text for row in read_feelings(path) if len(row.text) > 4):
            own = _pairs(text)
            assert not any(len(own & other) > 0.6 * len(own | other) for other in trained), text
