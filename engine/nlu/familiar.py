"""How much of a text has been seen in the shop's own training texts, character by character.

A text of words that no customer of a shop has used is seldom a customer's, whatever the classifiers
make of the few that they know. The shop's goods are an exception: any of their names is as familiar as
the word 货, since the examples cannot name them all.
"""

from __future__ import annotations

import itertools
import math
import re
from typing import Any, Dict, FrozenSet, Iterable, Sequence

import numpy as np

from engine.nlu.goods import GOODS
from engine.nlu.ngrams import legible, units

SIGNS = 3
"""How many numbers ``signs`` gives."""


class Familiar:
    """The characters, and the pairs of them, of the texts that are ours to answer."""

    def __init__(
        self, ones: FrozenSet[str], pairs: FrozenSet[str], goods: Sequence[str] = ()
    ) -> None:
        self._ones = ones
        self._pairs = pairs
        self._goods = sorted(goods, key=len, reverse=True)
        names = sorted({legible(name) for name in goods}, key=len, reverse=True)
        self._any_goods = re.compile("|".join(map(re.escape, names)) or "(?!)")

    @classmethod
    def fit(cls, texts: Iterable[str], goods: Sequence[str] = ()) -> "Familiar":
        """Note what the texts are made of; ``goods``: names of the shop's articles, normalised."""
        seen = cls(frozenset(), frozenset(), goods)
        rows = [seen._read(text) for text in texts]
        ones = frozenset(char for row in rows for char in row)
        pairs = frozenset(a + b for row in rows for a, b in itertools.pairwise(row))
        return cls(ones | {GOODS}, pairs, goods)

    def _read(self, text: str) -> str:
        return self._any_goods.sub(GOODS, "".join(units(text, "char")))

    def signs(self, text: str) -> np.ndarray:
        """The text's length, and the shares of its characters and pairs that are new."""
        row = self._read(text)
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
        ones, pairs = "".join(sorted(self._ones)), sorted(self._pairs)
        return {"ones": ones, "pairs": pairs, "goods": self._goods}

    @classmethod
    def parse(cls, data: Dict[str, Any]) -> "Familiar":
        """Read what ``dump`` wrote."""
        return cls(frozenset(data["ones"]), frozenset(data["pairs"]), data["goods"])
