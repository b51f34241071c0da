"""What a short text may have been before a character was lost.

Hurried fingers and recognisers drop characters, and nothing in the text tells which is missing: 发更改要多久 may have been
发票更改要多久. So each place is tried: characters that go well between its two neighbours may have stood there, the likelier the
more they make of the whole text. The classifier decides on all of these readings together, each with its share; the text as it
stands is one of them.
"""

from __future__ import annotations

import math
from typing import Dict, List, Tuple

from engine.nlu.language import END, START, Language, padded
from engine.nlu.text import reading

_SHORTEST, _LONGEST = 3, 14
"""Characters: of one or two nothing can be told, and a longer text hardly misses one."""
_TRIED = 12
"""Characters at each place."""
_READINGS = 8
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
        best = sorted(gains, key=lambda restored: (-gains[restored], restored))[:_READINGS]
        weights = [_AS_IT_STANDS, *(math.exp(_TRUST * gains[restored]) for restored in best)]
        total = sum(weights)
        return [(one, weight / total) for one, weight in zip([text, *best], weights, strict=True)]

    def _gains(self, row: str) -> Dict[str, float]:
        """How much likelier (nats) a row becomes with one character more, for each that may be missing."""
        chance = self._language.chance
        gains: Dict[str, float] = {}
        for at in range(2, len(row)):
            base = chance(row, at, at + 2)
            for char in self._language.between(row[at - 1], row[at], _TRIED):
                whole = row[:at] + char + row[at:]
                gain = chance(whole, at, at + 3) - base
                restored = whole.strip(START + END)
                gains[restored] = max(gain, gains.get(restored, gain))
        return gains
