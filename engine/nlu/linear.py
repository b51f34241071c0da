"""A linear classifier over several kinds of features, with honest confidences.

One linear support vector machine a class (``engine.nlu.machines``), trained on all features side by
side. Confidence is calibrated on predictions for a held-out third:

* the ranking is a softmax of the decision values at the temperature of least log loss;
* the first place's confidence is the estimated probability that it is right, from the signs of
  ``engine.nlu.signs``; with ``wary_of``, texts of the intent to be wary of weigh more, and what is held
  out are whole runs of neighbours: lines written in one go are alike, and a customer's are like none.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold

from engine.nlu.signs import PLAIN, plain_signs, softmax, wary_signs

_TEMPERATURES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 3.4, 4.0, 4.8, 5.7, 6.8, 8.0, 11.0)
_FOLDS = 3
"""One of so many parts of the examples is held out for calibration; one is enough of thousands."""
_TOLERANCE = 0.1
"""Of the solver: 1e-4, scikit-learn's own, takes more than twice the time and decides no better."""
_SEED = 20261111
WITHIN = ":"
"""Separates an intent from the part of it that is a class of its own (``faq:shipping``)."""
_WARY = 10.0
"""Weight of a text that is none of ours, when confidence is learned."""
_RUN = 20
"""Neighbouring examples of an intent that are held out together."""
_RUN_FOLDS = 4


@dataclass
class LinearModel:
    """The trained classifier: plain arrays, saved with ``np.savez``."""

    classes: List[str]
    weights: np.ndarray
    """Shape (features, classes)."""
    bias: np.ndarray
    temperature: float
    trust: np.ndarray
    """Coefficients of the confidence in the first place; the last is the intercept."""
    wary_of: str = ""
    """The intent of what is none of ours; with it, confidence has more signs to go by."""

    def __post_init__(self) -> None:
        intents = [intent_of(name) for name in self.classes]
        self.intents = sorted(set(intents))
        self._grouped = np.zeros((len(intents), len(self.intents)), np.float32)
        for row, intent in enumerate(intents):
            self._grouped[row, self.intents.index(intent)] = 1.0
        self._ours = np.array([intent != self.wary_of for intent in intents])

    @classmethod
    def fit(
        cls,
        features: scipy.sparse.csr_matrix,
        labels: Sequence[str],
        penalty: float = 0.5,
        origin: Optional[Sequence[int]] = None,
        jobs: int = 2,
        dense: int = 0,
        wary_of: str = "",
        held: Optional[np.ndarray] = None,
        strangeness: Optional[np.ndarray] = None,
    ) -> "LinearModel":
        """Train and calibrate.

        Args:
            features: one row per text.
            labels: one per text; every label at least once.
            penalty: the machine's C; rare classes are weighed up, by the root of their rarity.
            origin: for each row the row of which it is a copy, itself for an original. Copies
                follow the originals; they are never held out, nor used to judge their original.
            jobs: threads.
            dense: how many of the last columns are the sentence vector.
            wary_of: the intent of texts that are none of ours; with it, confidence has more signs.
            held: the rows to calibrate on, if not those of ``held_out``.
            strangeness: what ``Familiar`` says of the held rows.
        """
        from engine.nlu.machines import fit_machines  # of use to training only, and dear to import

        classes, wanted = np.unique(np.asarray(labels), return_inverse=True)
        everything = np.arange(len(wanted))
        parent = everything if origin is None else np.asarray(origin)
        originals = int((parent == everything).sum())

        weights = _weights(wanted)

        def train(rows: np.ndarray) -> Tuple[np.ndarray, np.ndarray]:
            some = features[rows], dense, wanted[rows]
            return fit_machines(*some, weights, penalty, _TOLERANCE, _SEED)

        if held is None:
            held = held_out(labels[:originals], wary_of)
        parts = [everything] + ([np.flatnonzero(~np.isin(parent, held))] if len(held) else [])
        machines = Parallel(n_jobs=jobs, prefer="threads")(delayed(train)(part) for part in parts)
        model = cls(
            [str(name) for name in classes],
            *machines[0],
            4.0,
            np.zeros(PLAIN + 1, np.float32),
            wary_of,
        )
        if len(held):
            coefficients, bias = machines[1]
            decisions = np.asarray(features[held] @ coefficients + bias)
            sentence = None
            if wary_of and dense:
                sentence = np.asarray(features[held][:, -dense:] @ coefficients[-dense:])
            model._calibrate(decisions, wanted[held], sentence, strangeness)
        return model

    def decide(self, features: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return decision values, one row per text."""
        return np.asarray(features @ self.weights + self.bias, dtype=np.float32)

    def probabilities(
        self,
        decisions: np.ndarray,
        sentence: Optional[np.ndarray] = None,
        strangeness: Optional[np.ndarray] = None,
    ) -> np.ndarray:
        """Return calibrated probabilities per class; rows sum to at most 1.

        Args:
            decisions: one row per text.
            sentence: what the sentence vector adds to them; of use to a wary model only,
            strangeness: what ``Familiar`` says of the texts; as this.
        """
        spread = softmax(self.temperature * decisions.astype(np.float64))
        if not self.trust.any():
            return spread
        shares = spread @ self._grouped
        first = shares.argmax(axis=1)
        rows = np.arange(len(spread))
        signs = self._signs(decisions, sentence, strangeness)
        sure = 1.0 / (1.0 + np.exp(-(signs @ self.trust[:-1] + self.trust[-1])))
        others = 1.0 - shares[rows, first]
        of_first = sure / np.maximum(shares[rows, first], 1e-9)
        of_others = np.minimum((1.0 - sure) / np.maximum(others, 1e-9), of_first)
        scale = np.repeat(of_others[:, None], shares.shape[1], 1)  # the first stays the first
        scale[rows, first] = of_first
        return np.asarray(spread * (scale @ self._grouped.T))

    def _signs(
        self,
        decisions: np.ndarray,
        sentence: Optional[np.ndarray],
        strangeness: Optional[np.ndarray],
    ) -> np.ndarray:
        """What tells whether the first place is right."""
        if not self.wary_of:
            return plain_signs(decisions, softmax(self.temperature * decisions))
        return wary_signs(
            decisions,
            self.bias,
            self.temperature,
            self._grouped,
            self._ours,
            sentence,
            strangeness,
        )

    def _calibrate(
        self,
        decisions: np.ndarray,
        wanted: np.ndarray,
        sentence: Optional[np.ndarray],
        strangeness: Optional[np.ndarray],
    ) -> None:
        rows = np.arange(len(wanted))

        def loss(temperature: float) -> float:
            chosen = softmax(temperature * decisions)[rows, wanted]
            return float(-np.log(np.maximum(chosen, 1e-9)).mean())

        self.temperature = min(_TEMPERATURES, key=loss)
        spread = softmax(self.temperature * decisions)
        signs = self._signs(decisions, sentence, strangeness)
        weight = np.ones(len(wanted))
        if self.wary_of:
            meant = self._grouped.argmax(axis=1)[wanted]
            right = (spread @ self._grouped).argmax(axis=1) == meant
            weight[~self._ours[wanted]] = _WARY
            middle, width = signs.mean(axis=0), signs.std(axis=0) + 1e-6
        else:
            right = decisions.argmax(axis=1) == wanted
            middle, width = np.zeros(signs.shape[1]), np.ones(signs.shape[1])
        if right.all() or not right.any():
            return
        line = LogisticRegression(C=1.0 if self.wary_of else 10.0, max_iter=3000)
        line.fit((signs - middle) / width, right, sample_weight=weight)
        slope = line.coef_[0] / width
        self.trust = np.append(slope, line.intercept_[0] - slope @ middle).astype(np.float32)

    def arrays(self) -> Dict[str, Any]:
        """Return what to keep; of the weights three digits, which decide alike in half the space."""
        return {
            "classes": np.array(self.classes),
            "weights": self.weights.astype(np.float16),
            "bias": self.bias,
            "temperature": np.array(self.temperature),
            "trust": self.trust,
            "wary_of": np.array(self.wary_of),
        }

    @classmethod
    def from_arrays(cls, arrays: Any) -> "LinearModel":
        """Read what ``arrays`` gave."""
        return cls(
            [str(name) for name in arrays["classes"]],
            arrays["weights"].astype(np.float32),
            arrays["bias"],
            float(arrays["temperature"]),
            arrays["trust"],
            str(arrays["wary_of"]),
        )


def intent_of(label: str) -> str:
    """The intent that a class belongs to: itself, or what it is a part of."""
    return label.split(WITHIN)[0]


def _weights(wanted: np.ndarray) -> np.ndarray:
    """Weight of each class: fully balanced ones let small classes claim too much."""
    counts = np.bincount(wanted)
    return np.asarray(np.sqrt(len(wanted) / (len(counts) * counts)))


def held_out(labels: Sequence[str], wary_of: str = "") -> np.ndarray:
    """Rows to calibrate on: none where a class is too rare for it; runs of neighbours if wary."""
    if wary_of:
        counts: Counter[str] = Counter()
        held = []
        for row, label in enumerate(labels):
            intent = intent_of(label)
            if counts[intent] // _RUN % _RUN_FOLDS == _RUN_FOLDS // 2:
                held.append(row)
            counts[intent] += 1
        return np.array(held, dtype=np.intp)
    if not labels or min(Counter(labels).values()) < _FOLDS:
        return np.array([], dtype=np.intp)
    split = StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED)
    _, rows = next(split.split(np.zeros(len(labels)), labels))
    return np.asarray(rows)
