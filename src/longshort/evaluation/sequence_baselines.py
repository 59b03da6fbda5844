"""The baselines of a model of sequences of numbers; fitted on the training split alone."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression, RidgeCV
from sklearn.neighbors import NearestNeighbors
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from longshort.errors import DataError
from longshort.evaluation.arrays import Floats, Integers, checked_targets
from longshort.evaluation.baselines import Baseline, majority
from longshort.evaluation.summaries import resampled, summaries

__all__ = [
    "MEAN",
    "NEAREST",
    "RESAMPLED_LOGISTIC",
    "RESAMPLED_RIDGE",
    "SUMMARY_LOGISTIC",
    "SUMMARY_RIDGE",
    "RegressionBaseline",
    "classification_baselines",
    "regression_baselines",
]

MEAN = "mean of the targets"
SUMMARY_LOGISTIC = "summary features + logistic regression"
SUMMARY_RIDGE = "summary features + ridge regression"
RESAMPLED_LOGISTIC = "resampled series + logistic regression"
RESAMPLED_RIDGE = "resampled series + ridge regression"
NEAREST = "1-nearest neighbour"

MOST_NUMBERS = 8_192
"""Numbers per resampled sequence: beyond them, steps are left out evenly."""

STRENGTHS = np.logspace(-2, 4, 13)
"""Penalties of ridge regression, of which leave-one-out chooses one."""

Inputs = tuple[Floats, Floats]
"""Features of the training sequences `(sequences, features)` and of the test sequences, float64."""


@dataclass(frozen=True, kw_only=True, eq=False)
class RegressionBaseline:
    """A baseline's answers.

    Attributes:
        name: `MEAN`, `SUMMARY_RIDGE`, `RESAMPLED_RIDGE` or `NEAREST`.
        predictions: `(test sequences,)` float64, in the unit of the targets.
        seconds: time that fitting and answering took.
    """

    name: str
    predictions: Floats
    seconds: float


def classification_baselines(
    train: Sequence[ArrayLike], train_targets: ArrayLike, test: Sequence[ArrayLike], labels: Sequence[str]
) -> list[Baseline]:
    """Answer the test sequences in the simplest ways there are.

    The most frequent class; logistic regression on summary features of each channel (`summaries`); the same on each
    sequence resampled to one length; the class of the nearest training sequence, by Euclidean distance after the same
    resampling. A gap holds the last value before it; channels are standardised by the training sequences.

    Args:
        train: the training sequences, each `(steps, channels)` float, NaN if a value is missing.
        train_targets: `(sequences,)` class numbers.
        test: the sequences to answer.
        labels: names of the classes.

    Raises:
        DataError: not one target per training sequence, a number that stands for no class, no training sequence, or
            sequences that differ in their number of channels.
    """
    truth = checked_targets(train_targets, len(labels), multi_label=False)
    _check(train, truth, test)
    ways: list[tuple[str, Callable[[], Inputs], Callable[[Inputs, Integers, int], Floats]]] = [
        (SUMMARY_LOGISTIC, lambda: _summarised(train, test), _logistic),
        (RESAMPLED_LOGISTIC, lambda: _flattened(train, test), _logistic),
        (NEAREST, lambda: _flattened(train, test), _nearest_class),
    ]
    found = [majority(truth, labels, len(test))]
    for name, inputs, answer in ways:
        start = time.perf_counter()
        probabilities = answer(inputs(), truth, len(labels))
        found.append(Baseline(name=name, probabilities=probabilities, seconds=time.perf_counter() - start))
    return found


def regression_baselines(
    train: Sequence[ArrayLike], train_targets: ArrayLike, test: Sequence[ArrayLike]
) -> list[RegressionBaseline]:
    """The mean of the targets, ridge regression on the same features as for classes, and the nearest's target.

    Args:
        train: the training sequences, each `(steps, channels)` float, NaN if a value is missing.
        train_targets: `(sequences,)` float.
        test: the sequences to answer.

    Raises:
        DataError: not one finite target per training sequence, no training sequence, or sequences that differ in their
            number of channels.
    """
    truth = np.asarray(train_targets, dtype=np.float64)
    _check(train, truth, test)
    ways: list[tuple[str, Callable[[], Inputs], Callable[[Inputs, Floats], Floats]]] = [
        (MEAN, lambda: (np.zeros((len(train), 1)), np.zeros((len(test), 1))), _mean),
        (SUMMARY_RIDGE, lambda: _summarised(train, test), _ridge),
        (RESAMPLED_RIDGE, lambda: _flattened(train, test), _ridge),
        (NEAREST, lambda: _flattened(train, test), _nearest_target),
    ]
    found = []
    for name, inputs, answer in ways:
        start = time.perf_counter()
        predictions = answer(inputs(), truth)
        found.append(RegressionBaseline(name=name, predictions=predictions, seconds=time.perf_counter() - start))
    return found


def _check(train: Sequence[ArrayLike], truth: Integers | Floats, test: Sequence[ArrayLike]) -> None:
    if truth.shape != (len(train),) or not len(train) or not bool(np.isfinite(truth).all()):
        raise DataError(
            f"Each training sequence has one finite target, and there is at least one; "
            f"got {len(train)} sequences and targets of shape {truth.shape}.",
            "Give the targets of the same rows as the sequences.",
        )
    channels = {np.shape(each)[1:] for each in (*train, *test)}
    if len(channels) > 1 or len(next(iter(channels))) != 1 or any(not np.shape(each)[0] for each in (*train, *test)):
        raise DataError(
            f"Sequences are arrays (steps, channels) with at least one step, all of as many channels; got {channels}.",
            "A single channel is an array (steps, 1).",
        )


def _summarised(train: Sequence[ArrayLike], test: Sequence[ArrayLike]) -> Inputs:
    return summaries(train), summaries(test) if len(test) else np.empty((0, 0))


def _flattened(train: Sequence[ArrayLike], test: Sequence[ArrayLike]) -> Inputs:
    """Each sequence at the median length of the training split, standardised per channel, as one row."""
    channels = np.shape(train[0])[1]
    steps = int(np.median([np.shape(each)[0] for each in train]))
    steps = max(1, min(steps, MOST_NUMBERS // channels))
    fitted = resampled(train, steps)
    mean, deviation = fitted.mean(axis=(0, 1)), fitted.std(axis=(0, 1))
    scale = np.where(deviation > 0, deviation, 1.0)
    other = resampled(test, steps) if len(test) else np.empty((0, steps, channels))
    rows = [((each - mean) / scale).reshape(len(each), steps * channels) for each in (fitted, other)]
    return rows[0], rows[1]


def _logistic(inputs: Inputs, truth: Integers, classes: int) -> Floats:
    train, test = inputs
    seen = np.unique(truth)
    probabilities = np.zeros((len(test), classes))
    if len(seen) == 1 or not len(test):
        probabilities[:, seen] = 1 / len(seen)
        return probabilities
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000))
    with warnings.catch_warnings():
        # After 1,000 steps the answers no longer change in any digit that the report shows.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(train, truth)
    probabilities[:, seen] = model.predict_proba(test)
    return probabilities


def _nearest_class(inputs: Inputs, truth: Integers, classes: int) -> Floats:
    chosen: Floats = np.eye(classes)[truth[_nearest(inputs)]]
    return chosen


def _nearest_target(inputs: Inputs, truth: Floats) -> Floats:
    return truth[_nearest(inputs)]


def _nearest(inputs: Inputs) -> Integers:
    """`(test sequences,)`: the row of the training sequence that is nearest."""
    train, test = inputs
    if not len(test):
        return np.empty(0, np.int64)
    found: Integers = NearestNeighbors(n_neighbors=1).fit(train).kneighbors(test, return_distance=False)[:, 0]
    return found


def _ridge(inputs: Inputs, truth: Floats) -> Floats:
    train, test = inputs
    if len(train) < 2 or not len(test):
        return _mean(inputs, truth)
    answers: Floats = make_pipeline(StandardScaler(), RidgeCV(STRENGTHS)).fit(train, truth).predict(test)
    return answers


def _mean(inputs: Inputs, truth: Floats) -> Floats:
    return np.full(len(inputs[1]), truth.mean())
