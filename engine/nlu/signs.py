"""What tells whether the likeliest class of a text is right: the numbers behind a confidence.

Four signs for every model: log odds of the first place, its lead over the second, entropy, and its
bare decision value. That last one is the rejection score: it is low where *no* class claims the text,
however far the best is ahead. A wary model, which knows what is none of ours, asks more:

* two witnesses: what n-grams alone and the sentence vector alone make of the first place;
* the strongest claim of what is none of ours, and the strongest of what is;
* how strange the text is (``engine.nlu.familiar``);
* the squares of all these: a claim twice as strong is not twice as good a sign;
* which intent it is.
"""

from __future__ import annotations

from typing import Optional

import numpy as np

from engine.nlu.familiar import SIGNS as STRANGE

PLAIN = 4
"""How many ``plain_signs`` there are."""
_NGRAMS_ALONE, _SENTENCE_ALONE = 1.6, 2.0
"""How much one part of the decision is raised to stand for the whole."""
_NO_CLAIM = -5.0
"""Lower than any machine decides."""


def softmax(values: np.ndarray) -> np.ndarray:
    """Row-wise softmax."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def plain_signs(decisions: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """The four signs of every model; ``spread`` is the softmax of the decisions."""
    best = np.sort(spread, axis=1)[:, ::-1]
    first = np.clip(best[:, 0], 1e-6, 1 - 1e-6)
    second = best[:, 1] if best.shape[1] > 1 else np.zeros(len(best))
    entropy = -(spread * np.log(spread + 1e-9)).sum(axis=1)
    return np.stack(
        [np.log(first / (1 - first)), first - second, entropy, decisions.max(axis=1)], axis=1
    )


def wary_signs(
    decisions: np.ndarray,
    bias: np.ndarray,
    temperature: float,
    grouped: np.ndarray,
    ours: np.ndarray,
    sentence: Optional[np.ndarray],
    strangeness: Optional[np.ndarray],
) -> np.ndarray:
    """All signs of a wary model.

    Args:
        decisions: one row a text, one column a class.
        bias: of each class.
        temperature: of the softmax.
        grouped: which intent (column) each class (row) is part of.
        ours: for each class, whether it is one of ours to answer.
        sentence: what the sentence vector adds to the decisions; nothing where it is not known.
        strangeness: what ``Familiar`` says of the texts.
    """
    spread = softmax(temperature * decisions)
    dense = np.zeros_like(decisions) if sentence is None else sentence
    strange = np.zeros((len(decisions), STRANGE)) if strangeness is None else strangeness
    rows, first = np.arange(len(decisions)), decisions.argmax(axis=1)
    intent = (spread @ grouped).argmax(axis=1)
    signs = [plain_signs(decisions, spread)]
    for witness in (
        (decisions - dense - bias) * _NGRAMS_ALONE + bias,
        dense * _SENTENCE_ALONE + bias,
    ):
        shares = softmax(temperature * witness) @ grouped
        agrees = (shares.argmax(axis=1) == intent) * 1.0
        signs.append(np.stack([shares[rows, intent], agrees, witness[rows, first]], axis=1))
    claims = [decisions[:, side].max(axis=1, initial=_NO_CLAIM) for side in (~ours, ours)]
    measured = np.concatenate([*signs, np.stack(claims, axis=1), strange], axis=1)
    return np.concatenate([measured, measured**2, np.eye(grouped.shape[1])[intent]], axis=1)
