"""Targets as classes or as numbers, whichever is to be learnt."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from longshort.data.sequences.cells import as_class, as_target
from longshort.data.sequences.sequences import Floats, Sequences
from longshort.data.values import ValueProblem
from longshort.errors import DataError

__all__ = ["classes_of", "in_order", "numbers_of", "value_of", "values_of"]


def classes_of(sequences: Sequences) -> list[str]:
    """The class of each; numbers that are whole are written without a point."""
    if isinstance(sequences.targets, np.ndarray):
        return [as_class(int(each) if each.is_integer() else each) for each in sequences.targets.tolist()]
    return list(sequences.targets or ())


def numbers_of(sequences: Sequences) -> Floats:
    """The number of each, `(sequences,)` float64.

    Raises:
        DataError: a class is no number.
    """
    if isinstance(sequences.targets, np.ndarray):
        return np.asarray(sequences.targets, dtype=np.float64)
    numbers = []
    for row, label in enumerate(sequences.targets or ()):
        try:
            numbers.append(as_target(label))
        except ValueProblem as problem:
            where = f"{sequences.name}, {sequences.origins[row]}"
            raise DataError(f"{where}: {problem.message}", problem.hint) from None
    return np.array(numbers, dtype=np.float64)


def value_of(label: str) -> float:
    """The number that the name of a class is; NaN if it is none."""
    try:
        return float(label)
    except ValueError:
        return math.nan


def values_of(labels: Sequence[str]) -> dict[float, int]:
    """The class of each value, where all labels are different numbers: "1", "1.0" and "01" then mean the same."""
    numbers = {value_of(label): code for code, label in enumerate(labels)}
    return numbers if len(numbers) == len(labels) and all(map(math.isfinite, numbers)) else {}


def in_order(classes: Sequence[str]) -> list[str]:
    """Each class once; numbers by their value where all are numbers, else in alphabetical order."""
    names = sorted(set(classes))
    return sorted(names, key=value_of) if all(math.isfinite(value_of(name)) for name in names) else names
