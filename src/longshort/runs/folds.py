"""Folds: every row is held out once, and in each fold everything is fitted on the other rows alone."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from longshort.config import (
    ForecastRunSettings,
    RegressionRunSettings,
    RunSettings,
    SequenceRunSettings,
    Settings,
)
from longshort.data import SAMPLES, Index, check_trainable, given_splits, split
from longshort.data.sequences import Sequences, digests, split_sequences
from longshort.data.sequences.targets import in_order
from longshort.data.series import open_series
from longshort.errors import DataError, SettingError
from longshort.runs.forecasts import PreparedForecast
from longshort.runs.prepare import Part, Prepared, read_source
from longshort.runs.sequence_fit import PreparedSequences, SequencePart
from longshort.runs.sequence_reading import read_classes, read_numbers
from longshort.runs.time_folds import folds_of_time, inner_folds_of_time
from longshort.tasks import validation_share
from longshort.training import Listener

__all__ = ["AnyPrepared", "inner_folds", "prepare_folds", "sequence_folds"]

Array = np.ndarray[Any, Any]
AnyPrepared = Prepared | PreparedSequences | PreparedForecast

INNER = 3
"""Parts of training data that are too few to hold any out: each is held out in turn."""


def prepare_folds(data: Any, settings: RunSettings, count: int, listener: Listener) -> Iterator[AnyPrepared]:
    """Read the data, and prepare each fold in turn: its "test" part is held out, the others are all the rest.

    Classes are in the same proportions in each fold; numbers to be predicted are as large in one as in another. What
    belongs together is in one fold: identical texts or sequences, or the sequences of a group.

    Folds of series follow one another in time, each with all that comes before it, and nothing that comes after.

    Args:
        data: as for `longshort.runs.train`; of a folder with its own split, the training part.
        settings: all settings, whose kind says what is learnt.
        count: of the folds, at least 2.
        listener: is told what is read.

    Raises:
        DataError: the data do not hold what they must, or a class has too few rows for so many folds.
        SettingError: there are fewer than 2 folds.
    """
    if count < 2:
        raise SettingError(f"There must be at least 2 folds. Got {count}.", "Usual numbers are 5 and 10.")
    if isinstance(settings, ForecastRunSettings):
        listener.stage(f"Reading {data}" if isinstance(data, str | Path) else "Reading the data")
        return folds_of_time(open_series(data, settings.data), settings, count)
    if isinstance(settings, SequenceRunSettings):
        read = read_numbers if isinstance(settings, RegressionRunSettings) else read_classes
        return sequence_folds(read(data, settings=settings, listener=listener), settings, count)
    return _text_folds(data, Settings.from_flat(settings.flat()), count, listener)


def inner_folds(prepared: AnyPrepared, settings: RunSettings) -> list[AnyPrepared]:
    """What settings are compared on: parts "train" and "validation". The test part is in none.

    The validation part itself, where there is one; else folds of the training part.

    Raises:
        SettingError: of texts, no validation rows are held out.
        DataError: the training part is too short, or has too few, for folds.
    """
    kept = {name: part for name, part in prepared.parts.items() if name != "test"}
    if isinstance(prepared, PreparedForecast) and isinstance(settings, ForecastRunSettings):
        train, share = prepared.parts["train"].series, settings.data.validation_share
        return list(inner_folds_of_time(train, share, INNER, prepared.horizon))
    if "validation" in kept:
        return [dataclasses.replace(prepared, parts=kept)]  # type: ignore[arg-type]
    if not isinstance(prepared, PreparedSequences) or not isinstance(settings, SequenceRunSettings):
        raise SettingError(
            "A search needs validation rows to judge by. Got a validation_share of 0.", "Leave it at 0.1."
        )
    inner = sequence_folds(prepared.parts["train"].sequences, settings, INNER)
    return [
        dataclasses.replace(each, parts={"train": each.parts["train"], "validation": each.parts["test"]})
        for each in inner
    ]


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
            f"{sequences.name}: there must be at least two classes to tell apart. Got {len(labels)}.",
            "Give sequences of another class too.",
        )
    codes = np.array([labels.index(label) for label in sequences.targets or ()])
    if sequences.groups is None:
        _check_enough(sequences.name, labels, _counts(codes, together, len(labels)), count)
        return labels, _dealt(codes, together, count, seed)
    fold_of = _grouped(sequences.name, codes, together, count, seed)
    for fold in range(count):
        lacking = set(range(len(labels))) - set(codes[fold_of != fold].tolist())
        if lacking:
            label = labels[min(lacking)]
            why = f"the groups of fold {fold + 1} have the only sequences of class {label!r}"
            raise _too_few(sequences.name, why, count)
    return labels, fold_of


def _folds_of_numbers(sequences: Sequences, together: Array, count: int, seed: int) -> Array:
    """`(sequences,)`: the fold of each; of every `count` neighbours in the order of their numbers each has one."""
    ranks = np.argsort(np.argsort(np.asarray(sequences.targets), kind="stable"), kind="stable")
    strata = ranks // count
    if sequences.groups is not None:
        return _grouped(sequences.name, strata, together, count, seed)
    if together.max() + 1 < 2 * count:
        raise DataError(
            f"{sequences.name}: each of {count} folds must hold at least 2 different sequences. "
            f"Got {together.max() + 1} in all.",
            "Ask for fewer folds.",
        )
    return _dealt(strata, together, count, seed)


def _sequence_fold(
    sequences: Sequences, fold_of: Array, fold: int, labels: list[str], settings: SequenceRunSettings
) -> PreparedSequences:
    others, held = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
    share = validation_share(len(others), settings.data.validation_share)
    divided = split_sequences(sequences[others], validation_share=share, test_share=0.0, seed=settings.training.seed)
    rows = {"train": others[divided.train], "validation": others[divided.validation], "test": held}
    parts = {name: SequencePart(sequences[each], each) for name, each in rows.items() if len(each)}
    return PreparedSequences(parts, labels, notes=list(sequences.notes))


def _text_folds(data: Any, settings: Settings, count: int, listener: Listener) -> Iterator[Prepared]:
    notes = []
    if isinstance(data, str | Path) and str(data) not in ("", *SAMPLES):
        found = given_splits(Path(data))
        if found:
            others = " and ".join(name for name in ("validation", "test") if name in found)
            notes = [f"The folds are of the training part; the {others} part of {data} is left out."]
            data = found["train"]
    source, index = read_source(data, settings, listener)
    check_trainable(index)
    together = index.together
    strata = _strata(index)
    if not index.multi_label:
        _check_enough(index.name, index.labels, _counts(index.codes, together, len(index.labels)), count)
    elif together.max() + 1 < count:
        raise _too_few(index.name, f"there are {together.max() + 1} different texts", count)
    fold_of = _dealt(strata, together, count, settings.training.seed)
    notes += source.notes

    def fold(number: int) -> Prepared:
        others = np.flatnonzero(fold_of != number)
        share = settings.data.validation_share
        divided = split(_subset(index, others), validation_share=share, test_share=0.0, seed=settings.training.seed)
        rows = {"train": others[divided.train], "validation": others[divided.validation]}
        rows["test"] = np.flatnonzero(fold_of == number)
        parts = {name: Part(source, index, each) for name, each in rows.items() if len(each)}
        return Prepared(parts, index.labels, index.multi_label, notes=notes)

    return (fold(number) for number in range(count))


def _dealt(strata: Array, together: Array, count: int, seed: int) -> Array:
    """`(rows,)`: the fold of each; those of one stratum are dealt out like cards, what belongs together as one card."""
    first = np.unique(together, return_index=True)[1]
    shuffled = np.random.default_rng(seed).permutation(len(first))
    order = shuffled[np.argsort(strata[first[shuffled]], kind="stable")]
    fold_of = np.empty(len(first), dtype=np.int64)
    fold_of[order] = np.arange(len(order)) % count
    return np.asarray(fold_of[together])


def _grouped(name: str, strata: Array, groups: Array, count: int, seed: int) -> Array:
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


def _counts(codes: Array, together: Array, labels: int) -> Array:
    """`(labels,)`: in how many different texts or sequences each class is found."""
    pairs = np.unique(np.stack([codes, together]), axis=1)
    return np.bincount(pairs[0], minlength=labels)


def _check_enough(name: str, labels: Sequence[str], counts: Array, count: int) -> None:
    rare = np.flatnonzero(counts < count)
    if len(rare):
        raise _too_few(name, f"class {labels[rare[0]]!r} has {counts[rare[0]]} that are different", count)


def _too_few(name: str, why: str, count: int) -> DataError:
    return DataError(
        f"{name}: each of {count} folds must have every class, and leave the others enough: {why}.",
        "Ask for fewer folds, or leave rare classes out.",
    )


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
