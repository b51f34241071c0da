"""Prints the first table of docs/quality.md: ``.venv/bin/python -m tests.quality``."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from typing import Any

from tests.quality.misspelling import homophones, one_lost, said_digits
from tests.quality.sets import (
    CHAT,
    DEVELOPMENT,
    OTHER_SHOP,
    SHORT,
    development_rows,
    held_out,
    held_out_chat,
    held_out_second,
    is_core,
    is_in_scope,
    outcome,
    spoil,
)
from yingda.launcher.home import ROOT


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
    sets["the same, one character lost"] = (spoil(scope, one_lost), False)
    sets["the same, figures said"] = (spoil(scope, said_digits), False)
    for name in SHORT:
        sets[f"held-out, {name}"] = ([row for row in ours if row.right == {name}], False)
    sets["second set, in scope"] = ([row for row in held_out_second() if is_in_scope(row)], False)
    sets["second set, chat"] = (held_out_chat(), False)
    sets["held-out, chat"] = ([row for row in ours if CHAT in row.right], False)
    others = [row for row in ours if row.right & OTHER_SHOP and CHAT not in row.right]
    sets["held-out, other topics of the shop"] = (others, True)
    if DEVELOPMENT.exists():
        real = development_rows()
        core = [row for row in real if is_core(row)]
        sets["development, core"] = (core, False)
        sets["core, homophones"] = (spoil(core, homophones), False)
        sets["core, one character lost"] = (spoil(core, one_lost), False)
        sets["development, the rest"] = ([row for row in real if not is_core(row)], True)
    texts = dict.fromkeys(row.text for rows, _ in sets.values() for row in rows)
    known = dict(zip(texts, understand(list(texts)), strict=True))
    print("| set | rows | top-1 | answered | precision | not misled |\n|---|---|---|---|---|---|")
    for title, (rows, harmless) in sets.items():
        seen = outcome(lambda asked: [known[text] for text in asked], rows, harmless)
        figures = (seen.top1, seen.answered, seen.precision, seen.not_misled)
        print(f"| {title} | {len(rows)} |", " | ".join(f"{figure:.3f}" for figure in figures), "|")


if __name__ == "__main__":
    main()
