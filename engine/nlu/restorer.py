"""What a short text may have been before a character was lost.

Hurried fingers and recognisers drop characters, and nothing in the text tells which is missing: 发更改要多久 may have been
发票更改要多久. So each place is tried: characters that go well between its two neighbours may have stood there, the likelier the
more they make of the whole text. The classifier decides on all of these readings together, each with its share; the text as it
stands is one of them.
"""

from __future__ import annotations

import math
from typing import Dict, List, Tuple

from engine.nlu.language import Language, padded
from engine.nlu.text import reading

_SHORTEST, _LONGEST = 4, 14
"""Characters: of three nothing can be told, and a longer text hardly misses one."""
_TRIED = 12
"""Characters at each place."""
_READINGS = 6
"""Texts that are considered beside the one that stands there."""
_TRUST = 0.6
"""Power of a likelihood: the model is too sure, because the characters of a word come together."""
_AS_IT_STANDS = math.exp(3.0)
"""Weight of the text as it stands: a reading must be far likelier to weigh as much."""


class Restorer:
    """Thinks of what is missing."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def readings(self, text: str) -> List[Tuple[str, float]]:
        """The text as it stands, then what it may have been, with their shares, which sum to 1."""
        read = reading(text)
        if not _SHORTEST <= len(read) <= _LONGEST:
            return [(text, 1.0)]
        gains = self._gains(padded(read))
        best: Dict[str, float] = {}
        for gain, at, char in sorted(gains, reverse=True):
            best.setdefault(read[:at] + char + read[at:], gain)
            if len(best) == _READINGS:
                break
        weights = [_AS_IT_STANDS, *(math.exp(_TRUST * gain) for gain in best.values())]
        total = sum(weights)
        return [(one, weight / total) for one, weight in zip([text, *best], weights, strict=True)]

    def _gains(self, row: str) -> List[Tuple[float, int, str]]:
        """For each character that may be missing: how much likelier (nats) a row becomes with it, and its place."""
        after, between = self._language.after, self._language.between
        gains = []
        for at in range(2, len(row)):
            two, last, following, next_but_one = (
                row[at - 2 : at],
                row[at - 1],
                row[at],
                row[at + 1 : at + 2],
            )
            base = self._language.chance(row, at, at + 2)
            for char in between(last, following, _TRIED):
                gain = after(two, char) + after(last + char, following) - base
                if next_but_one:
                    gain += after(char + following, next_but_one)
                gains.append((gain, at - 2, char))
        return gains
