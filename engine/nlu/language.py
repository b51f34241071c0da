"""How customers write, as far as three characters in a row tell: what ``speller`` and ``restorer`` go by.

A trigram model of the training texts. Its counts are smoothed by its bigrams and these by single characters (MacKay and Peto,
"A hierarchical Dirichlet language model", 1995).
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from typing import Any, Dict, Iterable, List, Tuple

from engine.nlu.text import reading

START, END = "\x02", "\x03"
"""A text's two ends; the start counts as two characters."""
_LONGEST = 3
_PAIR_PRIOR, _TRIGRAM_PRIOR = 4.0, 3.0
"""Occurrences that the smaller model's opinion counts for."""
_UNSEEN = 1e-6
_REMEMBERED, _REMEMBERED_PAIRS = 200_000, 20_000


class Language:
    """A trigram model, and what has stood between two characters."""

    def __init__(self, grams: Dict[str, int]) -> None:
        """``grams``: how often each n-gram of up to three characters occurs."""
        self._grams = grams
        self._total = sum(count for gram, count in grams.items() if len(gram) == 1) or 1
        self._known: Dict[str, float] = {}
        self._pairs: Dict[str, float] = {}
        self._stood: Dict[Tuple[str, str, int], List[str]] = {}
        self._behind: Dict[str, Dict[str, int]] = {}
        self._before: Dict[str, Dict[str, int]] = {}
        for gram, count in grams.items():
            if len(gram) == 2:
                self._behind.setdefault(gram[0], {})[gram[1]] = count
                self._before.setdefault(gram[1], {})[gram[0]] = count

    @classmethod
    def fit(cls, texts: Iterable[str]) -> "Language":
        """Count what the training texts are made of."""
        grams: Counter[str] = Counter()
        for text in texts:
            row = padded(reading(text))
            for size in range(1, _LONGEST + 1):
                grams.update(row[end - size : end] for end in range(size, len(row) + 1))
        return cls(dict(grams))

    def count(self, gram: str) -> int:
        """How often one to three characters occur in a row."""
        return self._grams.get(gram, 0)

    def characters(self) -> List[str]:
        """All characters that occur, the commonest first."""
        ones = [gram for gram in self._grams if len(gram) == 1 and gram not in (START, END)]
        return sorted(ones, key=lambda char: (self._grams[char], char), reverse=True)

    def after(self, two: str, char: str) -> float:
        """Log likelihood of a character after two others."""
        gram = two + char
        known = self._known.get(gram)
        if known is None:
            three = self._grams.get(gram, 0) + _TRIGRAM_PRIOR * self._after_one(gram[1:])
            known = math.log(three / (self._grams.get(two, 0) + _TRIGRAM_PRIOR))
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[gram] = known
        return known

    def _after_one(self, pair: str) -> float:
        """Likelihood of a character after one other."""
        known = self._pairs.get(pair)
        if known is None:
            seen = self._grams.get
            alone = seen(pair[1], 0) / self._total or _UNSEEN
            known = (seen(pair, 0) + _PAIR_PRIOR * alone) / (seen(pair[0], 0) + _PAIR_PRIOR)
            if len(self._pairs) >= _REMEMBERED:
                self._pairs.clear()
            self._pairs[pair] = known
        return known

    def chance(self, row: str, start: int, end: int) -> float:
        """Log likelihood of the characters of a padded row from ``start`` up to ``end``."""
        return sum(self.after(row[at - 2 : at], row[at]) for at in range(start, min(end, len(row))))

    def between(self, first: str, second: str, number: int) -> List[str]:
        """The characters that likeliest stand between two others, by what pairs they make."""
        pair = (first, second, number)
        if pair not in self._stood:
            behind, before = self._behind.get(first, {}), self._before.get(second, {})
            both = [
                (behind[char] * before[char] / self._grams[char], char)
                for char in (behind.keys() & before.keys()) - {START, END}
            ]
            if len(self._stood) >= _REMEMBERED_PAIRS:
                self._stood.clear()
            self._stood[pair] = [char for _, char in heapq.nlargest(number, both)]
        return self._stood[pair]

    def dump(self) -> Dict[str, Any]:
        """Describe as JSON."""
        return {"grams": self._grams}

    @classmethod
    def parse(cls, data: Dict[str, Any]) -> "Language":
        """Read what ``dump`` wrote."""
        return cls(data["grams"])


def padded(text: str) -> str:
    """A text with its ends: the first character has two before it, too."""
    return START + START + text + END
