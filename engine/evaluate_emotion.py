"""Measure how a trained model reads emotion: ``python -m engine.evaluate_emotion FILE --model M``.

The file is a table (TSV) with a header that names at least ``text``, ``label`` and ``level``
(data/emotion/README.md says what they mean); lines that begin with ``#`` are ignored.

Figures, shares from 0 to 1: precision, recall and F1 of each label and of each of the four levels
(none, light, medium, severe), macro-F1 over both, *negative or not* as accuracy, and which share
of the neutral texts is wrongly read as severe, or as medium or severe: these cost an agent's time.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple

LABELS = ("positive", "neutral", "negative")
LEVELS = ("none", "light", "medium", "severe")
_NEGATIVE = "negative"


@dataclass(frozen=True)
class Feeling:
    """A text's label and level, as labelled or as read."""

    text: str
    label: str
    level: str


def read_feelings(path: Path) -> List[Feeling]:
    """Read the table.

    Raises:
        ValueError: a column is missing, or a line has an unknown label or level or a level that
            does not go with its label; the message gives its number.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = [
            (number, line)
            for number, line in enumerate(
                csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE), start=1
            )
            if line and not line[0].startswith("#")
        ]
    head = lines[0][1] if lines else []
    missing = {"text", "label", "level"} - set(head)
    if missing:
        raise ValueError(f"{path.name}: the header names no {', '.join(sorted(missing))}")
    rows = []
    for number, line in lines[1:]:
        cells = dict(zip(head, line))  # noqa: B905 (a short line is told below)
        label, level = cells.get("label", "").strip(), cells.get("level", "").strip() or "none"
        fits = (label == _NEGATIVE) != (level == "none")
        if not cells.get("text") or label not in LABELS or level not in LEVELS or not fits:
            raise ValueError(f"{path.name}, line {number}: needs a text and a fitting label, level")
        rows.append(Feeling(cells["text"], label, level))
    return rows


def score(wanted: Sequence[Feeling], got: Sequence[Feeling]) -> Dict[str, Any]:
    """Compare the readings with the labels, in the same order."""
    pairs = list(zip(wanted, got, strict=True))
    labels = _table([(want.label, have.label) for want, have in pairs], LABELS)
    levels = _table([(want.level, have.level) for want, have in pairs], LEVELS)
    neutral = [have.level for want, have in pairs if want.label == "neutral"]
    confusion = Counter((_name(want), _name(have)) for want, have in pairs)
    same = [(want.label == _NEGATIVE) == (have.label == _NEGATIVE) for want, have in pairs]
    return {
        "rows": len(pairs),
        "negative_or_not": _share(sum(same), len(pairs)),
        "macro_f1_labels": _macro(labels),
        "macro_f1_levels": _macro(levels),
        "neutral_read_as_severe": _share(neutral.count("severe"), len(neutral)),
        "neutral_read_as_medium_or_severe": _share(
            neutral.count("severe") + neutral.count("medium"), len(neutral)
        ),
        "labels": labels,
        "levels": levels,
        "confusion": [
            {"wanted": want, "got": have, "n": count}
            for (want, have), count in sorted(confusion.items())
        ],
        "wrong": [
            {"text": want.text, "wanted": _name(want), "got": _name(have)}
            for want, have in pairs
            if _name(want) != _name(have)
        ],
    }


def _name(feeling: Feeling) -> str:
    return feeling.level if feeling.label == _NEGATIVE else feeling.label


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0


def _table(pairs: Sequence[Tuple[str, str]], names: Sequence[str]) -> Dict[str, Dict[str, float]]:
    """Precision, recall and F1 of every name that is wanted at all."""
    table = {}
    for name in names:
        wanted = sum(want == name for want, _ in pairs)
        if not wanted:
            continue
        both = sum(want == have == name for want, have in pairs)
        found = sum(have == name for _, have in pairs)
        table[name] = {
            "n": wanted,
            "precision": _share(both, found),
            "recall": _share(both, wanted),
            "f1": _share(2 * both, found + wanted),
        }
    return table


def _macro(table: Dict[str, Dict[str, float]]) -> float:
    return round(sum(line["f1"] for line in table.values()) / len(table), 4) if table else 0.0


async def read_all(model: Path, rows: Sequence[Feeling]) -> Tuple[List[Feeling], float]:
    """Run the model on every text as in service; also return the mean milliseconds a text."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.utils.log_utils import configure_structlog

    from engine import fastpaths
    from engine.turn import clean_text, nlu_answer

    configure_structlog(logging.WARNING)
    fastpaths.install()
    agent = Agent.load(model)
    await agent.processor.parse_message(UserMessage("你好"))
    began = time.perf_counter()
    got = []
    for row in rows:
        parsed = await agent.processor.parse_message(UserMessage(clean_text(row.text)))
        emotion = nlu_answer(parsed)["emotion"]
        got.append(Feeling(row.text, emotion["label"], emotion["level"]))
    return got, (time.perf_counter() - began) * 1000 / max(len(rows), 1)


def _print(figures: Dict[str, Any]) -> None:
    print(
        f"{figures['rows']} texts, negative or not {figures['negative_or_not']:.3f}, "
        f"macro-F1 of labels {figures['macro_f1_labels']:.3f}, "
        f"of levels {figures['macro_f1_levels']:.3f}"
    )
    print(
        f"neutral read as severe {figures['neutral_read_as_severe']:.3f}, "
        f"as medium or severe {figures['neutral_read_as_medium_or_severe']:.3f}"
    )
    print("\n              n  precision  recall     f1")
    for name, line in [*figures["labels"].items(), *figures["levels"].items()]:
        print(
            f"{name:10} {line['n']:4d}  {line['precision']:9.3f}  {line['recall']:6.3f}  "
            f"{line['f1']:5.3f}"
        )
    names = ("positive", "neutral", *LEVELS[1:])
    counts = {(line["wanted"], line["got"]): line["n"] for line in figures["confusion"]}
    print("\nwanted \\ got " + "".join(f"{name:>10}" for name in names))
    for want in names:
        print(f"{want:12} " + "".join(f"{counts.get((want, have), 0):10d}" for have in names))
    print("\nwrong (wanted → got)")
    for line in figures["wrong"]:
        print(f"{line['wanted']:>8} → {line['got']:8}  {line['text']}")
    print(f"\n{figures['ms_per_text']} ms a text, the whole understanding")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run from the command line; 2 for a file that cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    given = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        rows = read_feelings(given.file)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if not given.model.is_file():
        print(f"there is no model at {given.model}", file=sys.stderr)
        return 2
    got, milliseconds = asyncio.run(read_all(given.model, rows))
    figures = {**score(rows, got), "model": given.model.name, "ms_per_text": round(milliseconds, 2)}
    if given.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _print(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
