"""What callers might say: lines of the training data, words alone, and numbers."""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jieba
import yaml

from yingda.launcher.home import ROOT

_HAN = re.compile(r"[一-鿿]")
_FOREIGN = re.compile(r"[A-Za-z]{3}")
_BEFORE_NUMBERS = ("", "", "尾号", "我的单号是", "订单号", "手机号")
_ALONE = (*"零一二三四五六七八九", *"是不对退好嗯行要", "不要")
_FEWEST = 30


def texts(number: int, seed: int = 11) -> list[str]:
    """About so many lines, rare intents a little oftener than they are in the data, shuffled."""
    dice = random.Random(seed)  # noqa: S311 - nothing here is secret
    by_intent = {name: [*dict.fromkeys(filter(_is_speakable, lines))] for name, lines in _lines()}
    parts = {name: len(lines) ** 0.75 for name, lines in by_intent.items()}
    chosen: list[str] = []
    for name, lines in by_intent.items():
        share = round(number * parts[name] / sum(parts.values()))
        chosen += dice.sample(lines, min(len(lines), max(_FEWEST, share)))
    ours = [line for name, lines in by_intent.items() if name != "out_of_scope" for line in lines]
    words = Counter(
        w for line in ours for w in jieba.lcut(line) if len(w) == len(_HAN.findall(w)) == 2
    )
    chosen += dice.sample([word for word, _ in words.most_common(400)], 150)
    for _ in range(90):
        digits = "".join(dice.choices("0123456789", k=dice.choice((4, 4, 4, 6, 8, 11, 12))))
        chosen.append(dice.choice(_BEFORE_NUMBERS) + digits)
    chosen += _ALONE * 2
    dice.shuffle(chosen)
    return chosen


def _is_speakable(text: str) -> bool:
    mostly_han = len(_HAN.findall(text)) >= 0.6 * len(text)
    return 2 <= len(text) <= 32 and mostly_han and not _FOREIGN.search(text)


def _lines() -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for block in _blocks(ROOT / "data" / "nlu", "nlu"):
        lines = (line.removeprefix("- ") for line in block["examples"].splitlines())
        found.setdefault(block["intent"], []).extend(lines)
    for entry in _blocks(ROOT / "data" / "faq", "faq"):
        found.setdefault("faq", []).extend(map(str, entry["questions"]))
    return list(found.items())


def _blocks(folder: Path, key: str) -> list[dict[str, Any]]:
    read = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.glob("*.yml"))]
    return [block for file in read for block in file.get(key, ())]
