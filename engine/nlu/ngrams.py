"""Sparse TF-IDF weights of n-grams: of characters, or of the syllables they sound like.

With ``gaps``, a pair of characters with one between them counts as the pair that it would be without.

Written out rather than taken from scikit-learn: one text takes a tenth of its time, and what is
kept is plain JSON instead of a pickle.
"""

from __future__ import annotations

import math
from array import array
from collections import Counter
from functools import lru_cache
from typing import Any, Dict, List, Sequence, Tuple

import numpy as np
import scipy.sparse

from engine.nlu.firms import with_firms_alike
from engine.nlu.goods import with_goods_alike
from engine.nlu.text import reading, syllables

_START, _END = "\x02", "\x03"


@lru_cache(maxsize=4096)
def legible(text: str) -> str:
    """A text as its n-grams are read."""
    return with_goods_alike(with_firms_alike(reading(text)))


def units(text: str, analyzer: str) -> Sequence[str]:
    """Split a text into what n-grams are made of: ``char`` or ``pinyin``, with its two ends."""
    return _split(legible(text), analyzer)


def _split(read: str, analyzer: str) -> Sequence[str]:
    if analyzer == "pinyin":
        return (_START, *syllables(read), _END)
    return _START + read + _END


class Ngrams:
    """A vocabulary of n-grams with their inverse document frequencies."""

    def __init__(
        self,
        analyzer: str,
        longest: int,
        vocabulary: Dict[str, int],
        idf: np.ndarray,
        gaps: bool = False,
    ) -> None:
        self._analyzer = analyzer
        self._longest = longest
        self._vocabulary = vocabulary
        self._idf = array("f", idf.astype(np.float32).tobytes())  # read one at a time
        self._gaps = gaps

    @classmethod
    def learn(
        cls,
        texts: Sequence[str],
        analyzer: str,
        longest: int,
        min_texts: int,
        gaps: bool = False,
    ) -> Tuple["Ngrams", scipy.sparse.csr_matrix]:
        """Learn the n-grams that at least ``min_texts`` of some ``legible`` texts have; featurise these, one row each.

        What ``row`` does for one text is done here for all at once, in numbers: of a hundred
        thousand texts Python's own counters would take several times as long.
        """
        symbols, marks, owner = _numbered([_split(text, analyzer) for text in texts])
        grams, row = _all_grams(marks, owner, len(symbols), longest, gaps)
        codes, gram = np.unique(grams, return_inverse=True)
        cells, counts = np.unique(row * max(1, len(codes)) + gram, return_counts=True)
        row, gram = np.divmod(cells, max(1, len(codes)))
        seen = np.bincount(gram, minlength=len(codes))
        enough = np.flatnonzero(seen >= min_texts)
        named = sorted((_name(codes[i], symbols, analyzer), i) for i in enough)
        vocabulary = {name: number for number, (name, _) in enumerate(named)}
        kept = np.array([i for _, i in named], dtype=np.intp)
        column = np.full(len(codes), -1)
        column[kept] = np.arange(len(kept))
        known = column[gram] >= 0
        idf = (np.log((1 + len(texts)) / (1 + seen[kept])) + 1).astype(np.float32)
        matrix = scipy.sparse.csr_matrix(
            (counts[known].astype(np.float32), (row[known], column[gram[known]])),
            shape=(len(texts), len(vocabulary)),
        )
        matrix.sort_indices()
        matrix.data = (1.0 + np.log(matrix.data)) * idf[matrix.indices]
        length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
        matrix.data /= np.repeat(length, np.diff(matrix.indptr))
        return cls(analyzer, longest, vocabulary, idf, gaps), matrix.astype(np.float32)

    @property
    def size(self) -> int:
        """Number of features."""
        return len(self._vocabulary)

    def row(self, text: str) -> Dict[int, float]:
        """Return the features that a text has, with their weights (unit length)."""
        known, idf = self._vocabulary, self._idf
        found: Dict[int, float] = {}
        squares = 0.0
        for gram, count in Counter(self._grams(units(text, self._analyzer))).items():
            feature = known.get(gram)
            if feature is not None:
                weight = idf[feature] if count == 1 else (1.0 + math.log(count)) * idf[feature]
                squares += weight * weight
                found[feature] = weight
        length = math.sqrt(squares)
        return {feature: weight / length for feature, weight in found.items()}

    def _grams(self, sequence: Sequence[str]) -> List[str]:
        join = "".join if isinstance(sequence, str) else " ".join
        grams: List[str] = []
        for apart in _places(self._longest, self._gaps):
            shifted = [sequence[at:] for at in apart]
            grams += [join(part) for part in zip(*shifted, strict=False)]
        return grams

    def dump(self) -> Dict[str, Any]:
        """Describe as JSON."""
        return {
            "analyzer": self._analyzer,
            "longest": self._longest,
            "gaps": self._gaps,
            "grams": list(self._vocabulary),
            "idf": [round(value, 5) for value in self._idf],
        }

    @classmethod
    def parse(cls, data: Dict[str, Any]) -> "Ngrams":
        """Read what ``dump`` wrote."""
        vocabulary = {gram: i for i, gram in enumerate(data["grams"])}
        idf = np.array(data["idf"], dtype=np.float32)
        return cls(data["analyzer"], data["longest"], vocabulary, idf, data["gaps"])


@lru_cache
def _places(longest: int, gaps: bool) -> Tuple[Tuple[int, ...], ...]:
    """Where the symbols of each kind of n-gram stand, from its first.

    The pair with one between is what neighbours are once that one is lost, and is read as such.
    """
    rows = tuple(tuple(range(size)) for size in range(1, longest + 1))
    return (*rows, (0, 2)) if gaps else rows


def _numbered(rows: Sequence[Sequence[str]]) -> Tuple[List[str], np.ndarray, np.ndarray]:
    """All rows in one: the symbols, the number (from 1) of each place's symbol, and each place's row."""
    numbers: Dict[str, int] = {}
    marks = [numbers.setdefault(symbol, len(numbers) + 1) for row in rows for symbol in row]
    owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return list(numbers), np.array(marks, dtype=np.int64), owner


def _all_grams(
    marks: np.ndarray, owner: np.ndarray, symbols: int, longest: int, gaps: bool
) -> Tuple[np.ndarray, np.ndarray]:
    """Every n-gram of every row, as a number to the base of ``symbols + 1``, and its row."""
    grams, rows = [], []

    def take(apart: Sequence[int]) -> None:
        ends = len(marks) - apart[-1]
        inside = owner[:ends] == owner[apart[-1] :] if ends > 0 else np.zeros(0, dtype=bool)
        code = sum(
            marks[at : at + max(0, ends)] * (symbols + 1) ** place for place, at in enumerate(apart)
        )
        grams.append(code[inside])
        rows.append(owner[: max(0, ends)][inside])

    for apart in _places(longest, gaps):
        take(apart)
    return np.concatenate(grams), np.concatenate(rows)


def _name(code: int, symbols: Sequence[str], analyzer: str) -> str:
    """The n-gram that a number stands for."""
    parts = []
    while code:
        code, mark = divmod(code, len(symbols) + 1)
        parts.append(symbols[mark - 1])
    return (" " if analyzer == "pinyin" else "").join(parts)
