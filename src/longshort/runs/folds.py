"""Folds of independent rows: every row is held out once, and what belongs together is in one fold."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.model_selection import StratifiedGroupKFold

from longshort.errors import DataError

__all__ = ["check_enough", "count_different", "deal", "deal_groups", "each_fold", "too_few"]

Array = npt.NDArray[np.int64]


def each_fold(rows: int, count: int, seed: int) -> Iterator[dict[str, Array]]:
    """Yield "train" and "test" rows of each fold, where all rows are alike and independent."""
    fold_of = deal(np.zeros(rows, dtype=np.int64), np.arange(rows), count, seed)
    for fold in range(count):
        yield {"train": np.flatnonzero(fold_of != fold), "test": np.flatnonzero(fold_of == fold)}


def deal(strata: Array, together: Array, count: int, seed: int) -> Array:
    """`(rows,)`: the fold of each; those of one stratum are dealt out like cards, what belongs together as one card."""
    first = np.unique(together, return_index=True)[1]
    shuffled = np.random.default_rng(seed).permutation(len(first))
    order = shuffled[np.argsort(strata[first[shuffled]], kind="stable")]
    fold_of = np.empty(len(first), dtype=np.int64)
    fold_of[order] = np.arange(len(order)) % count
    return np.asarray(fold_of[together])


def deal_groups(name: str, strata: Array, groups: Array, count: int, seed: int) -> Array:
    """`(rows,)`: the fold of each, where groups differ in size and in what they hold."""
    if groups.max() + 1 < count:
        raise DataError(
            f"{name}: groups are never divided, so that there must be one for each of {count} folds. "
            f"Got {groups.max() + 1} groups.",
            "Ask for fewer folds.",
        )
    splitter = StratifiedGroupKFold(count, shuffle=True, random_state=seed % 2**32)
    fold_of = np.empty(len(strata), dtype=np.int64)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # of what some folds lack
        for fold, (_, held) in enumerate(splitter.split(strata, strata, groups)):
            fold_of[held] = fold
    return fold_of


def count_different(codes: Array, together: Array, labels: int) -> Array:
    """`(labels,)`: in how many different texts or sequences each class is found."""
    pairs = np.unique(np.stack([codes, together]), axis=1)
    return np.bincount(pairs[0], minlength=labels)


def check_enough(name: str, labels: Sequence[str], counts: Array, count: int) -> None:
    """Raise `DataError` where a class has fewer different rows than there are folds; `counts` is `(labels,)`."""
    rare = np.flatnonzero(counts < count)
    if len(rare):
        raise too_few(name, f"class {labels[rare[0]]!r} has {counts[rare[0]]} that are different", count)


def too_few(name: str, why: str, count: int) -> DataError:
    """Return the error for data that are too few for so many folds."""
    return DataError(
        f"{name}: each of {count} folds must have every class, and leave the others enough: {why}.",
        "Ask for fewer folds, or leave rare classes out.",
    )
