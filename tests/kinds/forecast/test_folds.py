"""Folds of series: nothing of a fold, or of what comes after it, is known to the training before it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.config import ForecastRunSettings
from longshort.data.series import SeriesSet, from_arrays
from longshort.errors import DataError
from longshort.kinds.forecast.folds import folds_of_time, inner_folds_of_time

SETTINGS = ForecastRunSettings.from_flat({"horizon": 4})


def counted(*lengths: int) -> SeriesSet:
    """Series whose values say where they stand."""
    return from_arrays([np.arange(length, dtype=float) for length in lengths])


@given(lengths=st.lists(st.integers(60, 200), min_size=1, max_size=3), count=st.integers(1, 6))
def test_folds_follow_one_another_to_the_end(lengths: list[int], count: int) -> None:
    found = list(folds_of_time(counted(*lengths), SETTINGS, count))
    assert len(found) == count
    for place, length in enumerate(lengths):
        edges = []
        for fold in found:
            train, test = fold.parts["train"], fold.parts["test"]
            known, held = train.series.series[place].values, test.series.series[place].values
            assert train.begins[place] == 0
            assert test.begins[place] == len(known)
            assert held.tolist() == list(range(len(held)))  # what comes after the fold is not there
            edges += [len(known), len(held)]
        assert edges[-1] == length
        assert edges[1:-1:2] == edges[2::2]  # each begins where the last one ends
        sizes = {end - begin for begin, end in zip(edges[::2], edges[1::2], strict=True)}
        assert sizes == {length // (count + 1)}


def test_each_fold_has_the_steps_that_are_set() -> None:
    settings = ForecastRunSettings.from_flat({"horizon": 4, "test_steps": 10})
    found = [fold.parts["test"] for fold in folds_of_time(counted(60), settings, 3)]
    assert [part.rows.tolist() for part in found] == [[*range(begin, begin + 10)] for begin in (30, 40, 50)]


@pytest.mark.parametrize(
    ("length", "folds"),
    [
        (300, [(240, 60)]),  # a fifth has 15 forecasts that do not overlap
        (100, [(82, 6), (88, 6), (94, 6)]),  # a fifth has 5
        (40, [(28, 4), (32, 4), (36, 4)]),  # a third of a fifth is shorter than the horizon
    ],
)
def test_settings_are_compared_on_one_part_or_on_three(length: int, folds: list[tuple[int, int]]) -> None:
    found = list(inner_folds_of_time(counted(length), 0.2, 3, 4))
    assert [set(fold.parts) for fold in found] == [{"train", "validation"}] * len(folds)
    sizes = [(len(fold.parts["train"].rows), len(fold.parts["validation"].rows)) for fold in found]
    assert sizes == folds


def test_a_series_that_is_too_short_is_named() -> None:
    series = from_arrays({"long": np.arange(90.0), "short": np.arange(20.0)})
    with pytest.raises(
        DataError, match=r"look 4 ahead, the series 'short' must .* Of its 20 steps, 3 are in each and 5 before"
    ):
        folds_of_time(series, SETTINGS, 5).__next__()
    with pytest.raises(
        DataError, match=r"at least 4 steps in each of 3 folds and 8 before. Of its 18 steps, 4 are in each and 6"
    ):
        inner_folds_of_time(counted(18), 0.2, 3, 4).__next__()


def test_all_folds_look_as_far_ahead() -> None:
    """As far as suits the one with the shortest past."""
    assert [fold.horizon for fold in folds_of_time(counted(120), ForecastRunSettings(), 4)] == [3] * 4
    assert [fold.horizon for fold in folds_of_time(counted(120), SETTINGS, 4)] == [4] * 4
