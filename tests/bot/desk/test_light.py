"""The light beside a sentence and a conversation, as a table."""

from __future__ import annotations

import pytest

from bot.desk.views.light import light_of, lights, negative_in_a_row
from tests.bot.desk.bench import CALM, CROSS, FURIOUS

GLAD = {"label": "positive", "level": "none", "score": 0.8}
MEDIUM = {"label": "negative", "level": "medium", "score": 0.7}


@pytest.mark.parametrize(
    ("said", "shown", "now"),
    [
        ([], [], "green"),
        ([CALM], ["green"], "green"),
        ([GLAD, None], ["green", None], "green"),
        ([CROSS], ["yellow"], "yellow"),
        ([MEDIUM], ["yellow"], "yellow"),
        ([FURIOUS], ["red"], "red"),
        ([CROSS, MEDIUM], ["yellow", "yellow"], "yellow"),
        ([CROSS, CROSS, CROSS], ["yellow", "yellow", "red"], "red"),
        ([CROSS, None, CROSS, CROSS], ["yellow", None, "yellow", "red"], "red"),
        ([CROSS, CROSS, CALM, CROSS], ["yellow", "yellow", "green", "yellow"], "yellow"),
        ([FURIOUS, CALM, CALM], ["red", "green", "green"], "red"),
        ([FURIOUS, CALM, CALM, GLAD], ["red", "green", "green", "green"], "green"),
    ],
)
def test_lights(said: list[dict[str, object] | None], shown: list[str], now: str) -> None:
    assert lights(said) == shown
    assert light_of(said)["light"] == now


def test_the_score_is_the_worst_of_the_last_sentences() -> None:
    assert light_of([FURIOUS, CALM, CALM, CALM])["score"] == 0.0
    assert light_of([CROSS, MEDIUM, CALM])["score"] == 0.7
    assert light_of([GLAD])["score"] == 0.0


def test_a_row_of_negative_sentences_ends_with_a_calm_one() -> None:
    assert negative_in_a_row([CROSS, CROSS, FURIOUS, None, MEDIUM]) == 4
    assert negative_in_a_row([CROSS, CALM]) == 0
