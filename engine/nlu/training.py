"""Trains one of our linear classifiers on texts."""

from __future__ import annotations

from typing import Sequence, Tuple

import numpy as np

from engine.nlu.features import Recipe, TextFeatures
from engine.nlu.linear import LinearModel
from engine.nlu.noise import noisy_copies


def train_classifier(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: np.ndarray,
    recipe: Recipe,
    penalty: float,
    noisy: bool = True,
    wary_of: str = "",
) -> Tuple[TextFeatures, LinearModel]:
    """Fit features and classifier.

    Noisy copies carry no sentence vector: the encoder does not know misspelt words anyway, and
    without it the classifier must learn to do with letters and sounds alone (and training stays
    fast).

    Args:
        texts: the examples.
        labels: one for each.
        vectors: sentence vectors, one row for each.
        recipe: how much each kind of feature counts.
        penalty: the machine's C.
        noisy: also learn from misspelt copies.
        wary_of: the intent of what is none of ours (``LinearModel.fit``).
    """
    numbers = range(len(texts)) if noisy else ()
    pairs = [(number, copy) for number in numbers for copy in noisy_copies(texts[number], number)]
    copies = [copy for _, copy in pairs]
    origin = [*range(len(texts)), *(number for number, _ in pairs)]
    silent = np.zeros((len(copies), vectors.shape[1]), dtype=np.float32)
    features, matrix = TextFeatures.learn(
        [*texts, *copies], np.concatenate([vectors, silent]), recipe
    )
    model = LinearModel.fit(
        matrix,
        [labels[number] for number in origin],
        penalty,
        origin=origin,
        dense=vectors.shape[1] if recipe.sentence else 0,
        wary_of=wary_of,
    )
    return features, model
