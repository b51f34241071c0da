"""Trains one of our linear classifiers on texts."""

from __future__ import annotations

from typing import Callable, List, Optional, Sequence, Tuple
from zlib import crc32

import numpy as np

from engine.nlu.familiar import Familiar
from engine.nlu.features import Recipe, TextFeatures
from engine.nlu.linear import LinearModel, held_out, intent_of
from engine.nlu.noise import lost_copies, misspelt_copies

_HEARD_EVERY = 4
"""Of so many texts one has a copy with a character lost that carries its sentence vector: encoding takes time."""


def train_classifier(
    texts: Sequence[str],
    labels: Sequence[str],
    vectors: np.ndarray,
    recipe: Recipe,
    penalty: float,
    noisy: bool = True,
    encode: Optional[Callable[[List[str]], np.ndarray]] = None,
    wary_of: str = "",
    goods: Sequence[str] = (),
) -> Tuple[TextFeatures, LinearModel]:
    """Fit features and classifier.

    Copies that are misspelt by sound carry no sentence vector: the encoder does not know the wrong
    words anyway, and without it the classifier must learn to do with letters and sounds alone. Of
    those that lost a character some carry their own: it tells how far the encoder is led astray.

    Args:
        texts: the examples.
        labels: one for each.
        vectors: sentence vectors, one row for each.
        recipe: how much each kind of feature counts.
        penalty: the machine's C.
        noisy: also learn from misspelt copies.
        encode: gives the sentence vectors of copies; without it they have none.
        wary_of: the intent of what is none of ours (``LinearModel.fit``).
        goods: names of the shop's articles, which are never strange.
    """
    numbers = range(len(texts)) if noisy else ()
    heard: List[Tuple[int, str]] = []
    silent = [(i, copy) for i in numbers for copy in misspelt_copies(texts[i])]
    for i in numbers:
        copies = [(i, copy) for copy in lost_copies(texts[i])]
        most = 1 if encode and crc32(texts[i].encode()) % _HEARD_EVERY == 0 else 0
        heard += copies[:most]
        silent += copies[most:]
    origin = [*range(len(texts)), *(i for i, _ in silent), *(i for i, _ in heard)]
    width = vectors.shape[1]
    encoded = encode([copy for _, copy in heard]) if encode else np.zeros((0, width), np.float32)
    features, matrix = TextFeatures.learn(
        [*texts, *(copy for _, copy in [*silent, *heard])],
        np.concatenate([vectors, np.zeros((len(silent), width), np.float32), encoded]),
        recipe,
    )
    held = held_out(labels, wary_of)
    model = LinearModel.fit(
        matrix,
        [labels[number] for number in origin],
        penalty,
        origin=origin,
        dense=width if recipe.sentence else 0,
        wary_of=wary_of,
        held=held,
        strangeness=_strangeness(texts, labels, wary_of, held, goods) if wary_of else None,
    )
    return features, model


def _strangeness(
    texts: Sequence[str],
    labels: Sequence[str],
    wary_of: str,
    held: np.ndarray,
    goods: Sequence[str],
) -> np.ndarray:
    """How strange the held texts are to who knows the others that are ours."""
    known = np.array([intent_of(label) != wary_of for label in labels])
    known[held] = False
    ours = [texts[i] for i in np.flatnonzero(known)]
    return Familiar.fit(ours, goods).matrix([texts[i] for i in held])
