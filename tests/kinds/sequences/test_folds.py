"""Folds: each row held out once, classes alike in each, what belongs together never on both sides."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.config import RegressionRunSettings, SequenceRunSettings
from longshort.data.sequences import Sequences, from_arrays
from longshort.errors import DataError
from longshort.kinds.sequences.folds import sequence_folds
from longshort.training import Listener

NUMBERS = SequenceRunSettings()


def rows(part: object) -> set[int]:
    return set(np.asarray(part.rows).tolist())


def test_groups_of_sequences_are_on_one_side() -> None:
    draw = np.random.default_rng(0)
    groups = draw.integers(0, 12, 120)
    y = np.array(["a", "b"])[draw.integers(0, 2, 120)]
    sequences = from_arrays(draw.normal(size=(120, 4)), y, groups)
    found = list(sequence_folds(sequences, NUMBERS, 4))
    assert sorted(row for fold in found for row in rows(fold.parts["test"])) == list(range(120))
    for fold in found:
        sides = [set(groups[list(rows(part))].tolist()) for part in fold.parts.values()]
        assert sum(map(len, sides)) == 12


def numbered(count: int, groups: object = None, seed: int = 0) -> Sequences:
    draw = np.random.default_rng(seed)
    return from_arrays(draw.normal(size=(count, 4)), draw.normal(size=count).tolist(), groups, numbers=True)


@given(count=st.integers(2, 6), each=st.integers(2, 9), seed=st.integers(0, 99))
def test_numbers_are_as_large_in_one_fold_as_in_another(count: int, each: int, seed: int) -> None:
    sequences = numbered(count * each, seed=seed)
    settings = RegressionRunSettings.from_flat({"seed": seed})
    held = [np.asarray(fold.parts["test"].rows) for fold in sequence_folds(sequences, settings, count)]
    assert sorted(np.concatenate(held).tolist()) == list(range(count * each))
    ranks = np.argsort(np.argsort(np.asarray(sequences.targets)))
    for rows_held in held:  # one of each `count` neighbours
        assert sorted((ranks[rows_held] // count).tolist()) == list(range(each))


def test_groups_with_numbers_are_on_one_side() -> None:
    groups = np.random.default_rng(1).integers(0, 9, 60)
    for fold in sequence_folds(numbered(60, groups), RegressionRunSettings(), 3):
        sides = [set(groups[list(rows(part))].tolist()) for part in fold.parts.values()]
        assert sum(map(len, sides)) == 9


def test_too_few_numbers_for_so_many_folds() -> None:
    with pytest.raises(DataError, match=r"each of 5 folds must hold at least 2 different sequences. Got 9 in all"):
        sequence_folds(numbered(9), RegressionRunSettings(), 5)
    with pytest.raises(DataError, match=r"one for each of 3 folds. Got 2 groups"):
        sequence_folds(numbered(9, ["x"] * 5 + ["y"] * 4), RegressionRunSettings(), 3)


def test_scales_are_of_the_training_part_of_the_fold() -> None:
    """What is held out changes nothing that is fitted."""
    from longshort.kinds.sequences.fitting import classification_of, fit_sequences

    x = np.random.default_rng(0).normal(size=(30, 4))
    small = SequenceRunSettings.from_flat({"epochs": 1, "filters": 2, "hidden_size": 2})
    first = next(iter(sequence_folds(from_arrays(x, ["a", "b"] * 15), small, 3)))
    held = first.parts["test"].rows
    wild = dataclasses.replace(
        first,
        parts=first.parts
        | {"test": dataclasses.replace(first.parts["test"], sequences=from_arrays(x[held] * 1e6, ["a"] * len(held)))},
    )
    one, other = (fit_sequences(each, small, Listener(), make=classification_of) for each in (first, wild))
    assert one.task.encoding.to_json() == other.task.encoding.to_json()
    inside = np.delete(x, held, axis=0)
    assert one.task.encoding.means[0] == pytest.approx(inside.mean())


def test_too_few_for_so_many_folds() -> None:
    rare = from_arrays(np.random.default_rng(0).normal(size=(10, 3)), ["a"] * 8 + ["b"] * 2)
    with pytest.raises(DataError, match="class 'b' has 2 that are different"):
        sequence_folds(rare, NUMBERS, 3)
    grouped = dataclasses.replace(rare, groups=tuple("xxxxxxxxyy"))
    with pytest.raises(DataError, match=r"one for each of 3 folds. Got 2 groups"):
        sequence_folds(grouped, NUMBERS, 3)
    with pytest.raises(DataError, match="have the only sequences of class"):
        sequence_folds(grouped, NUMBERS, 2)
