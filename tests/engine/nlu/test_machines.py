"""All classes at once are learned as scikit-learn learns them one by one."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse
from sklearn.svm import LinearSVC

from engine.nlu.machines import fit_machines

ROWS, COLUMNS, DENSE, CLASSES = 600, 40, 6, 4
PENALTY = 0.3


@pytest.fixture(scope="module")
def wanted() -> np.ndarray:
    return np.random.default_rng(1).integers(0, CLASSES, ROWS)


@pytest.fixture(scope="module")
def features(wanted: np.ndarray) -> scipy.sparse.csr_matrix:
    """Few of the columns in each row, and a vector in every second one; both tell a little of the class."""
    rng = np.random.default_rng(2)
    grams = (rng.random((ROWS, COLUMNS)) < 0.15) * rng.random((ROWS, COLUMNS))
    grams[np.arange(ROWS), wanted] += 0.3 * rng.random(ROWS)
    vectors = rng.normal(0, 0.4, (ROWS, DENSE))
    vectors[np.arange(ROWS), wanted] += 0.3
    vectors[::2] = 0.0
    return scipy.sparse.csr_matrix(np.hstack([grams, vectors]), dtype=np.float32)


def learned(
    features: scipy.sparse.csr_matrix, wanted: np.ndarray, weights: np.ndarray, tolerance: float
) -> np.ndarray:
    table, bias = fit_machines(features, DENSE, wanted, weights, PENALTY, tolerance, seed=3)
    return np.asarray(features @ table + bias)


def by_scikit_learn(
    features: scipy.sparse.csr_matrix, wanted: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    given = dict(enumerate(weights))
    machine = LinearSVC(C=PENALTY, class_weight=given, tol=1e-6, max_iter=10_000)
    return np.asarray(machine.fit(features, wanted).decision_function(features))


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0, 1.0), (0.5, 1.0, 2.0, 3.0)])
def test_it_decides_as_scikit_learn_does(
    features: scipy.sparse.csr_matrix, wanted: np.ndarray, weights: tuple[float, ...]
) -> None:
    ours = learned(features, wanted, np.array(weights), 1e-4)
    theirs = by_scikit_learn(features, wanted, np.array(weights))
    assert np.abs(ours - theirs).max() < 0.002
    assert np.abs(theirs).max() > 0.5


def test_a_coarse_answer_is_near_the_exact_one(
    features: scipy.sparse.csr_matrix, wanted: np.ndarray
) -> None:
    weights = np.ones(CLASSES)
    coarse = learned(features, wanted, weights, 0.1)
    exact = learned(features, wanted, weights, 1e-4)
    assert 0.0 < np.abs(coarse - exact).max() < 0.1


def test_the_same_input_gives_the_same_numbers(
    features: scipy.sparse.csr_matrix, wanted: np.ndarray
) -> None:
    weights = np.ones(CLASSES)
    assert np.array_equal(
        learned(features, wanted, weights, 0.1), learned(features, wanted, weights, 0.1)
    )


def test_without_vectors_the_other_features_do(wanted: np.ndarray) -> None:
    features = scipy.sparse.csr_matrix(np.eye(CLASSES, dtype=np.float32)[wanted])
    table, bias = fit_machines(features, 0, wanted, np.ones(CLASSES), PENALTY, 0.01, seed=3)
    assert np.array_equal((features @ table + bias).argmax(axis=1), wanted)


def test_a_class_without_rows_says_no(
    features: scipy.sparse.csr_matrix, wanted: np.ndarray
) -> None:
    decided = learned(features, wanted, np.ones(CLASSES + 1), 0.01)
    assert (decided[:, CLASSES] < 0).all()
