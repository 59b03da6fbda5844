from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.data.numbers import as_number, number_hint


@given(st.floats(allow_nan=False) | st.integers(-(10**300), 10**300))
def test_what_python_writes_is_read(number):
    assert as_number(number) == as_number(str(number)) == as_number(f"  {number}\n") == float(number)


@pytest.mark.parametrize("cell", ["", "  ", "?", "NA", "n/a", "NaN", "null", "None", "<NA>", None, math.nan, np.nan])
def test_what_is_missing_is_nan(cell):
    assert math.isnan(as_number(cell))


@pytest.mark.parametrize("cell", ["1_000", "1,5", "$5", "5%", "one", "0x10", 10**400, [], b"", object()])
def test_what_is_no_number_is_told(cell):
    with pytest.raises(ValueError, match=r"^Got .+\.$"):
        as_number(cell)


def test_a_long_cell_is_told_by_its_beginning():
    with pytest.raises(ValueError, match="Got") as caught:
        as_number("x" * 10_000)
    assert len(str(caught.value)) < 100


def test_a_comma_has_its_own_hint():
    assert "write 1234.5" in number_hint("1,5", "other")
    assert number_hint("1;5", "other") == number_hint([1, 5], "other") == "other"
