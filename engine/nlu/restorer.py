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
        best = self._likeliest(read)
        weights = [_AS_IT_STANDS, *(math.exp(_TRUST * gain) for gain, _ in best)]
        total = sum(weights)
        texts = [text, *(restored for _, restored in best)]
        return [(one, weight / total) for one, weight in zip(texts, weights, strict=True)]

    def _likeliest(self, read: str) -> List[Tuple[float, str]]:
        """The texts with a character more that are likelier (by how many nats), the best first.

        No likelihood is above one: as soon as those that are known of a text leave it behind the best so far,
        the rest of them need not be asked for.
        """
        row = padded(read)
        after, between = self._language.after, self._language.between
        costs = [-after(row[at - 2 : at], row[at]) for at in range(2, len(row))]
        costs = [cost + next_ for cost, next_ in zip(costs, [*costs[1:], 0.0], strict=True)]
        gains: Dict[str, float] = {}
        least = 0.0  # what is less likely than the text as it stands is no reading of it
        for at in sorted(range(len(costs)), key=lambda place: -costs[place]):
            two, last, following = row[at : at + 2], row[at + 1], row[at + 2]
            next_but_one = row[at + 3 : at + 4]
            for char in between(last, following, _TRIED):
                gain = costs[at] + after(two, char)
                if gain > least:
                    gain += after(last + char, following)
                if gain > least and next_but_one:
                    gain += after(char + following, next_but_one)
                if gain > least:
                    restored = read[:at] + char + read[at:]
                    gains[restored] = max(gain, gains.get(restored, gain))
                    if len(gains) > _READINGS:
                        del gains[min(gains, key=lambda one: gains[one])]
                    if len(gains) == _READINGS:
                        least = min(gains.values())
        return sorted(((gain, restored) for restored, gain in gains.items()), reverse=True)
