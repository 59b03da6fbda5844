import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.pages.lengths import BINS, describe_lengths


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=300))
def test_every_sequence_is_in_one_bin(lengths):
    found = describe_lengths(np.array(lengths))

    assert sum(found["counts"]) == len(lengths)
    assert found["longest"] == max(lengths)
    assert found["median"] == pytest.approx(np.median(lengths))
    assert found["edges"] == sorted(set(found["edges"]))
    assert len(found["edges"]) == len(found["counts"]) + 1 <= BINS + 2
    for low, high, count in zip(found["edges"][:-1], found["edges"][1:], found["counts"], strict=True):
        assert count == sum(low <= length < high for length in lengths)


def test_a_few_long_ones_share_the_last_bin():
    found = describe_lengths(np.array([*range(100)] * 10 + [100_000]))

    assert found["edges"][-1] == 100_001
    assert found["counts"][-1] == 1
    assert len(set(np.diff(found["edges"])[:-1])) == 1


def test_no_sequence_has_no_length():
    assert describe_lengths(np.array([], dtype=np.int64)) is None
