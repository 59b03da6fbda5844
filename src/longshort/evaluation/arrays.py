"""Probabilities and targets as arrays: checked once, and turned into answers in one place."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from longshort.errors import DataError

__all__ = ["Floats", "Integers", "answers", "checked_probabilities", "checked_targets", "is_correct", "truth_table"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

# float32 softmax over 10,000 classes sums to 1 within 1e-4; beyond that the numbers are no probabilities.
SUM_TOLERANCE = 1e-3


def checked_targets(targets: ArrayLike, classes: int, *, multi_label: bool) -> Integers:
    """The targets as int64: `(examples,)` in 0..classes-1, or `(examples, classes)` of 0 and 1 for several labels.

    Raises:
        DataError: another shape, no example, or a number that stands for no class.
    """
    array = np.asarray(targets)
    expected = (
        "(examples, classes) with at least one example" if multi_label else "(examples,) with at least one example"
    )
    if array.ndim != (2 if multi_label else 1) or len(array) == 0 or (multi_label and array.shape[1] != classes):
        raise DataError(
            f"The targets of {classes} classes must have the shape {expected}; got {array.shape}.",
            "Several labels per example need multi_label=True; one label per example needs multi_label=False.",
        )
    highest = 1 if multi_label else classes - 1
    if array.dtype.kind not in "iub" or array.min() < 0 or array.max() > highest:
        raise DataError(
            f"The targets must be whole numbers from 0 to {highest}; "
            f"got {array.dtype} from {array.min()} to {array.max()}.",
            "Give the position of each example's class in the list of labels.",
        )
    return array.astype(np.int64)


def checked_probabilities(probabilities: ArrayLike, shape: tuple[int, int], *, multi_label: bool) -> Floats:
    """The probabilities as float64 `(examples, classes)`; a row sums to 1 unless an example may have several labels.

    Raises:
        DataError: another shape, a number outside 0 to 1, or a row that does not sum to 1.
    """
    array = np.asarray(probabilities, dtype=np.float64)
    if array.shape != shape:
        raise DataError(
            f"The probabilities must have the shape (examples, classes) = {shape}; got {array.shape}.",
            "Give one column per class, two of them for two classes, and one row per target.",
        )
    if not bool(np.all((array >= 0) & (array <= 1))):
        raise DataError(
            f"The probabilities must be from 0 to 1; got {array.min()} to {array.max()}.",
            "Give the output of softmax or sigmoid, not the scores before it.",
        )
    sums = array.sum(axis=1)
    if not multi_label and float(abs(sums - 1).max()) > SUM_TOLERANCE:
        raise DataError(
            f"The probabilities of one example must sum to 1; got {sums[abs(sums - 1).argmax()]:.4f}.",
            "Give the output of softmax, or multi_label=True where an example may have several labels.",
        )
    return array


def answers(probabilities: Floats, *, multi_label: bool) -> Integers:
    """The most probable class, `(examples,)`; for several labels 1 if at least 0.5, `(examples, classes)`."""
    chosen: NDArray[Any] = probabilities >= 0.5 if multi_label else probabilities.argmax(axis=1)
    return chosen.astype(np.int64)


def is_correct(probabilities: Floats, targets: Integers, *, multi_label: bool) -> NDArray[np.bool_]:
    """`(examples,)`: whether the answer is right; for several labels, whether all of an example's labels are."""
    same: NDArray[np.bool_] = answers(probabilities, multi_label=multi_label) == targets
    return np.all(same, axis=1) if multi_label else same


def truth_table(targets: Integers, classes: int, *, multi_label: bool) -> Integers:
    """`(examples, classes)` of 0 and 1: which classes are true for which example."""
    return targets if multi_label else np.eye(classes, dtype=np.int64)[targets]
