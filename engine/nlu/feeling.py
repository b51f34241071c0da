"""How a text feels, as four yes-or-no questions asked of the same features.

Is it negative; if not, is it positive; if so, is it beyond light, is it severe. Each is a logistic
regression, so that its answer is a probability and the thresholds above it mean something: one
model over all levels could only say which is likeliest. What the lexicon finds is a feature like
any other; training decides what a word of a level weighs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Sequence

import numpy as np
import scipy.sparse
from joblib import Parallel, delayed
from sklearn.linear_model import LogisticRegression

LEVELS = ("light", "medium", "severe")
_QUESTIONS = ("negative", "positive", "beyond_light", "severe")
_TOLERANCE = 0.01
_SEED = 20261111


@dataclass
class FeelingModel:
    """The trained questions: plain arrays, saved with ``np.savez``."""

    weights: np.ndarray
    """Shape (text features, questions)."""
    words: np.ndarray
    """Shape (kinds of lexicon words, questions)."""
    bias: np.ndarray

    @classmethod
    def fit(
        cls,
        features: scipy.sparse.csr_matrix,
        hits: np.ndarray,
        classes: Sequence[str],
        penalty: float,
        jobs: int = 2,
    ) -> "FeelingModel":
        """Train.

        Args:
            features: one row a text.
            hits: lexicon hits, one row a text and one column for each kind of word.
            classes: ``positive``, ``neutral`` or a level for each text.
            penalty: the C of the regressions.
            jobs: threads.
        """
        known = np.asarray(classes)
        negative = np.isin(known, LEVELS)
        rows = {
            "negative": (np.ones(len(known), dtype=bool), negative),
            "positive": (~negative, known == "positive"),
            "beyond_light": (negative, known != "light"),
            "severe": (negative, known == "severe"),
        }
        everything = scipy.sparse.hstack([features, scipy.sparse.csr_matrix(hits)], format="csr")
        lines = Parallel(n_jobs=jobs, prefer="threads")(
            delayed(_line)(everything[rows[name][0]], rows[name][1][rows[name][0]], penalty)
            for name in _QUESTIONS
        )
        table = np.stack([line[:-1] for line in lines], axis=1).astype(np.float32)
        bias = np.array([line[-1] for line in lines], dtype=np.float32)
        return cls(table[: features.shape[1]], table[features.shape[1] :], bias)

    def shares(self, values: np.ndarray) -> Dict[str, float]:
        """Turn the four decision values of one text into probabilities of all classes."""
        yes = 1.0 / (1.0 + np.exp(-np.clip(values, -30, 30)))
        negative, positive, beyond, severe = (float(share) for share in yes)
        severe = min(severe, beyond)
        return {
            "positive": (1 - negative) * positive,
            "neutral": (1 - negative) * (1 - positive),
            "light": negative * (1 - beyond),
            "medium": negative * (beyond - severe),
            "severe": negative * severe,
        }

    def arrays(self) -> Dict[str, Any]:
        """Return what to keep."""
        return {"weights": self.weights, "words": self.words, "bias": self.bias}

    @classmethod
    def from_arrays(cls, arrays: Any) -> "FeelingModel":
        """Read what ``arrays`` gave."""
        return cls(arrays["weights"], arrays["words"], arrays["bias"])


def _line(features: scipy.sparse.csr_matrix, wanted: np.ndarray, penalty: float) -> np.ndarray:
    """Coefficients and intercept of one question; a question without both answers says no."""
    if wanted.all() or not wanted.any():
        return np.append(np.zeros(features.shape[1]), 10.0 if wanted.all() else -10.0)
    line = LogisticRegression(
        C=penalty, solver="liblinear", tol=_TOLERANCE, random_state=_SEED
    ).fit(features, wanted)
    return np.append(line.coef_[0], line.intercept_[0])
