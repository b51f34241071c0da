"""How nearly a text equals one that the classifier has learnt from.

Confidence is learnt on texts that are like none of the others (``engine.nlu.linear``), so it is too low
for a customer who says a thing just as an example does. Likeness is Dice's coefficient of the sets of
characters and of pairs of them, the text's two ends included.
"""

from __future__ import annotations

import itertools
from typing import Dict, FrozenSet, List, Sequence, Set

import numpy as np

from engine.nlu.ngrams import units


class Examples:
    """The training texts of each intent, as ``by_intent`` gives them."""

    def __init__(self, texts: Dict[str, List[str]]) -> None:
        rows: Dict[str, List[int]] = {}
        sizes: List[int] = []
        self._spans: Dict[str, slice] = {}
        for intent, examples in texts.items():
            begin = len(sizes)
            for text in examples:
                made_of = _parts(text)
                for part in made_of:
                    rows.setdefault(part, []).append(len(sizes))
                sizes.append(len(made_of))
            self._spans[intent] = slice(begin, len(sizes))
        self._rows = {part: np.array(found, dtype=np.int32) for part, found in rows.items()}
        self._sizes = np.array(sizes, dtype=np.int32)

    def alike(self, text: str, least: float) -> Set[str]:
        """The intents with an example that is at least so like a text, from 0 to 1 (equal)."""
        made_of = _parts(text)
        found = [self._rows[part] for part in made_of if part in self._rows]
        if not found:
            return set()
        shared = np.bincount(np.concatenate(found), minlength=len(self._sizes))
        likeness = 2.0 * shared / (self._sizes + len(made_of))
        return {intent for intent, rows in self._spans.items() if likeness[rows].max() >= least}


def by_intent(texts: Sequence[str], intents: Sequence[str]) -> Dict[str, List[str]]:
    """What ``Examples`` wants, of texts with an intent each."""
    found: Dict[str, List[str]] = {}
    for text, intent in zip(texts, intents, strict=True):
        found.setdefault(intent, []).append(text)
    return found


def _parts(text: str) -> FrozenSet[str]:
    row = units(text, "char")
    return frozenset([*row, *(a + b for a, b in itertools.pairwise(row))])
