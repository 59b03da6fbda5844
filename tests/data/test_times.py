from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.data.times import as_time, as_times

EPOCH = datetime(1970, 1, 1)


def microseconds(*parts):
    return (datetime(*parts) - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1949-01", microseconds(1949, 1, 1)),
        ("1949/3", microseconds(1949, 3, 1)),
        ("1949Q2", microseconds(1949, 4, 1)),
        ("1949-q4", microseconds(1949, 10, 1)),
        ("2016-07-01 13:00:00", microseconds(2016, 7, 1, 13)),
        ("2016-07-01T13:00", microseconds(2016, 7, 1, 13)),
        ("2016/7/1 13:00", microseconds(2016, 7, 1, 13)),
        (" 2016-07-01 ", microseconds(2016, 7, 1)),
        ("2016-07-01 13:00+02:00", microseconds(2016, 7, 1, 11)),
        (datetime(2016, 7, 1, 13, tzinfo=UTC), microseconds(2016, 7, 1, 13)),
        (datetime(2016, 7, 1, 13, tzinfo=timezone(timedelta(hours=-1))), microseconds(2016, 7, 1, 14)),
        (date(2016, 7, 1), microseconds(2016, 7, 1)),
        (pd.Timestamp("2016-07-01 13:00"), microseconds(2016, 7, 1, 13)),
        (pd.Period("2016-07", "M"), microseconds(2016, 7, 1)),
        (np.datetime64("2016-07-01"), microseconds(2016, 7, 1)),
    ],
)
def test_dates_are_microseconds_since_1970(cell, expected):
    assert as_time(cell) == ("calendar", expected)


@pytest.mark.parametrize("cell", ["1949", 1949, 1949.0, np.int32(1949), "+1949"])
def test_whole_numbers_stay_whole_numbers(cell):
    assert as_time(cell) == ("number", 1949)


@pytest.mark.parametrize(
    "cell",
    ["", "soon", "1949-13", "2016-02-30", "01/02/2016", None, True, 1.5, float("nan"), pd.NaT, [1], 10**16, "9" * 30],
)
def test_anything_else_is_refused(cell):
    with pytest.raises(ValueError, match=r"Got|empty"):
        as_time(cell)


@given(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=1, max_size=20))
def test_whole_arrays_are_read_as_their_cells_are(moments):
    clock, numbers = as_times(np.array(moments, dtype="datetime64[us]"))
    assert (clock, numbers.tolist()) == ("calendar", [as_time(moment.isoformat())[1] for moment in moments])


def test_an_array_that_must_be_read_cell_by_cell_is_none():
    assert as_times(np.array(["1949-01"])) is None
    assert as_times(np.array(["NaT", "2016-01-01"], dtype="datetime64[us]")) is None
