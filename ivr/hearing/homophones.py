"""A word that was expected, found by its sound: 「发表」 where 「发票」 could be said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pypinyin import Style, lazy_pinyin

_ALIKE = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("l", "n"), ("h", "f"))
"""What a telephone's band and many speakers' accents make one."""
_FURTHEST = 0.34
"""Share of the letters that may differ."""
_LONGER = 2
"""Characters around the word (嗯, 我要) beyond which the text is no answer from the list."""


def nearest(heard: str, expected: Sequence[str]) -> str | None:
    """The one expected phrase that ``heard`` sounds like; None if there is none, or no single one.

    A phrase that occurs in the text as written is taken before one that only sounds alike.
    """
    if heard in expected:
        return heard
    inside = [phrase for phrase in expected if phrase in heard]
    if inside and len(heard) <= max(map(len, inside)) + 4:
        longest = max(inside, key=len)
        return longest if all(phrase in longest for phrase in inside) else None
    scored = sorted(
        (_difference(heard, phrase), phrase)
        for phrase in expected
        if len(phrase) > 1 and abs(len(phrase) - len(heard)) <= _LONGER
    )
    if not scored or scored[0][0] > _FURTHEST:
        return None
    if len(scored) > 1 and scored[1][0] - scored[0][0] < 0.1:
        return None
    return scored[0][1]


def _difference(one: str, other: str) -> float:
    a, b = _sound(one), _sound(other)
    row = list(range(len(b) + 1))
    for number, first in enumerate(a, start=1):
        corner, row[0] = row[0], number
        for place, second in enumerate(b, start=1):
            corner, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, corner + (first != second)),
            )
    return row[-1] / max(len(a), len(b), 1)


@lru_cache(maxsize=512)
def _sound(text: str) -> str:
    """Pinyin without tones, with what is often confused made alike."""
    syllables = lazy_pinyin(text, style=Style.NORMAL, errors="ignore")
    joined = " ".join(syllables)
    for written, taken in _ALIKE:
        joined = joined.replace(written, taken)
    return joined
