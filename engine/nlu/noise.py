"""Copies of training texts with the mistakes that pinyin keyboards and recognisers make, and with what people say around a matter.

Trained on these beside the clean texts, the classifier learns to lean on sound where writing is
wrong, and that asides say nothing (docs/decisions/0003-nlu-pipeline.md has the figures). Everything is seeded by the text alone: a
line more or less changes no other line's copies.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Dict, List, Sequence

from pypinyin import lazy_pinyin
from rasa.shared.utils.io import read_yaml_file

_SEED = 20261111
_SHORTEST_TO_SHORTEN = 4
_LOST_UP_TO = ((8, 3), (12, 2))
"""Copies with a character lost of texts up to so many characters: a longer one hardly misses it."""
_NEVER_LOST = frozenset("不没别无未莫非勿甭")
"""Without it a text means the opposite: 「我不需要」 must not teach that 「我需要」 is a no."""
_SWAPPED = 0.3
"""Share of characters that are replaced by one that sounds the same."""


@dataclass(frozen=True)
class Asides:
    """What is said before and behind a matter; ``｜`` at the inner end joins it without a comma."""

    before: Sequence[str] = ()
    behind: Sequence[str] = ()

    @classmethod
    def load(cls, path: Path) -> "Asides":
        """Read ``data/asides.yml``.

        Raises:
            ValueError: it holds something else.
        """
        data = read_yaml_file(path)
        if not isinstance(data, dict) or set(data) != {"before", "behind"}:
            raise ValueError(f"{path} must hold the lists before: and behind:")
        outward = [one for one in data["before"] if one.startswith(_JOINT)]
        outward += [one for one in data["behind"] if one.endswith(_JOINT)]
        if outward:
            raise ValueError(f"{path}: {_JOINT} stands at the inner end only, not in {outward}")
        return cls(tuple(data["before"]), tuple(data["behind"]))

    def copies(self, text: str) -> List[str]:
        """Return a copy of a text with one of them before it, behind it or both, if there are any."""
        dice = _dice(text, "aside")
        before, behind = dice.choice(_SIDES)
        copy = text.rstrip("，。,.？?！!") if behind and self.behind else text
        if before and self.before:
            copy = _joined(dice.choice(self.before), copy)
        if behind and self.behind:
            copy = _joined(copy, dice.choice(self.behind))
        return _different(text, [copy])


NO_ASIDES = Asides()
_SIDES = ((True, False), (True, False), (False, True), (False, True), (True, True))
_JOINT = "｜"


def _joined(first: str, second: str) -> str:
    direct = first.endswith(_JOINT) or second.startswith(_JOINT)
    return first.rstrip(_JOINT) + ("" if direct else "，") + second.lstrip(_JOINT)


def misspelt_copies(text: str) -> List[str]:
    """Return a copy of a text that is misspelt by sound, if it can be."""
    return _different(text, [misspell(text, _dice(text, "sound"))])


def lost_copies(text: str) -> List[str]:
    """Return up to three copies of a text, each with another character lost; of a long one none."""
    dice = _dice(text, "lost")
    number = next((copies for longest, copies in _LOST_UP_TO if len(text) <= longest), 0)
    return _different(text, [lose_one(text, dice) for _ in range(number)])


def misspell(text: str, dice: random.Random) -> str:
    """Replace some characters by others of the same sound."""
    out = []
    for char in text:
        alike = _alike(char) if dice.random() < _SWAPPED else ""
        out.append(dice.choice(alike) if alike else char)
    return "".join(out)


def lose_one(text: str, dice: random.Random) -> str:
    """Leave out one character of a text that is long enough to stay clear, but none that denies."""
    places = [at for at, char in enumerate(text) if char not in _NEVER_LOST]
    if len(text) < _SHORTEST_TO_SHORTEN or not places:
        return text
    at = dice.choice(places)
    return text[:at] + text[at + 1 :]


def _dice(text: str, slip: str) -> random.Random:
    return random.Random(f"{_SEED} {slip} {text}")  # noqa: S311 (nothing here is secret)


def _different(text: str, copies: List[str]) -> List[str]:
    return [copy for copy in dict.fromkeys(copies) if copy != text]


def _alike(char: str) -> str:
    if not "\u4e00" <= char <= "\u9fff":
        return ""
    return _homophones().get(_sound(char), "").replace(char, "")


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    return lazy_pinyin(char)[0]


@lru_cache(maxsize=1)
def _homophones() -> Dict[str, str]:
    """Everyday characters (the first level of GB 2312, some 3,700) by sound."""
    table: Dict[str, str] = {}
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            char = bytes([high, low]).decode("gb2312", "ignore")
            if char:
                table[_sound(char)] = table.get(_sound(char), "") + char
    return table
