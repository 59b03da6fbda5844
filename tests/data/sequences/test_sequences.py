"""Sequences one after another, and the choice among them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from longshort.data.sequences import from_arrays

ARRAYS = [np.arange(6.0).reshape(3, 2), np.array([[6.0, 7.0]]), np.arange(8.0, 12).reshape(2, 2)]
CLASSES = from_arrays(ARRAYS, ["a", "b", "c"], [1, 1, 2])


def test_each_stands_where_its_offsets_say() -> None:
    assert len(CLASSES) == 3
    assert CLASSES.offsets.tolist() == [0, 3, 4, 6]
    assert repr(CLASSES) == "Sequences(3 of 2 channels, 6 steps)"
    for index, array in enumerate(ARRAYS):
        assert_array_equal(CLASSES.sequence(index), array)
        assert_array_equal(CLASSES.arrays()[index], array)
    assert np.shares_memory(CLASSES.sequence(1), CLASSES.values)


@given(rows=st.lists(st.integers(-3, 2), max_size=6))
def test_any_choice_in_any_order(rows: list[int]) -> None:
    found = CLASSES[rows]
    assert found.lengths.tolist() == [len(ARRAYS[row]) for row in rows]
    assert found.targets == tuple("abc"[row] for row in rows)
    assert found.groups == tuple("112"[row] for row in rows)
    assert found.origins == tuple(f"index {row % 3}" for row in rows)
    assert_array_equal(found.values, np.concatenate([np.empty((0, 2)), *(ARRAYS[row] for row in rows)]))


@pytest.mark.parametrize("rows", [slice(1, None), np.array([False, True, True]), np.array([1, 2])])
def test_slices_and_masks(rows: object) -> None:
    assert CLASSES[rows].origins == ("index 1", "index 2")


def test_a_choice_is_a_copy() -> None:
    assert not np.shares_memory(CLASSES[:].values, CLASSES.values)


def test_numbers_as_targets() -> None:
    found = from_arrays(ARRAYS, [0.5, 1.5, 2.5])[[2, 0]].targets
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [2.5, 0.5]
    assert from_arrays(ARRAYS)[[0]].targets is None
