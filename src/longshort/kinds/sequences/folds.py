"""Folds of sequences of numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from longshort.data.sequences import Sequences, digests, split_sequences
from longshort.data.sequences.targets import in_order
from longshort.errors import DataError
from longshort.kinds.seam import Splits
from longshort.kinds.sequences.preparing import PreparedSequences, SequencePart
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.sequences.training_length import validation_share
from longshort.runs.folds import check_enough, count_different, deal, deal_groups, too_few

__all__ = ["inner_folds", "sequence_folds"]

Array = npt.NDArray[np.int64]

INNER = 3
"""Parts of training data that are too few to hold any out: each is held out in turn."""


def sequence_folds(sequences: Sequences, settings: SequenceRunSettings, count: int) -> Iterator[PreparedSequences]:
    """The folds of sequences with a class or a number each.

    Raises:
        DataError: the sequences, a class, or the groups, are too few for so many folds.
    """
    together = np.unique(digests(sequences), return_inverse=True)[1]
    labels: list[str] = []
    if isinstance(sequences.targets, np.ndarray):
        fold_of = _folds_of_numbers(sequences, together, count, settings.training.seed)
    else:
        labels, fold_of = _folds_of_classes(sequences, together, count, settings.training.seed)
    return (_sequence_fold(sequences, fold_of, fold, labels, settings) for fold in range(count))


def _folds_of_classes(sequences: Sequences, together: Array, count: int, seed: int) -> tuple[list[str], Array]:
    """The classes, and `(sequences,)`: the fold of each."""
    labels = in_order(list(sequences.targets or ()))
    if len(labels) < 2:
        raise DataError(
            f"{sequences.name}: there must be at least two classes. Got {len(labels)}.",
            "Give sequences of another class too.",
        )
    codes = np.array([labels.index(label) for label in sequences.targets or ()])
    if sequences.groups is None:
        check_enough(sequences.name, labels, count_different(codes, together, len(labels)), count)
        return labels, deal(codes, together, count, seed)
    fold_of = deal_groups(sequences.name, codes, together, count, seed)
    for fold in range(count):
        lacking = set(range(len(labels))) - set(codes[fold_of != fold].tolist())
        if lacking:
            label = labels[min(lacking)]
            why = f"the groups of fold {fold + 1} have the only sequences of class {label!r}"
            raise too_few(sequences.name, why, count)
    return labels, fold_of


def _folds_of_numbers(sequences: Sequences, together: Array, count: int, seed: int) -> Array:
    """`(sequences,)`: the fold of each; of every `count` neighbours in the order of their numbers each has one."""
    ranks = np.argsort(np.argsort(np.asarray(sequences.targets), kind="stable"), kind="stable")
    strata = ranks // count
    if sequences.groups is not None:
        return deal_groups(sequences.name, strata, together, count, seed)
    if together.max() + 1 < 2 * count:
        raise DataError(
            f"{sequences.name}: each of {count} folds must hold at least 2 different sequences. "
            f"Got {together.max() + 1} in all.",
            "Ask for fewer folds.",
        )
    return deal(strata, together, count, seed)


def _sequence_fold(
    sequences: Sequences, fold_of: Array, fold: int, labels: list[str], settings: SequenceRunSettings
) -> PreparedSequences:
    others, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
    share = validation_share(len(others), settings.data.validation_share)
    divided = split_sequences(sequences[others], validation_share=share, test_share=0.0, seed=settings.training.seed)
    rows = {"train": others[divided.train], "validation": others[divided.validation], "test": held}
    parts = {name: SequencePart(sequences[each], each) for name, each in rows.items() if len(each)}
    return Splits(parts, sequences.name, labels, notes=list(sequences.notes))


def inner_folds(prepared: PreparedSequences, settings: SequenceRunSettings) -> list[PreparedSequences]:
    """Return folds of the training split: what a search compares settings on where no validation rows are held out."""
    inner = sequence_folds(prepared.parts["train"].sequences, settings, INNER)
    return [
        dataclasses.replace(each, parts={"train": each.parts["train"], "validation": each.parts["test"]})
        for each in inner
    ]
