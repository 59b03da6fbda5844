"""Windows cover every step, and stay together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from longshort.config import SequenceDataSettings
from longshort.data.sequences import from_arrays, open_sequences, split_sequences, windows
from longshort.errors import SettingError

LENGTHS = st.lists(st.integers(1, 30), min_size=1, max_size=5)


@given(lengths=LENGTHS, size=st.integers(1, 12), stride=st.none() | st.integers(1, 15))
def test_windows_cover_what_they_were_cut_from(lengths: list[int], size: int, stride: int | None) -> None:
    # Each value says where it stands.
    arrays = [np.stack([np.full(n, row), np.arange(n)], axis=1).astype(float) for row, n in enumerate(lengths)]
    found = windows(from_arrays(arrays, [f"class {row}" for row in range(len(lengths))]), size, stride)
    apart = size if stride is None else stride
    seen: dict[int, list[int]] = {row: [] for row in range(len(lengths))}
    for index, window in enumerate(found.arrays()):
        row, start, count = int(window[0, 0]), int(window[0, 1]), len(window)
        assert_array_equal(window, arrays[row][start : start + count])
        assert count == min(size, lengths[row])
        assert start % apart == 0 or start + count == lengths[row]
        assert found.targets is not None
        assert found.targets[index] == f"class {row}"
        assert found.origins[index] == f"index {row}, steps {start + 1} to {start + count}"
        seen[row].append(start)
    for row, starts in seen.items():
        assert starts == sorted(set(starts))
        covered = {step for start in starts for step in range(start, min(start + size, lengths[row]))}
        assert covered == set(range(lengths[row])) or apart > size
        assert max(covered) == lengths[row] - 1


def test_windows_of_a_sequence_are_a_group_unless_it_has_one() -> None:
    arrays = [np.arange(10.0), np.arange(10.0, 30.0), np.arange(10.0)]
    alone = windows(from_arrays(arrays), 5)
    assert alone.groups is not None
    first, second, third = alone.groups[:2], alone.groups[2:6], alone.groups[6:]
    assert (len(set(first)), len(set(second)), first[0] != second[0]) == (1, 1, True)
    assert third == first, "sequences that are the same stay together"
    grouped = windows(from_arrays(arrays, groups=["x", "x", "z"]), 5)
    assert grouped.groups == ("x",) * 6 + ("z",) * 2


def test_a_split_never_divides_the_windows_of_a_sequence() -> None:
    draw = np.random.default_rng(0)
    cut = windows(from_arrays([draw.normal(size=40) for _ in range(12)], ["a", "b"] * 6), 10, 3)
    assert cut.groups is not None
    found = split_sequences(cut, validation_share=0.2, test_share=0.2)
    sources = [{cut.groups[row] for row in part} for part in (found.train, found.validation, found.test)]
    assert [len(each) for each in sources] == [8, 2, 2]
    assert not sources[0] & sources[1] | sources[0] & sources[2] | sources[1] & sources[2]


def test_the_settings_cut_what_is_opened() -> None:
    found = open_sequences((np.zeros((2, 7)), ["a", "b"]), SequenceDataSettings(window=4, stride=2))
    assert found.lengths.tolist() == [4, 4, 4, 4, 4, 4]
    assert found.targets == ("a",) * 3 + ("b",) * 3


@pytest.mark.parametrize(("size", "stride", "name"), [(0, None, "window"), (3, 0, "stride"), (-1, 2, "window")])
def test_a_window_has_steps(size: int, stride: int | None, name: str) -> None:
    with pytest.raises(SettingError, match=f"{name} must be a number of steps, at least 1"):
        windows(from_arrays([[1.0]]), size, stride)
