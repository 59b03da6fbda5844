"""The baselines of sequence models, on problems whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from longshort.errors import DataError
from longshort.evaluation.sequence_baselines import (
    MEAN,
    NEAREST,
    RESAMPLED_LOGISTIC,
    RESAMPLED_RIDGE,
    SUMMARY_LOGISTIC,
    SUMMARY_RIDGE,
    classification_baselines,
    regression_baselines,
)

LABELS = ["flat", "rising"]


def rising(count: int, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Sequences of 5 to 20 steps and 2 channels; in the second class the first channel rises."""
    draw = np.random.default_rng(seed)
    targets = np.arange(count) % 2
    sequences = []
    for target in targets:
        values = draw.normal(0, 0.1, (draw.integers(5, 21), 2))
        values[:, 0] += target * np.linspace(-1, 1, len(values))
        sequences.append(values)
    return sequences, targets


def test_each_baseline_finds_a_rise() -> None:
    train, targets = rising(60, seed=0)
    test, truth = rising(40, seed=1)
    found = {each.name: each for each in classification_baselines(train, targets, test, LABELS)}
    assert list(found) == ["majority class", SUMMARY_LOGISTIC, RESAMPLED_LOGISTIC, NEAREST]
    assert found["majority class"].probabilities.tolist() == [[0.5, 0.5]] * 40
    for name in (SUMMARY_LOGISTIC, RESAMPLED_LOGISTIC, NEAREST):
        assert (found[name].probabilities.argmax(1) == truth).mean() > 0.95
        assert found[name].probabilities.sum(1) == pytest.approx(np.ones(40))
        assert found[name].seconds >= 0


def test_the_nearest_neighbour_of_a_training_sequence_is_itself() -> None:
    train, targets = rising(20, seed=0)
    nearest = classification_baselines(train, targets, train, LABELS)[-1]
    assert nearest.probabilities.tolist() == np.eye(2)[targets].tolist()


def test_a_class_without_training_sequences_gets_no_probability() -> None:
    train, targets = rising(20, seed=0)
    for baseline in classification_baselines(train, 2 * targets, train[:3], ["a", "b", "c"]):
        assert baseline.probabilities.shape == (3, 3)
        assert baseline.probabilities[:, 1].tolist() == [0, 0, 0]


def test_one_class_and_gaps_are_answered() -> None:
    train, targets = rising(6, seed=0)
    train[0][:] = np.nan
    for baseline in classification_baselines(train, 0 * targets, train, LABELS):
        assert baseline.probabilities.tolist() == [[1, 0]] * 6


def test_each_regression_finds_a_level() -> None:
    draw = np.random.default_rng(0)
    sequences = [np.full((draw.integers(3, 9), 1), level) for level in draw.normal(0, 1, 80)]
    targets = np.array([1000 + 10 * each[0, 0] for each in sequences])
    found = {each.name: each for each in regression_baselines(sequences[:60], targets[:60], sequences[60:])}
    assert list(found) == [MEAN, SUMMARY_RIDGE, RESAMPLED_RIDGE, NEAREST]
    assert found[MEAN].predictions.tolist() == [targets[:60].mean()] * 20
    for name, error in ((SUMMARY_RIDGE, 0.5), (RESAMPLED_RIDGE, 0.5), (NEAREST, 8.0)):
        assert np.abs(found[name].predictions - targets[60:]).max() < error


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_sequences_are_enough(count: int) -> None:
    train, targets = rising(count, seed=0)
    assert len(classification_baselines(train, targets, train, LABELS)) == 4
    assert len(regression_baselines(train, targets.astype(float), train)) == 4


def test_no_test_sequence_gets_no_answer() -> None:
    train, targets = rising(10, seed=0)
    assert all(each.probabilities.shape == (0, 2) for each in classification_baselines(train, targets, [], LABELS))
    assert all(each.predictions.shape == (0,) for each in regression_baselines(train, targets, []))


def test_the_test_sequences_change_no_answer() -> None:
    train, targets = rising(20, seed=0)
    test, _ = rising(6, seed=1)
    together, alone = (classification_baselines(train, targets, each, LABELS) for each in (test, test[:1]))
    for one, other in zip(together, alone, strict=True):
        assert one.probabilities[:1] == pytest.approx(other.probabilities)


@pytest.mark.parametrize(
    ("train", "targets", "message"),
    [
        ([np.zeros((3, 1))], [0, 1], "Each training sequence has one finite target"),
        ([], [], "The targets of 2 classes must have the shape"),
        ([np.zeros((3, 1)), np.zeros((3, 2))], [0, 1], "all of as many channels"),
        ([np.zeros(3), np.zeros(3)], [0, 1], "Sequences are arrays (steps, channels)"),
        ([np.zeros((0, 1)), np.zeros((3, 1))], [0, 1], "with at least one step"),
    ],
)
def test_what_does_not_fit_is_said(train: list[np.ndarray], targets: list[int], message: str) -> None:
    with pytest.raises(DataError) as caught:
        classification_baselines(train, targets, train, LABELS)
    assert message in str(caught.value)


def test_a_regression_needs_finite_targets() -> None:
    with pytest.raises(DataError, match="one finite target"):
        regression_baselines([np.zeros((3, 1))], [float("nan")], [])
