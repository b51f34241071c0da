"""Trains one of our linear classifiers on texts."""

from __future__ import annotations

from typing import Callable, Container, List, Optional, Sequence, Tuple
from zlib import crc32

import numpy as np

from engine.nlu.familiar import Familiar
from engine.nlu.features import Recipe, TextFeatures
from engine.nlu.linear import LinearModel, held_out, intent_of
from engine.nlu.noise import NO_ASIDES, Asides, lost_copies, misspelt_copies

_ASIDE_EVERY = 2
"""Of so many texts one has a copy with an aside: its sentence vector takes time."""


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
    asides: Asides = NO_ASIDES,
    bare: Container[str] = (),
) -> Tuple[TextFeatures, LinearModel]:
    """Fit features and classifier.

    Copies that are misspelt, or lack a character, carry no sentence vector: the encoder does not know the wrong
    words anyway, and without it the classifier must learn to do with letters and sounds alone. Those with an aside
    carry theirs: it tells how far the encoder is led astray.

    Args:
        texts: the examples.
        labels: one for each.
        vectors: sentence vectors, one row for each.
        recipe: how much each kind of feature counts.
        penalty: the machine's C.
        noisy: also learn from misspelt copies.
        encode: gives the sentence vectors of copies with an aside; without it there are no such copies.
        wary_of: the intent of what is none of ours (``LinearModel.fit``).
        goods: names of the shop's articles, which are never strange.
        asides: what people say around a matter; some of the texts are also learned with one of them.
        bare: the intents of texts that have none: they are asides themselves.
    """
    numbers = range(len(texts)) if noisy else ()
    silent: List[Tuple[int, str]] = []
    heard: List[Tuple[int, str]] = []
    for i in numbers:
        silent += [(i, copy) for copy in [*misspelt_copies(texts[i]), *lost_copies(texts[i])]]
        hears = encode is not None and crc32(texts[i].encode()) % _ASIDE_EVERY == 0
        if hears and intent_of(labels[i]) not in bare:
            heard += [(i, copy) for copy in asides.copies(texts[i])]
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
