"""Prints the tables of docs/quality.md about understanding: ``.venv/bin/python -m tests.quality``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

from engine.evaluate import FALLBACK
from tests.quality.around import begun, ended
from tests.quality.misspelling import homophones, one_lost, said_digits, some_lost
from tests.quality.sets import (
    CHAT,
    DEVELOPMENT,
    OTHER_SHOP,
    SHORT,
    Understand,
    development_rows,
    held_out,
    held_out_chat,
    held_out_second,
    held_out_third,
    is_core,
    is_in_scope,
    is_matter,
    outcome,
    spoil,
)
from tests.quality.test_recognised import is_near, longer, read, syllables
from tools.recognise_speech import bare
from yingda.launcher.home import ROOT

THRESHOLDS = (0.50, 0.55, 0.58, 0.60, 0.62, 0.63, 0.65, 0.70)
CURVE = ("held-out, in scope", "development, core", "held-out, chat", "second set, chat")


def understand(texts: Sequence[str]) -> list[dict[str, Any]]:
    """What the trained model makes of texts, by ``yingda parse``."""
    command = [str(ROOT / ".venv/bin/yingda"), "parse", "--json", "-"]
    done = subprocess.run(
        command, input="\n".join(texts) + "\n", text=True, stdout=subprocess.PIPE, check=True
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def main() -> None:
    """Print it."""
    sets: dict[str, tuple[list[Any], bool]] = {}
    ours = held_out()
    scope = [row for row in ours if is_in_scope(row)]
    sets["held-out, in scope"] = (scope, False)
    sets["the same, homophones"] = (spoil(scope, homophones), False)
    sets["the same, one character in twenty lost"] = (spoil(scope, some_lost), False)
    sets["the same, one character lost"] = (spoil(scope, one_lost), False)
    sets["the same, figures said"] = (spoil(scope, said_digits, draws=1), False)
    matters = [row for row in scope if is_matter(row)]
    sets["held-out, matters"] = (matters, False)
    sets["matters, something said before"] = (spoil(matters, begun), False)
    sets["matters, something said behind"] = (spoil(matters, ended), False)
    for name in SHORT:
        sets[f"held-out, {name}"] = ([row for row in ours if row.right == {name}], False)
    sets["second set, in scope"] = ([row for row in held_out_second() if is_in_scope(row)], False)
    third = [row for row in held_out_third() if is_in_scope(row)]
    sets["third set, in scope"] = (third, False)
    sets["third set, one character in twenty lost"] = (spoil(third, some_lost), False)
    sets["third set, one character lost"] = (spoil(third, one_lost), False)
    sets["second set, chat"] = (held_out_chat(), False)
    sets["held-out, chat"] = ([row for row in ours if CHAT in row.right], False)
    others = [row for row in ours if row.right & OTHER_SHOP and CHAT not in row.right]
    sets["held-out, other topics of the shop"] = (others, True)
    if DEVELOPMENT.exists():
        real = development_rows()
        core = [row for row in real if is_core(row)]
        sets["development, core"] = (core, False)
        sets["core, homophones"] = (spoil(core, homophones), False)
        sets["core, one character in twenty lost"] = (spoil(core, some_lost), False)
        sets["core, one character lost"] = (spoil(core, one_lost), False)
        sets["development, the rest"] = ([row for row in real if not is_core(row)], True)
    heard = {"words and sentences": longer(), "single syllables": syllables()}
    texts = dict.fromkeys(row.text for rows, _ in sets.values() for row in rows)
    texts |= dict.fromkeys(text for rows in heard.values() for row in rows for text in row)
    known = dict(zip(texts, understand(list(texts)), strict=True))

    def recall(asked: Sequence[str]) -> list[dict[str, Any]]:
        return [known[text] for text in asked]

    _print_sets(sets, recall)
    _print_curve({title: sets[title] for title in CURVE if title in sets}, recall)
    _print_heard(heard, recall)


def _print_sets(sets: Mapping[str, tuple[list[Any], bool]], recall: Understand) -> None:
    print("| set | rows | top-1 | answered | precision | not misled |\n|---|---|---|---|---|---|")
    short = []
    for title, (rows, harmless) in sets.items():
        seen = outcome(recall, rows, harmless)
        figures = (seen.top1, seen.answered, seen.precision, seen.not_misled)
        print(f"| {title} | {len(rows)} |", " | ".join(f"{figure:.3f}" for figure in figures), "|")
        if title.removeprefix("held-out, ") in SHORT:
            short.append(seen.top1)
    print(f"\nShort answers, mean of five: {sum(short) / len(short):.3f}\n")


def _print_curve(sets: Mapping[str, tuple[list[Any], bool]], recall: Understand) -> None:
    """Answered / precision / not misled, as if the threshold were another."""
    print("| threshold |", " | ".join(sets), "|\n|---|" + "---|" * len(sets))
    for threshold in THRESHOLDS:

        def at(asked: Sequence[str], threshold: float = threshold) -> list[dict[str, Any]]:
            return [_at(threshold, answer) for answer in recall(asked)]

        seen = [outcome(at, rows, harmless) for rows, harmless in sets.values()]
        cells = [f"{one.answered:.3f} / {one.precision:.3f} / {one.not_misled:.3f}" for one in seen]
        print(f"| {threshold:.2f} |", " | ".join(cells), "|")


def _at(threshold: float, answer: dict[str, Any]) -> dict[str, Any]:
    best = next((one for one in answer["intent_ranking"] if one["name"] != FALLBACK), None)
    sure = best is not None and best["confidence"] >= threshold
    return answer | {"intent": best["name"] if best is not None and sure else FALLBACK}


def _print_heard(heard: Mapping[str, list[tuple[str, str]]], recall: Understand) -> None:
    print("\n| recordings | | heard exactly | kept | left alone |\n|---|---|---|---|---|")
    for title, rows in heard.items():
        near = [row for row in rows if is_near(row)]
        far = [row for row in rows if not is_near(row)]
        parts = {title: rows, "… character error below 0.2": near, "… 0.2 and above": far}
        for name, some in parts.items():
            readings = read(recall, some)
            exact = sum(bare(one.said) == bare(one.heard) for one in readings)
            ours = [one.kept for one in readings if one.is_business]
            others = [not one.misleads for one in readings if not one.is_business]
            shares = f"{sum(ours)} of {len(ours)} | {sum(others)} of {len(others)}"
            print(f"| {name} | {len(some)} | {exact} | {shares} |")


if __name__ == "__main__":
    main()
