"""Splits: seeded, stratified by label, and copies of a text stay together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from longshort.data.texts.index import Index
from longshort.errors import DataError

__all__ = ["Split", "split"]

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Split:
    """The rows of each part: sorted int64 row numbers of the source, none of them twice.

    Args:
        train: what the encoding and the weights are fitted on.
        validation: what chooses the best epoch.
        test: what the report is made on.
    """

    train: Rows
    validation: Rows
    test: Rows


def split(index: Index, *, validation_share: float = 0.1, test_share: float = 0.1, seed: int = 0) -> Split:
    """Split the rows at random, each label (or combination of labels) in the same proportions.

    Rows whose texts are copies, but for upper case and space, go into one part together, whatever their labels. Every
    label has a row in `train`.

    Args:
        index: the rows.
        validation_share: share of the rows, in [0, 1); 0 gives an empty part.
        test_share: share of the rows, in [0, 1); together with `validation_share` below 1.
        seed: the same seed gives the same split.

    Raises:
        DataError: the shares leave nothing to train on, or there are too few different texts for them.
    """
    if validation_share + test_share >= 1:
        raise DataError(
            "validation_share and test_share must leave rows to train on. "
            f"Got {validation_share:g} and {test_share:g}, together {validation_share + test_share:g}.",
            "Usual shares are 0.1 and 0.1.",
        )
    shares = (1 - validation_share - test_share, validation_share, test_share)
    group_of = index.together
    sizes = np.bincount(group_of)
    order = _order(index.strata, group_of, np.random.default_rng(seed))
    part_of = np.empty(len(sizes), dtype=np.int8)
    part_of[order] = _assign(sizes[order].tolist(), _needed_in_train(index, group_of, order), shares)
    part_of_row = part_of[group_of]
    parts = [np.flatnonzero(part_of_row == part) for part in range(3)]
    _require_rows(index, parts, shares, len(sizes))
    return Split(*parts)


def _order(strata: Rows, group_of: Rows, generator: np.random.Generator) -> Rows:
    """The groups of copies; those of one stratum (that of their first row) side by side, in random order."""
    _, first_row = np.unique(group_of, return_index=True)
    shuffled = generator.permutation(len(first_row))
    return shuffled[np.argsort(strata[first_row[shuffled]], kind="stable")]


def _needed_in_train(index: Index, group_of: Rows, order: Rows) -> set[int]:
    """The place in `order` of the first group that has each label."""
    place_of = np.empty(len(order), dtype=np.int64)
    place_of[order] = np.arange(len(order))
    places = np.repeat(place_of[group_of], np.diff(index.offsets))
    first = np.full(len(index.labels), len(order))
    np.minimum.at(first, index.codes, places)
    return set(first.tolist())


def _assign(sizes: list[int], needed: set[int], shares: tuple[float, float, float]) -> list[int]:
    """The part of each group: the one that lags furthest behind its share of all rows so far.

    Neighbours are of one stratum, so each stratum is shared out too, to within a few rows.
    """
    filled = [0, 0, 0]
    seen = 0
    parts = []
    for place, size in enumerate(sizes):
        seen += size
        lag = [share * seen - count for share, count in zip(shares, filled, strict=True)]
        part = 0 if place in needed else lag.index(max(lag))
        filled[part] += size
        parts.append(part)
    return parts


def _require_rows(index: Index, parts: list[Rows], shares: tuple[float, float, float], distinct: int) -> None:
    names = ("train", "validation", "test")
    lacking = [name for name, rows, share in zip(names, parts, shares, strict=True) if share > 0 and not len(rows)]
    if not lacking:
        return
    enough = max(math.ceil(1 / min(share for share in shares if share > 0)), 2 * len(index.labels))
    raise DataError(
        f"each part of the split must have rows. {' and '.join(lacking).capitalize()} would have none: "
        f"there are {distinct:,} different texts for {len(index.labels)} labels.",
        f"Take at least {enough} different texts, set the share to 0, or give files of your own for each part.",
        path=index.name,
    )
