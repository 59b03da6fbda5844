import contextlib
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.data.series.steps import DAY, HOUR, MINUTE, SECOND, Step, Uneven, find_step


def times(frequency, periods=40, start="2020-01-01"):
    return pd.date_range(start, periods=periods, freq=frequency).to_numpy().astype("datetime64[us]").astype(np.int64)


@pytest.mark.parametrize(
    ("frequency", "name", "season", "cycles"),
    [
        ("1s", "1 second", 60, ("hour", "day")),
        ("1min", "1 minute", 60, ("hour", "day", "week")),
        ("15min", "15 minutes", 96, ("hour", "day", "week", "year")),
        ("1h", "1 hour", 24, ("day", "week", "year")),
        ("6h", "6 hours", 4, ("day", "week", "year")),
        ("1D", "1 day", 7, ("week", "year")),
        ("B", "1 weekday", 5, ("week", "year")),
        ("7D", "1 week", 52, ("year",)),
        ("MS", "1 month", 12, ("year",)),
        ("ME", "1 month", 12, ("year",)),
        ("QS", "3 months", 4, ("year",)),
        ("YS", "1 year", 1, ()),
    ],
)
def test_the_step_is_found_with_its_season_and_cycles(frequency, name, season, cycles):
    given_times = times(frequency)
    step = find_step([given_times], calendar_times=True)
    assert (str(step), step.season, step.cycles) == (name, season, cycles)
    positions = step.positions(given_times)
    assert np.array_equal(np.diff(positions), np.ones(39))
    assert step.fits(given_times).all()
    for position, moment in zip(positions, pd.date_range("2020-01-01", periods=40, freq=frequency), strict=True):
        text = step.text(position)
        assert pd.Timestamp(text) == (moment if len(text) > 7 else moment.replace(day=1))


def test_a_step_is_written_no_longer_than_it_must_be():
    assert find_step([times("MS")], calendar_times=True).text(-252) == "1949-01"
    assert find_step([times("1D")], calendar_times=True).text(0) == "1970-01-01"
    assert find_step([times("1h")], calendar_times=True).text(13) == "1970-01-01 13:00"
    assert find_step([times("1s")], calendar_times=True).text(61) == "1970-01-01 00:01:01"
    assert find_step([np.array([3, 5, 7])], calendar_times=False).text(2) == "5"


def test_gaps_do_not_change_the_step_and_whole_numbers_have_no_calendar():
    with_gaps = np.delete(times("1h"), [5, 6, 20])
    assert str(find_step([with_gaps], calendar_times=True)) == "1 hour"
    months = np.delete(times("MS"), [3])
    assert str(find_step([months], calendar_times=True)) == "1 month"
    numbers = find_step([np.array([10, 20, 30, 50])], calendar_times=False)
    assert (numbers.count, numbers.season, numbers.cycles) == (10, 1, ())
    assert numbers.calendar(np.arange(4)).shape == (4, 0)


def test_days_that_leave_out_every_weekend_are_weekdays():
    closing = times("B", 60) + 17 * HOUR + 30 * MINUTE
    holidays = np.delete(closing, [3, 20, 21])
    step = find_step([holidays], calendar_times=True)
    assert (step.unit, step.within) == ("weekday", 17 * HOUR + 30 * MINUTE)
    kept = np.delete(np.arange(60), [3, 20, 21])
    assert np.array_equal(step.positions(holidays), step.positions(closing)[0] + kept)
    friday = step.positions(closing)[2]
    assert [step.text(friday + ahead) for ahead in (0, 1)] == ["2020-01-03 17:30", "2020-01-06 17:30"]
    assert step.text(10**18).endswith(" microseconds since 1970")
    saturday = closing[2:3] + DAY
    assert not step.fits(np.concatenate([saturday, saturday + DAY, closing[:1] + HOUR])).any()
    week = step.calendar(friday + np.arange(1, 6))[:, :2]
    assert np.allclose(week, [[np.sin(2 * np.pi * day / 5), np.cos(2 * np.pi * day / 5)] for day in range(5)])
    assert Step.from_dict(step.to_dict()) == step


@pytest.mark.parametrize("changed", ["a Saturday", "one weekend", "every second day", "another hour"])
def test_what_only_looks_like_weekdays_is_something_else(changed):
    given_times = times("B", 60)
    if changed == "a Saturday":
        given_times = np.sort(np.append(given_times, given_times[2] + DAY))
    elif changed == "one weekend":
        given_times = given_times[:8]
    elif changed == "every second day":  # Monday, Wednesday, Friday
        given_times = given_times[(given_times // DAY + 3) % 7 % 2 == 0]
    else:
        given_times[5] += HOUR
    with contextlib.suppress(Uneven):
        assert find_step([given_times], calendar_times=True).unit == "microsecond"


def test_a_time_beside_the_grid_is_told():
    beside = times("1h")
    beside[7] += 37 * MINUTE
    with pytest.raises(Uneven) as caught:
        find_step([times("1h", 5), beside], calendar_times=True)
    assert (caught.value.index, str(caught.value.usual)) == (5 + 7, "1 hour")


def test_the_calendar_says_where_in_its_cycles_a_time_stands():
    step = find_step([times("1h")], calendar_times=True)
    monday_six = (datetime(2024, 1, 1, 6) - datetime(1970, 1, 1)).total_seconds() // 3600
    day, week = step.calendar(np.array([int(monday_six)]))[0][:4].reshape(2, 2)
    assert np.allclose(day, [1.0, 0.0])  # a quarter of a day is done
    assert np.allclose(week, [np.sin(2 * np.pi / 28), np.cos(2 * np.pi / 28)])  # 6 of the 168 hours
    monthly = find_step([times("MS")], calendar_times=True)
    assert np.allclose(monthly.calendar(np.array([3, 15])), [[1.0, 0.0]] * 2)  # April


@given(
    st.sampled_from([SECOND, MINUTE, HOUR, DAY, 3 * HOUR + 1]),
    st.integers(-(10**14), 10**14),
    st.lists(st.integers(0, 50), min_size=3, max_size=30, unique=True).map(sorted),
)
def test_times_and_positions_go_both_ways(size, start, places):
    places = [*range(12), *(12 + place for place in places)]
    moments = start + size * np.array(places)
    step = find_step([moments], calendar_times=True)
    if step.unit == "microsecond" and step.count == size:
        assert np.array_equal(np.diff(step.positions(moments)), np.diff(places))
    assert Step.from_dict(step.to_dict()) == step


@pytest.mark.parametrize(
    "damage",
    [
        {"unit": "fortnight"},
        {"count": 0},
        {"count": 1.5},
        {"count": True},
        {"phase": -1},
        {"phase": 10**16},
        {"within": 10**16},
        {"more": 1},
        {"unit": "weekday"},
        {"unit": "weekday", "count": 1, "within": -1},
    ],
)
def test_a_damaged_step_is_refused(damage):
    with pytest.raises(ValueError, match=r"step"):
        Step.from_dict(Step("microsecond", HOUR).to_dict() | damage)
    with pytest.raises(ValueError, match=r"step"):
        Step.from_dict([])
