"""The judging sets, and what counts as understood in them."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.evaluate import FALLBACK, NOT_AUTOMATED, Row, is_right, read_rows

FOLDER = Path(__file__).parents[1] / "nlu"
HELD_OUT = FOLDER / "held_out.tsv"
DEV_LABELS = FOLDER / "dev_labels.tsv"
DEVELOPMENT = Path(__file__).parents[3] / "shared" / "nlu_dev" / "shop_questions.tsv"
"""Not part of the project: present on the builders' machines only."""

OTHER_SHOP = frozenset({"product_question", "promotion", "change_order"})
CHAT = "out_of_scope"
SHORT = ("affirm", "deny", "greet", "goodbye", "thanks")

Understand = Callable[[Sequence[str]], list[dict[str, Any]]]
"""Parses texts; one answer of the engine's door for each."""


def development_rows() -> list[Row]:
    """The rows of the development set that we have labelled by our own guide."""
    with DEVELOPMENT.open(encoding="utf-8", newline="") as file:
        texts = [
            row["text"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    rows = []
    for line in DEV_LABELS.read_text("utf-8").splitlines():
        number, _, label = line.partition("\t")
        if number.isdigit() and label != "skip":
            labels = label.split("|")
            rows.append(Row(texts[int(number) - 1], frozenset(labels), labels[0]))
    return rows


def is_in_scope(row: Row) -> bool:
    """Whether one of the intents that we act on, or an FAQ, is the right answer."""
    return CHAT not in row.right and not row.right & OTHER_SHOP


def is_core(row: Row) -> bool:
    """Whether only an intent that we act on is right: no FAQ, nothing for a person."""
    return not row.right <= {*OTHER_SHOP, CHAT, "faq"}


def is_matter(row: Row) -> bool:
    """Whether something is asked or wanted: no short move, no mere feeling. Only such a text has asides around it."""
    return is_in_scope(row) and not row.right & {*SHORT, "abuse", "complaint"}


def spoil(rows: Sequence[Row], how: Callable[[str, int], str], draws: int = 5) -> list[Row]:
    """The same rows so many times over, their texts each time with another slip."""
    return [replace(row, text=how(row.text, draw)) for draw in range(draws) for row in rows]


@dataclass(frozen=True)
class Outcome:
    """How a set was understood; shares from 0 to 1."""

    top1: float
    """Of the likeliest intents, the fallback left out, how many are right."""
    answered: float
    precision: float
    """Of the answered ones."""
    not_misled: float
    """Not answered as something else: rightly answered, or kept back by the fallback."""


def outcome(understand: Understand, rows: Sequence[Row], harmless: bool = False) -> Outcome:
    """Let the engine understand rows.

    Args:
        understand: the engine.
        rows: what to understand, at least one.
        harmless: an answer of any kind that uses no data (``NOT_AUTOMATED``) misleads nobody.
    """
    assert rows
    likeliest = answered = right = misled = 0
    for row, answer in zip(rows, understand([row.text for row in rows]), strict=True):
        names = [item["name"] for item in answer["intent_ranking"] if item["name"] != FALLBACK]
        likeliest += bool(names) and is_right(names[0], row)
        if answer["intent"] == FALLBACK:
            continue
        answered += 1
        good = is_right(answer["intent"], row)
        right += good
        misled += not good and not (harmless and answer["intent"].split("/")[0] in NOT_AUTOMATED)
    return Outcome(
        top1=likeliest / len(rows),
        answered=answered / len(rows),
        precision=right / max(answered, 1),
        not_misled=1 - misled / len(rows),
    )


def held_out() -> list[Row]:
    """The project's own judging set."""
    return read_rows(HELD_OUT)


def held_out_chat() -> list[Row]:
    """Chat and needs of other trades, written later and without a model's help."""
    return read_rows(FOLDER / "held_out_chat.tsv")


def held_out_second() -> list[Row]:
    """A second set of the shop's questions: what a stricter rejection may cost."""
    return read_rows(FOLDER / "held_out_second.tsv")


def held_out_third() -> list[Row]:
    """Lines of a hand that saw nothing but the labelling guide."""
    return read_rows(FOLDER / "held_out_third.tsv")
