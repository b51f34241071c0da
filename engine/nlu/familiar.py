"""How much of a text has been seen in the shop's own training texts, character by character.

A text of words that no customer of a shop has used is seldom a customer's, whatever the classifiers
make of the few that they know.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, Dict, FrozenSet, Iterable, Sequence

import numpy as np

from engine.nlu.ngrams import units

SIGNS = 3
"""How many numbers ``signs`` gives."""


class Familiar:
    """The characters, and the pairs of them, of the texts that are ours to answer."""

    def __init__(self, ones: FrozenSet[str], pairs: FrozenSet[str]) -> None:
        self._ones = ones
        self._pairs = pairs

    @classmethod
    def fit(cls, texts: Iterable[str]) -> "Familiar":
        """Note what the texts are made of."""
        rows = [units(text, "char") for text in texts]
        ones = frozenset(char for row in rows for char in row)
        return cls(ones, frozenset(a + b for row in rows for a, b in itertools.pairwise(row)))

    def signs(self, text: str) -> np.ndarray:
        """The text's length, and the shares of its characters and pairs that are new."""
        row = units(text, "char")
        ones = sum(char not in self._ones for char in row) / len(row)
        pairs = [a + b for a, b in itertools.pairwise(row)]
        new = sum(pair not in self._pairs for pair in pairs) / len(pairs)
        return np.array([math.log(len(row)), ones, new], dtype=np.float32)

    def matrix(self, texts: Sequence[str]) -> np.ndarray:
        """The signs of each text, one row each."""
        rows = [self.signs(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, SIGNS), np.float32)

    def dump(self) -> Dict[str, Any]:
        """Describe as JSON."""
        return {"ones": "".join(sorted(self._ones)), "pairs": sorted(self._pairs)}

    @classmethod
    def parse(cls, data: Dict[str, Any]) -> "Familiar":
        """Read what ``dump`` wrote."""
        return cls(frozenset(data["ones"]), frozenset(data["pairs"]))
