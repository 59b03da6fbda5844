"""What scikit-learn calls X and y, as `Sequences` and as columns."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.utils.validation import column_or_1d, validate_data

from longshort.data.sequences import Sequences, from_arrays
from longshort.data.sequences.arrays import is_table
from longshort.errors import DataError

__all__ = ["column_of", "read_sequences"]

Array = np.ndarray[Any, Any]

HINT = (
    "An array (sequences, steps) holds sequences of one channel and one length; others are an array (sequences, steps, "
    "channels), or a list of arrays of any length."
)


def read_sequences(estimator: object, x: object, *, fitting: bool) -> Sequences:
    """The sequences in `x`, which the estimator is to learn from or is asked about.

    A table, which is an array `(sequences, steps)` or a frame with a row for each sequence, is what scikit-learn knows:
    the estimator then has `n_features_in_`, and `feature_names_in_`, and later tables must have the same columns.

    Raises:
        DataError: it holds no sequences, fewer than 2 to learn from, or is a table with other columns than in training.
        TypeError: it is sparse.
    """
    if fitting:
        for name in ("n_features_in_", "feature_names_in_"):
            estimator.__dict__.pop(name, None)
    found = _read(estimator, x, fitting=fitting)
    if fitting and len(found) < 2:
        raise DataError(f"There must be at least 2 sequences to learn from. Got n_samples = {len(found)}.", HINT)
    return dataclasses.replace(found, targets=None)


def column_of(values: object, name: str, sequences: Sequences) -> Array:
    """`(sequences,)`: one of something for each sequence.

    Args:
        values: a list, an array or a series; an array `(sequences, 1)` is taken with a warning.
        name: what messages call it.
        sequences: that it is for.

    Raises:
        DataError: it is missing, is no column, or has another length.
    """
    hint = "Give one for each sequence."
    if values is None:
        raise DataError(f"Learning requires {name} to be passed, but the target {name} is None.", hint)
    try:
        column = np.asarray(column_or_1d(values, warn=True))
    except ValueError as error:
        raise DataError(f"{name} must be a column. {error}", hint) from None
    if len(column) != len(sequences):
        raise DataError(
            f"{name} must have as many items as there are sequences. Got {len(column)} and {len(sequences)}.", hint
        )
    return column


def _read(estimator: object, x: Any, *, fitting: bool) -> Sequences:
    if is_table(x):
        found = from_arrays(x)
        if fitting and found.targets is not None:
            raise DataError(
                f"targets must be given once. There are some in y, and the frame has a column of them too: "
                f"{', '.join(map(str, x.columns))}.",
                "Drop the column from the frame, for what is to be predicted must not be read as values.",
            )
        if found.channels == ("value",) and len(found) == len(x):
            _checked(estimator, x, fitting=fitting, skip_check_array=True)
        return found
    if issparse(x) or _is_wide(x) or (fitting and _are_rows(x)):
        return from_arrays(_checked(estimator, x, fitting=fitting, dtype="numeric", ensure_all_finite=False))
    return from_arrays(x)


def _is_wide(x: object) -> bool:
    """Whether this is an array of two axes, or of too few; a list may hold sequences of any length."""
    if isinstance(x, list | tuple) or not hasattr(x, "__array__"):
        return False
    array = np.asarray(x)
    return array.ndim == 2 or (array.ndim < 2 and array.dtype != object)


def _are_rows(x: object) -> bool:
    """Whether this is a list of lists of as many numbers each, which is an array as people write it."""
    if not isinstance(x, list | tuple) or not all(isinstance(row, list | tuple) for row in x):
        return False
    return len({len(row) for row in x}) == 1 and not any(np.ndim(item) for row in x for item in row)


def _checked(estimator: object, x: object, *, fitting: bool, **how: object) -> Any:
    try:
        return validate_data(estimator, x, reset=fitting, **how)
    except ValueError as error:
        raise DataError(str(error).strip(), HINT) from None
