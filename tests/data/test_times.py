from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.data.times import as_time, as_times, settle

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
    assert as_time(cell)[:2] == ("calendar", expected)


@pytest.mark.parametrize("cell", ["1949", 1949, 1949.0, np.int32(1949), "+1949"])
def test_whole_numbers_stay_whole_numbers(cell):
    assert as_time(cell) == ("number", 1949, 0)


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


def column(cells, wanted=None):
    times = [as_time(cell) for cell in cells]
    numbers, offsets = (np.array([getattr(each, name) for each in times]) for name in ("number", "offset"))
    clock, found, note = settle(times[0].clock, numbers, offsets, wanted)
    return clock, found if clock == "number" else found.astype("datetime64[us]"), note


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"])
def test_days_of_a_time_zone_are_counted_as_they_are_written(zone):
    days = pd.date_range("2024-01-01", "2024-12-31", tz=zone)
    for cells in (list(days), [day.isoformat() for day in days]):
        clock, found, note = column(cells)
        assert clock == "calendar"
        assert np.array_equal(found, days.tz_localize(None).to_numpy())
        assert note == (
            "" if zone == "UTC" else "Times have a time zone; they are counted as they are written, without it."
        )


def test_hours_of_a_time_zone_are_counted_in_utc():
    hours = pd.date_range("2024-10-26", "2024-10-28", freq="h", tz="Europe/Berlin")
    _, found, note = column(list(hours))
    assert np.array_equal(found, hours.tz_convert("UTC").tz_localize(None).to_numpy())
    assert note == "Times have a time zone; they are counted in UTC."


def test_dates_written_as_whole_numbers_are_read_as_dates():
    days = pd.date_range("2016-02-20", periods=20)
    clock, found, note = column([day.strftime("%Y%m%d") for day in days])
    assert (clock, note) == ("calendar", "Whole numbers such as 20160220 are read as dates.")
    assert np.array_equal(found, days.to_numpy())
    months = pd.date_range("2016-11-01", periods=5, freq="MS")
    clock, found, _ = column([int(month.strftime("%Y%m")) for month in months])
    assert clock == "calendar"
    assert np.array_equal(found, months.to_numpy())


@pytest.mark.parametrize(
    "cells",
    [
        [20160228, 20160229, 20160230],
        [201601, 201602, 201603],
        [201611, 201612, 201613],
        [20161101, 201612],
        [1949, 1950, 1952],
        [99990101, 99990102],
        [0, 1, 3],
        [-20160701],
    ],
)
def test_other_whole_numbers_count_steps(cells):
    assert column(cells)[0] == "number"


def test_what_goes_on_from_a_training_counts_as_that_did():
    assert column([201601, 201602], wanted="calendar")[0] == "calendar"
    assert column([20160101, 20160102], wanted="number")[0] == "number"
    assert column([5, 6], wanted="calendar")[0] == "number"
