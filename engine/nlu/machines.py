"""Trains one linear support vector machine a class, all classes in one pass over the texts.

What is minimised is LIBLINEAR's ``L2R_L2LOSS_SVC`` (scikit-learn's ``LinearSVC``), by the same dual
coordinate descent (Hsieh et al., "A dual coordinate descent method for large-scale linear SVM", ICML
2008, algorithm 1). LIBLINEAR reads all features anew for each class, and a sentence vector as 512 pairs
of index and double; here a row is read once for all classes, and the same answer takes a fifth of the
time. Only training needs this module: it imports Numba, which compiles what follows.
"""

from __future__ import annotations

from typing import Tuple

import numba
import numpy as np
import scipy.sparse

_MOST_PASSES = 200
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)


def fit_machines(
    features: scipy.sparse.csr_matrix,
    dense: int,
    wanted: np.ndarray,
    weights: np.ndarray,
    penalty: float,
    tolerance: float,
    seed: int,
) -> Tuple[np.ndarray, np.ndarray]:
    """Train the machines of all classes; the same input gives the same numbers.

    Args:
        features: one row a text.
        dense: how many of the last columns are a vector, which a row has or has not.
        wanted: the class of each row, from 0; a class without rows gets a machine that says no.
        weights: by how much the penalty of each class's own rows is raised.
        penalty: C.
        tolerance: greatest violation of optimality at which to stop (scikit-learn's ``tol``).
        seed: of the order in which rows are taken.

    Returns:
        Weights of shape (features, classes), and each class's bias.
    """
    edge = features.shape[1] - dense
    sparse, vectors = features[:, :edge].tocsr(), features[:, edge:].tocsr()
    has_vector = np.diff(vectors.indptr) > 0
    squares = np.asarray(features.multiply(features).sum(axis=1)).ravel()
    table = np.zeros((features.shape[1], len(weights)), np.float32)
    bias = np.zeros(len(weights), np.float32)
    problem = (
        sparse.indptr,
        sparse.indices,
        sparse.data.astype(np.float32, copy=False),
        vectors[has_vector].toarray().astype(np.float32, copy=False),
        np.where(has_vector, np.cumsum(has_vector) - 1, -1),
        np.asarray(wanted, dtype=np.int64),
        squares.astype(np.float32) + _ONE,  # the bias is a feature of 1
        (0.5 / (penalty * np.asarray(weights))).astype(np.float32),
        np.float32(0.5 / penalty),
        np.zeros((len(wanted), len(weights)), np.float32),
        table[:edge],
        table[edge:],
        bias,
    )
    dice = np.random.default_rng(seed)
    for _ in range(_MOST_PASSES):
        if _pass(dice.permutation(len(wanted)), *problem) < tolerance:
            break
    return table, bias


@numba.njit(nogil=True)
def _pass(
    rows: np.ndarray,
    starts: np.ndarray,
    columns: np.ndarray,
    values: np.ndarray,
    vectors: np.ndarray,
    vector_of: np.ndarray,
    wanted: np.ndarray,
    squares: np.ndarray,
    slack_of_own: np.ndarray,
    slack_of_others: np.float32,
    duals: np.ndarray,
    of_columns: np.ndarray,
    of_vector: np.ndarray,
    bias: np.ndarray,
) -> np.float32:
    """Improve duals, weights and biases by each row once; return how far one was from its optimum.

    The slacks are the diagonal that the squared loss adds, 1 / 2C, for rows of a class and of others.
    """
    worst = _ZERO
    decided, change = np.zeros(len(bias), np.float32), np.zeros(len(bias), np.float32)
    for row in rows:
        start, end, vector = starts[row], starts[row + 1], vector_of[row]
        for one in range(len(bias)):
            decided[one] = bias[one]
        for at in range(start, end):
            _add(of_columns[columns[at]], values[at], decided)
        if vector >= 0:
            for at in range(len(of_vector)):
                _add(of_vector[at], vectors[vector, at], decided)
        for one in range(len(bias)):
            own = one == wanted[row]
            sign, slack = (_ONE, slack_of_own[one]) if own else (-_ONE, slack_of_others)
            dual = duals[row, one]
            slope = sign * decided[one] - _ONE + slack * dual
            worst = max(worst, abs(slope if dual > _ZERO else min(slope, _ZERO)))
            duals[row, one] = max(_ZERO, dual - slope / (squares[row] + slack))
            change[one] = sign * (duals[row, one] - dual)
        _add(change, _ONE, bias)
        for at in range(start, end):
            _add(change, values[at], of_columns[columns[at]])
        if vector >= 0:
            for at in range(len(of_vector)):
                _add(change, vectors[vector, at], of_vector[at])
    return worst


@numba.njit(nogil=True, inline="always")
def _add(line: np.ndarray, times: np.float32, to: np.ndarray) -> None:
    for one in range(len(to)):
        to[one] += times * line[one]
