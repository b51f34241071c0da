"""Measure a trained model against labelled text: ``python -m engine.evaluate FILE --model M``.

The file is a table (TSV) of text and intent; a header may name the columns in any order, further
columns are ignored. Several right answers are separated by ``|``; ``faq`` accepts every
``faq/<id>``; ``out_of_scope_domain`` accepts every way of not answering a shop question that is
not automated (``NOT_AUTOMATED``). Two things are measured:

* *top-1*: the likeliest intent whatever its confidence, the fallback left out;
* *answered / precision*: at each threshold, how many texts are answered and how many of those
  rightly. The model's own fallback is the line "as configured".
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import logging
import os
import resource
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, FrozenSet, List, Optional, Sequence, Tuple

FALLBACK = "nlu_fallback"
_ANSWERED_WITHOUT_DATA = (
    "out_of_scope product_question promotion change_order store_info faq ask_human complaint"
)
NOT_AUTOMATED = frozenset([*_ANSWERED_WITHOUT_DATA.split(), FALLBACK])
_THRESHOLDS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)


@dataclass(frozen=True)
class Row:
    """One labelled text."""

    text: str
    right: FrozenSet[str]
    """Every intent that counts as right."""
    label: str
    """The first of them, which stands for the row in per-intent figures."""


@dataclass(frozen=True)
class Guess:
    """What the model made of a row."""

    answered: str
    """The intent after the fallback decision."""
    best: str
    """The likeliest real intent."""
    confidence: float
    """Of ``best``."""
    milliseconds: float


def read_rows(path: Path) -> List[Row]:
    """Read the table.

    Raises:
        ValueError: a line has no text or no intent; the message gives its number.
    """
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    text_at, intent_at = 0, 1
    first = next((at for at, line in enumerate(lines) if line and line[0][:1] != "#"), 0)
    if lines and {"text", "intent"} <= set(lines[first]):
        text_at, intent_at = lines[first].index("text"), lines[first].index("intent")
        first += 1
    rows = []
    for number, line in enumerate(lines[first:], start=first + 1):
        if not line or line[0].startswith("#"):
            continue
        if len(line) <= max(text_at, intent_at) or not line[intent_at].strip():
            raise ValueError(f"{path.name}, line {number}: needs a text and an intent")
        labels = [label.strip() for label in line[intent_at].split("|") if label.strip()]
        right = set(labels)
        if "out_of_scope_domain" in right:
            right |= NOT_AUTOMATED
        rows.append(Row(line[text_at], frozenset(right), labels[0]))
    return rows


def is_right(intent: str, row: Row) -> bool:
    """Whether an intent is among a row's right ones; ``faq/<id>`` also counts as ``faq``."""
    return intent in row.right or intent.split("/")[0] in row.right


def score(rows: Sequence[Row], guesses: Sequence[Guess]) -> Dict[str, Any]:
    """Compute all figures; shares are 0 to 1, times in milliseconds."""
    right = [is_right(guess.best, row) for row, guess in zip(rows, guesses, strict=True)]
    times = sorted(guess.milliseconds for guess in guesses)
    return {
        "rows": len(rows),
        "top1": _share(right),
        "as_configured": _as_configured(rows, guesses),
        "curve": [_at(threshold, guesses, right) for threshold in _THRESHOLDS],
        "calibration": _calibration(guesses, right),
        "intents": _per_intent(rows, guesses, right),
        "confusions": _confusions(rows, guesses, right),
        "latency_ms": {
            name: round(times[min(len(times) - 1, int(share * len(times)))], 2)
            for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        }
        if times
        else {},
    }


def _share(flags: Sequence[bool]) -> float:
    return round(sum(flags) / len(flags), 4) if flags else 0.0


def _as_configured(rows: Sequence[Row], guesses: Sequence[Guess]) -> Dict[str, float]:
    """The model's own decisions; what the fallback keeps back counts as not answered."""
    taken = [
        is_right(guess.answered, row)
        for row, guess in zip(rows, guesses, strict=True)
        if guess.answered != FALLBACK
    ]
    accepted = [is_right(guess.answered, row) for row, guess in zip(rows, guesses, strict=True)]
    return {
        "answered": round(len(taken) / len(rows), 4) if rows else 0.0,
        "precision": _share(taken),
        "right_or_rightly_kept_back": _share(accepted),
    }


def _at(threshold: float, guesses: Sequence[Guess], right: Sequence[bool]) -> Dict[str, float]:
    taken = [ok for guess, ok in zip(guesses, right, strict=True) if guess.confidence >= threshold]
    answered = round(len(taken) / len(guesses), 4) if guesses else 0.0
    return {"threshold": threshold, "answered": answered, "precision": _share(taken)}


def _calibration(guesses: Sequence[Guess], right: Sequence[bool]) -> Dict[str, Any]:
    """Ten bins of confidence, and the expected calibration error over them."""
    bins: List[List[Tuple[float, bool]]] = [[] for _ in range(10)]
    for guess, ok in zip(guesses, right, strict=True):
        bins[min(9, int(guess.confidence * 10))].append((guess.confidence, ok))
    table, error = [], 0.0
    for members in bins:
        if members:
            said = sum(confidence for confidence, _ in members) / len(members)
            true = sum(ok for _, ok in members) / len(members)
            error += abs(said - true) * len(members) / len(guesses)
            table.append({"n": len(members), "said": round(said, 3), "true": round(true, 3)})
    return {"expected_error": round(error, 4), "bins": table}


def _per_intent(
    rows: Sequence[Row], guesses: Sequence[Guess], right: Sequence[bool]
) -> Dict[str, Dict[str, float]]:
    labelled: Counter[str] = Counter()
    found: Counter[str] = Counter()
    said: Counter[str] = Counter()
    said_right: Counter[str] = Counter()
    for row, guess, ok in zip(rows, guesses, right, strict=True):
        name = guess.best.split("/")[0]
        labelled[row.label] += 1
        said[name] += 1
        if ok:
            found[row.label] += 1
            said_right[name] += 1
    table = {}
    for name in sorted(labelled):
        recall = found[name] / labelled[name]
        precision = said_right[name] / said[name] if said[name] else 0.0
        both = precision + recall
        table[name] = {
            "n": labelled[name],
            "precision": round(precision, 4),
            "recall": round(recall, 4),
            "f1": round(2 * precision * recall / both, 4) if both else 0.0,
        }
    return table


def _confusions(
    rows: Sequence[Row], guesses: Sequence[Guess], right: Sequence[bool]
) -> List[Dict[str, Any]]:
    wrong = Counter(
        (row.label, guess.best.split("/")[0])
        for row, guess, ok in zip(rows, guesses, right, strict=True)
        if not ok
    )
    return [
        {"wanted": wanted, "got": got, "n": count} for (wanted, got), count in wrong.most_common(20)
    ]


async def guess_all(model: Path, rows: Sequence[Row]) -> List[Guess]:
    """Run the model on every row, one at a time as in service."""
    from rasa.core.agent import Agent
    from rasa.core.channels.channel import UserMessage
    from rasa.utils.log_utils import configure_structlog

    from engine import fastpaths
    from engine.turn import clean_text, nlu_answer

    configure_structlog(logging.WARNING)
    fastpaths.install()
    agent = Agent.load(model)
    await agent.processor.parse_message(UserMessage("你好"))
    guesses = []
    for row in rows:
        began = time.perf_counter()
        parse_data = await agent.processor.parse_message(UserMessage(clean_text(row.text)))
        took = (time.perf_counter() - began) * 1000
        answer = nlu_answer(parse_data)
        real = [item for item in answer["intent_ranking"] if item["name"] != FALLBACK]
        best = real[0] if real else {"name": FALLBACK, "confidence": 0.0}
        guesses.append(Guess(answer["intent"], best["name"], best["confidence"], took))
    return guesses


def _print(figures: Dict[str, Any]) -> None:
    configured = figures["as_configured"]
    print(f"{figures['rows']} texts, top-1 {figures['top1']:.3f}")
    print(
        f"as configured: answered {configured['answered']:.3f}, "
        f"precision {configured['precision']:.3f}, "
        f"right or rightly kept back {configured['right_or_rightly_kept_back']:.3f}"
    )
    print("\nthreshold  answered  precision")
    for line in figures["curve"]:
        print(f"{line['threshold']:9.2f}  {line['answered']:8.3f}  {line['precision']:9.3f}")
    print("\nintent                    n  precision  recall     f1")
    for name, line in figures["intents"].items():
        print(
            f"{name:22} {line['n']:4d}  {line['precision']:9.3f}  {line['recall']:6.3f}  "
            f"{line['f1']:5.3f}"
        )
    print("\nmost confused (wanted → got)")
    for line in figures["confusions"][:12]:
        print(f"{line['n']:4d}  {line['wanted']} → {line['got']}")
    print(f"\ncalibration error {figures['calibration']['expected_error']:.3f}")
    print(f"latency ms {figures['latency_ms']}, peak memory {figures['memory_mb']} MB")


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """Run from the command line; 2 for a file that cannot be read."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    given = parser.parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    try:
        rows = read_rows(given.file)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if not given.model.is_file():
        print(f"there is no model at {given.model}", file=sys.stderr)
        return 2
    figures = score(rows, asyncio.run(guess_all(given.model, rows)))
    figures["model"] = given.model.name
    figures["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if given.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        _print(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
