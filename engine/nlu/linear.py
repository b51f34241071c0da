"""A linear classifier over several kinds of features, with honest confidences.

One linear support vector machine a class (scikit-learn's LinearSVC, its own C), trained on all
features side by side. Confidence is calibrated on predictions for a held-out third:

* the ranking is a softmax of the decision values at the temperature of least log loss;
* the first place's confidence is the estimated probability that it is right, from the softmax,
  its entropy, the lead over the second place and the decision value itself. That last one is the
  rejection score: it is low where *no* class claims the text, however far the best is ahead.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Optional, Sequence, Tuple

import numpy as np
import scipy.sparse
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

_TEMPERATURES = (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 3.4, 4.0, 4.8, 5.7, 6.8, 8.0, 11.0)
_FOLDS = 3
"""One of so many parts of the examples is held out for calibration; one is enough of thousands."""
_TOLERANCE = 0.05
"""Of the solver: half the time of scikit-learn's 1e-4, and no text is decided otherwise."""
_SEED = 20261111


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

    @classmethod
    def fit(
        cls,
        features: scipy.sparse.csr_matrix,
        labels: Sequence[str],
        penalty: float = 0.5,
        origin: Optional[Sequence[int]] = None,
        jobs: int = 2,
    ) -> "LinearModel":
        """Train and calibrate.

        Args:
            features: one row per text.
            labels: one per text; every label at least once.
            penalty: the machine's C; rare classes are weighed up, by the root of their rarity.
            origin: for each row the row of which it is a copy, itself for an original. Copies
                follow the originals; they are never held out, nor used to judge their original.
            jobs: threads.
        """
        classes, wanted = np.unique(np.asarray(labels), return_inverse=True)
        everything = np.arange(len(wanted))
        parent = everything if origin is None else np.asarray(origin)
        originals = int((parent == everything).sum())

        weights = dict(enumerate(_weights(wanted)))

        def train(rows: np.ndarray) -> LinearSVC:
            machine = LinearSVC(C=penalty, class_weight=weights, tol=_TOLERANCE, random_state=_SEED)
            return machine.fit(features[rows], wanted[rows])

        held = _held_out(wanted[:originals])
        parts = [everything] + ([np.flatnonzero(~np.isin(parent, held))] if len(held) else [])
        machines = Parallel(n_jobs=jobs, prefer="threads")(delayed(train)(part) for part in parts)
        coefficients, bias = _coefficients(machines[0])
        model = cls(
            [str(name) for name in classes], coefficients, bias, 4.0, np.zeros(5, np.float32)
        )
        if len(held):
            known, values = _decide(machines[1], features[held])
            decisions = np.zeros((len(held), len(classes)), dtype=np.float32)
            decisions[:, known] = values
            model._calibrate(decisions, wanted[held])
        return model

    def decide(self, features: scipy.sparse.csr_matrix) -> np.ndarray:
        """Return decision values, one row per text."""
        return np.asarray(features @ self.weights + self.bias, dtype=np.float32)

    def probabilities(self, decisions: np.ndarray) -> np.ndarray:
        """Return calibrated probabilities per class; rows sum to at most 1."""
        spread = softmax(self.temperature * decisions)
        if not self.trust.any():
            return spread
        first = spread.argmax(axis=1)
        rows = np.arange(len(spread))
        sure = 1.0 / (1.0 + np.exp(-(_signs(decisions, spread) @ self.trust[:-1] + self.trust[-1])))
        others = 1.0 - spread[rows, first]
        scaled = spread * ((1.0 - sure) / np.maximum(others, 1e-9))[:, None]
        scaled = np.minimum(scaled, sure[:, None])
        scaled[rows, first] = sure
        return scaled

    def _calibrate(self, decisions: np.ndarray, wanted: np.ndarray) -> None:
        rows = np.arange(len(wanted))

        def loss(temperature: float) -> float:
            chosen = softmax(temperature * decisions)[rows, wanted]
            return float(-np.log(np.maximum(chosen, 1e-9)).mean())

        self.temperature = min(_TEMPERATURES, key=loss)
        right = decisions.argmax(axis=1) == wanted
        if right.all() or not right.any():
            return
        signs = _signs(decisions, softmax(self.temperature * decisions))
        line = LogisticRegression(C=10.0).fit(signs, right)
        self.trust = np.append(line.coef_[0], line.intercept_[0]).astype(np.float32)

    def arrays(self) -> Dict[str, Any]:
        """Return what to keep."""
        return {
            "classes": np.array(self.classes),
            "weights": self.weights,
            "bias": self.bias,
            "temperature": np.array(self.temperature),
            "trust": self.trust,
        }

    @classmethod
    def from_arrays(cls, arrays: Any) -> "LinearModel":
        """Read what ``arrays`` gave."""
        return cls(
            [str(name) for name in arrays["classes"]],
            arrays["weights"],
            arrays["bias"],
            float(arrays["temperature"]),
            arrays["trust"],
        )


def softmax(values: np.ndarray) -> np.ndarray:
    """Row-wise softmax."""
    raised = np.exp(values - values.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _signs(decisions: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """What tells whether the first place is right."""
    best = np.sort(spread, axis=1)[:, ::-1]
    first = np.clip(best[:, 0], 1e-6, 1 - 1e-6)
    second = best[:, 1] if best.shape[1] > 1 else np.zeros(len(best))
    entropy = -(spread * np.log(spread + 1e-9)).sum(axis=1)
    return np.stack(
        [np.log(first / (1 - first)), first - second, entropy, decisions.max(axis=1)], axis=1
    )


def _weights(wanted: np.ndarray) -> np.ndarray:
    """Weight of each class: fully balanced ones let small classes claim too much."""
    counts = np.bincount(wanted)
    return np.asarray(np.sqrt(len(wanted) / (len(counts) * counts)))


def _held_out(wanted: np.ndarray) -> np.ndarray:
    """Rows to calibrate on; none where a class is too rare for it."""
    if len(wanted) == 0 or np.bincount(wanted).min() < _FOLDS:
        return np.array([], dtype=np.intp)
    split = StratifiedKFold(_FOLDS, shuffle=True, random_state=_SEED)
    _, held = next(split.split(np.zeros(len(wanted)), wanted))
    return np.asarray(held)


def _coefficients(machine: LinearSVC) -> Tuple[np.ndarray, np.ndarray]:
    weights = machine.coef_.T.astype(np.float32)
    bias = np.asarray(machine.intercept_, dtype=np.float32)
    if weights.shape[1] == 1:  # two classes: scikit-learn keeps one machine
        return np.concatenate([-weights, weights], axis=1), np.concatenate([-bias, bias])
    return weights, bias


def _decide(machine: LinearSVC, features: scipy.sparse.csr_matrix) -> Tuple[np.ndarray, np.ndarray]:
    values = machine.decision_function(features)
    if values.ndim == 1:
        values = np.stack([-values, values], axis=1)
    return machine.classes_, values.astype(np.float32)
