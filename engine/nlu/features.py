"""The features that our classifiers share: n-grams of characters and sounds, and the sentence.

Each classifier fits its own n-grams on its own texts; the sentence vector is computed once a
message by ``SentenceEncoder`` and only read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from engine.nlu.ngrams import Ngrams, legible
from engine.nlu.respelled import meant
from engine.nlu.sentence_encoder import ALIAS, encode


@dataclass(frozen=True)
class Recipe:
    """Which features, and how much each counts (a weight of 0 leaves it out)."""

    char: float = 1.0
    pinyin: float = 1.0
    sentence: float = 1.0
    char_longest: int = 3
    pinyin_longest: int = 2
    min_texts: int = 2
    gaps: bool = False
    """Whether pairs of characters count over a gap, too: where one may have been lost."""


class TextFeatures:
    """Texts to rows of numbers."""

    def __init__(self, recipe: Recipe, char: Ngrams, pinyin: Ngrams) -> None:
        self._recipe = recipe
        self._char = char
        self._pinyin = pinyin

    @classmethod
    def learn(
        cls, texts: Sequence[str], vectors: np.ndarray, recipe: Recipe
    ) -> Tuple["TextFeatures", scipy.sparse.csr_matrix]:
        """Learn the vocabularies; featurise the texts with their sentence vectors, one row each."""
        read = [legible(text) for text in texts]
        char, chars = Ngrams.learn(read, "char", recipe.char_longest, recipe.min_texts, recipe.gaps)
        pinyin, sounds = Ngrams.learn(read, "pinyin", recipe.pinyin_longest, recipe.min_texts)
        weighted = (
            (recipe.char, chars),
            (recipe.pinyin, sounds),
            (recipe.sentence, scipy.sparse.csr_matrix(vectors)),
        )
        blocks = [block * weight for weight, block in weighted if weight]
        matrix = scipy.sparse.hstack(blocks, format="csr", dtype=np.float32)
        return cls(recipe, char, pinyin), matrix

    def decide(
        self, text: str, vector: Optional[np.ndarray], weights: np.ndarray, bias: np.ndarray
    ) -> np.ndarray:
        """Decision values of a linear model for one text: what its row of ``learn`` @ weights would give.

        Without a vector, n-grams alone decide; misspelt copies have taught the models to.
        """
        return self.decide_among([(text, 1.0)], vector, weights, bias)

    def decide_among(
        self,
        readings: Sequence[Tuple[str, float]],
        vector: Optional[np.ndarray],
        weights: np.ndarray,
        bias: np.ndarray,
    ) -> np.ndarray:
        """The same for a text that may be any of several, whose shares sum to 1: their mean."""
        found: Dict[int, float] = {}
        for text, share in readings:
            start = 0
            for ngrams, weight in self._ngrams():
                for feature, value in ngrams.row(text).items():
                    at = start + feature
                    found[at] = found.get(at, 0.0) + share * weight * value
                start += ngrams.size
        decided = bias + self.sentence_share(vector, weights)
        if found:
            values = np.fromiter(found.values(), np.float32, len(found))
            decided += values @ weights[np.fromiter(found, np.intp, len(found))]
        return decided

    def _ngrams(self) -> List[Tuple[Ngrams, float]]:
        kinds = ((self._char, self._recipe.char), (self._pinyin, self._recipe.pinyin))
        return [(ngrams, weight) for ngrams, weight in kinds if weight]

    def sentence_share(self, vector: Optional[np.ndarray], weights: np.ndarray) -> np.ndarray:
        """What the sentence vector alone adds in ``decide``."""
        if not self._recipe.sentence or vector is None:
            return np.zeros(weights.shape[1], dtype=np.float32)
        return np.asarray(self._recipe.sentence * (vector @ weights[-len(vector) :]))

    def dump(self) -> Dict[str, Any]:
        """Describe as JSON."""
        return {
            "recipe": self._recipe.__dict__,
            "char": self._char.dump(),
            "pinyin": self._pinyin.dump(),
        }

    @classmethod
    def parse(cls, data: Dict[str, Any]) -> "TextFeatures":
        """Read what ``dump`` wrote."""
        return cls(
            Recipe(**data["recipe"]), Ngrams.parse(data["char"]), Ngrams.parse(data["pinyin"])
        )


def sentence_vectors(messages: List[Message]) -> np.ndarray:
    """Return the messages' sentence vectors, encoding those that have none."""
    if not messages:
        return encode([])
    vectors: List[Any] = []
    for message in messages:
        _, dense = message.get_dense_features(TEXT, [ALIAS])
        vectors.append(dense.features[0] if dense is not None else None)
    missing = [i for i, vector in enumerate(vectors) if vector is None]
    encoded = encode([meant(messages[i]) for i in missing])
    for i, vector in zip(missing, encoded, strict=True):
        vectors[i] = vector
    return np.asarray(vectors, dtype=np.float32)
