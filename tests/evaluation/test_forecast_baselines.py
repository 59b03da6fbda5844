import numpy as np
import pytest
from sklearn.linear_model import Ridge

from longshort.data.series import from_arrays
from longshort.evaluation.forecast_baselines import (
    DRIFT,
    LAST,
    PENALTIES,
    RIDGE,
    SEASONAL,
    drift,
    last_value,
    ridge_autoregression,
    seasonal_last_value,
)

NOISE = np.random.default_rng(0).normal(100, 10, 80)


def one(values):
    return from_arrays(values)


def at(*origins):
    return [np.array(origins)]


def test_the_simple_ones_say_what_a_person_would():
    series = one([1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    assert last_value(series, at(2, 4), 2).values.tolist() == [[2, 2], [8, 8]]
    assert seasonal_last_value(series, at(4), 5, 3).values.tolist() == [[2, 4, 8, 2, 4]]
    assert seasonal_last_value(series, at(2), 2, 3).values.tolist() == [[2, 2]]  # no whole season yet
    assert drift(series, at(3, 1), 2).values.tolist() == [[5.5, 7.0], [1.0, 1.0]]
    names = [
        b.name
        for b in (last_value(series, at(2), 1), seasonal_last_value(series, at(2), 1, 1), drift(series, at(2), 1))
    ]
    assert names == [LAST, SEASONAL, DRIFT]


def test_several_series_come_one_after_another():
    series = from_arrays([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    assert last_value(series, [np.array([1, 2]), np.array([2])], 1).values.ravel().tolist() == [1, 2, 20]


def ridge(values, start, origins, **options):
    wanted = {"starts": np.array([start]), "lags": 6} | options
    return ridge_autoregression(one(values), at(*origins), 4, **wanted)


def test_ridge_finds_a_line_and_a_season():
    steps = np.arange(120.0)
    found = ridge(3 * steps + 7, 90, [90, 100])
    assert found.name == RIDGE
    assert np.allclose(found.values, [3 * np.arange(90, 94) + 7, 3 * np.arange(100, 104) + 7], rtol=1e-3)
    season = np.sin(2 * np.pi * steps / 12)
    assert np.allclose(ridge(season, 90, [91], lags=12).values, season[91:95], atol=0.01)


def test_ridge_is_scikit_learns_on_the_same_rows():
    found = ridge(NOISE, 60, [70])
    mean, scale = NOISE[:60].mean(), NOISE[:60].std()
    values = (NOISE - mean) / scale
    rows = np.arange(6, 57)
    inputs = values[rows[:, None] - np.arange(1, 7)]
    candidates = []
    for penalty in PENALTIES:
        answers = [
            Ridge(alpha=penalty).fit(inputs, values[rows + h]).predict(values[70 - np.arange(1, 7)][None])[0]
            for h in range(4)
        ]
        candidates.append(mean + scale * np.array(answers))
    assert min(np.abs(found.values[0] - each).max() for each in candidates) < 1e-9


def test_ridge_looks_at_nothing_after_an_origin():
    other = NOISE.copy()
    other[60:] *= 1e3
    assert np.array_equal(ridge(NOISE, 60, [60]).values, ridge(other, 60, [60]).values)
    other = NOISE.copy()
    other[70:] *= 1e3
    assert np.array_equal(ridge(NOISE, 60, [65, 70]).values, ridge(other, 60, [65, 70]).values)
    assert not np.array_equal(ridge(NOISE, 60, [75]).values, ridge(other, 60, [75]).values)


def test_there_is_no_ridge_where_there_is_nothing_to_learn_from():
    assert ridge(NOISE[:30], 4, [4]) is None
    assert np.isfinite(ridge(NOISE[:30], 5, [5]).values).all()


@pytest.mark.parametrize("start", [9, 12, 20])
def test_ridge_of_a_short_series_has_fewer_lags(start):
    found = ridge(NOISE[:30], start, [start], lags=50)
    assert np.isfinite(found.values).all()
