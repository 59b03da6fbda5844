"""Folds of texts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from longshort.data import Index, check_trainable, split
from longshort.kinds.seam import Splits
from longshort.kinds.text.preparing import PreparedTexts, TextPart, own_splits, read_source
from longshort.kinds.text.settings import TextRunSettings
from longshort.runs.folds import check_enough, count_different, deal, too_few
from longshort.training import Listener

__all__ = ["text_folds"]

Array = npt.NDArray[np.int64]


def text_folds(data: object, settings: TextRunSettings, count: int, listener: Listener) -> Iterator[PreparedTexts]:
    """Yield the folds of texts; classes are in the same proportions in each, and identical texts are in one.

    Args:
        data: as for `longshort.runs.train`; of a folder with its own splits, the training part.
        settings: of the run.
        count: of the folds, at least 2.
        listener: receives events.

    Raises:
        DataError: the data do not hold what they must, or a class has too few rows for so many folds.
    """
    notes = []
    train, found = own_splits(data)
    if found:
        others = " and ".join(name for name in ("validation", "test") if name in found)
        notes = [f"The folds are of the training part; the {others} part of {data} is left out."]
    source, index = read_source(train, settings, listener)
    check_trainable(index)
    together = index.together
    strata = _strata(index)
    if not index.multi_label:
        check_enough(
            index.name, index.labels, count_different(index.codes.astype(np.int64), together, len(index.labels)), count
        )
    elif together.max() + 1 < count:
        raise too_few(index.name, f"there are {together.max() + 1} different texts", count)
    fold_of = deal(strata, together, count, settings.training.seed)
    notes += source.notes

    def fold(number: int) -> PreparedTexts:
        others = np.flatnonzero(fold_of != number)
        share = settings.data.validation_share
        divided = split(_subset(index, others), validation_share=share, test_share=0.0, seed=settings.training.seed)
        rows = {"train": others[divided.train], "validation": others[divided.validation]}
        rows["test"] = np.flatnonzero(fold_of == number)
        parts = {name: TextPart(source, index, each) for name, each in rows.items() if len(each)}
        return Splits(parts, source.name, index.labels, index.multi_label, notes=notes)

    return (fold(number) for number in range(count))


def _strata(index: Index) -> Array:
    """`(rows,)`: a number for the labels that each row has."""
    if not index.multi_label:
        return np.asarray(index.codes)
    numbers: dict[bytes, int] = {}
    rows = (np.sort(each).tobytes() for each in np.split(index.codes, index.offsets[1:-1]))
    return np.array([numbers.setdefault(each, len(numbers)) for each in rows])


def _subset(index: Index, rows: Array) -> Index:
    """The index of some rows alone."""
    lengths = np.diff(index.offsets)
    has = np.zeros(len(index), dtype=bool)
    has[rows] = True
    return dataclasses.replace(
        index,
        digests=index.digests[rows],
        copies=index.copies[rows],
        codes=index.codes[np.repeat(has, lengths)],
        offsets=np.concatenate([[0], np.cumsum(lengths[rows])]),
        counts=index.counts_of(rows),
    )
