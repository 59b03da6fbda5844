"""The examples that are looked into are what they are called, and none stands twice."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from longshort.evaluation.typical import first_of, typical_answers, typical_numbers

PROBABILITIES = np.array([[0.9, 0.1], [0.55, 0.45], [0.2, 0.8], [0.99, 0.01], [0.4, 0.6]])
TRUTH = np.array([0, 0, 0, 1, 1])


def test_right_wrong_and_undecided() -> None:
    right = PROBABILITIES.argmax(axis=1) == TRUTH
    truth = PROBABILITIES[np.arange(5), TRUTH]
    found = typical_answers(PROBABILITIES, right, truth, first_of(np.ones(5, dtype=bool)))
    assert [(each.key, each.place) for each in found] == [("right", 0), ("wrong", 3), ("undecided", 1)]


def test_only_what_is_allowed_is_taken() -> None:
    right = PROBABILITIES.argmax(axis=1) == TRUTH
    truth = PROBABILITIES[np.arange(5), TRUTH]
    allowed = np.array([False, False, True, False, True])
    found = typical_answers(PROBABILITIES, right, truth, first_of(allowed))
    assert [(each.key, each.place) for each in found] == [("right", 4), ("wrong", 2)]
    assert typical_answers(PROBABILITIES, right, truth, first_of(np.zeros(5, dtype=bool))) == []


@given(errors=arrays(np.float64, st.integers(0, 9), elements=st.floats(0, 9)), seed=st.integers(0, 9))
def test_of_numbers_the_nearest_and_the_furthest(errors: np.ndarray, seed: int) -> None:
    allowed = np.random.default_rng(seed).random(len(errors)) < 0.8
    found = {each.key: each.place for each in typical_numbers(errors, first_of(allowed))}
    assert len(found) == min(2, allowed.sum()) == len(set(found.values()))
    if found:
        assert errors[found["right"]] == errors[allowed].min()
    if len(found) == 2:
        assert errors[found["wrong"]] == errors[allowed].max()
