"""What callers might say: lines of the training data, words alone, and numbers.

``general.txt`` is about anything else: who learns only the shop's sentences forgets the language.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jieba
import yaml

from engine.nlu.language import Language
from engine.nlu.speller import Speller
from engine.nlu.text import reading
from yingda.launcher.home import ROOT

_GENERAL = Path(__file__).with_name("general.txt")
_HAN = re.compile(r"[一-鿿]")
_FOREIGN = re.compile(r"[A-Za-z]{3}")
_BEFORE_NUMBERS = ("", "", "尾号", "我的单号是", "订单号", "手机号")
_ALONE = (
    *"零一二三四五六七八九幺两",
    *"是不对退好嗯行要有没能喂等换",
    "不要",
    "没有",
    "不是",
    "可以",
)
_FEWEST = 30
_SURER = 2.0
"""Nats by which words of the general dictionary must tell the righted text from a misspelt one."""


def texts(number: int, seed: int = 11) -> list[str]:
    """About so many lines of the data, rare intents a little oftener than they are in it, and the rest; shuffled."""
    dice = random.Random(seed)  # noqa: S311 - nothing here is secret
    by_intent = {name: [*dict.fromkeys(filter(_is_speakable, lines))] for name, lines in _lines()}
    parts = {name: len(lines) ** 0.75 for name, lines in by_intent.items()}
    chosen: list[str] = []
    for name, lines in by_intent.items():
        share = round(number * parts[name] / sum(parts.values()))
        chosen += dice.sample(lines, min(len(lines), max(_FEWEST, share)))
    wrong = misspelt(chosen, [line for lines in by_intent.values() for line in lines])
    chosen = [line for line in chosen if line not in wrong]
    ours = [line for name, lines in by_intent.items() if name != "out_of_scope" for line in lines]
    words = Counter(
        w for line in ours for w in jieba.lcut(line) if len(w) == len(_HAN.findall(w)) == 2
    )
    chosen += dice.sample([word for word, _ in words.most_common(1200)], 500)
    for _ in range(150):
        digits = "".join(dice.choices("0123456789", k=dice.choice((4, 4, 4, 6, 8, 11, 12))))
        chosen.append(dice.choice(_BEFORE_NUMBERS) + digits)
    chosen += _ALONE * 4
    general = _GENERAL.read_text("utf-8").split()
    chosen += dice.sample(general, min(len(general), number // 3))
    dice.shuffle(chosen)
    return chosen


def _is_speakable(text: str) -> bool:
    mostly_han = len(_HAN.findall(text)) >= 0.6 * len(text)
    return 2 <= len(text) <= 32 and mostly_han and not _FOREIGN.search(text)


def misspelt(chosen: list[str], lines: list[str]) -> set[str]:
    """Lines that sound like likelier ones (运丹号): the training data has them, a recogniser must not learn them."""
    asked = set(chosen)
    speller = Speller(Language.fit(line for line in lines if line not in asked))
    righted = ((line, reading(line), speller.spell(line)) for line in asked)
    return {
        line for line, read, right in righted if _likelihood(right) > _likelihood(read) + _SURER
    }


def _likelihood(text: str) -> float:
    """Of the likeliest way to cut a text into words, in nats."""
    ways: dict[int, tuple[float, int]] = {}
    jieba.dt.calc(text, jieba.get_DAG(text), ways)
    return ways[0][0]


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
