import json

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from longshort.config import ForecastModelSettings
from longshort.data.series import ForecastEncoding, Series, SeriesSet, Step, from_arrays
from longshort.errors import DataError, SettingError
from longshort.kinds.forecast.answer import Forecast
from longshort.kinds.forecast.task import Forecasting, QuantileObjective, check_quantiles

VALUES = np.random.default_rng(0).normal(100, 10, 60)
MODEL = ForecastModelSettings(hidden_size=4, quantiles=(0.1, 0.5, 0.9), members=2)
MONTHS = [f"{2000 + i // 12}-{i % 12 + 1:02d}" for i in range(60)]


def make(trends=("level", "last"), values=VALUES):
    series = from_arrays(values, times=MONTHS[: len(values)])
    encoding = ForecastEncoding.fit(series, trends=trends, context=12, horizon=5, season=4)
    task = Forecasting(encoding, MODEL)
    torch.manual_seed(0)
    return task, task.build().eval(), series


def at(*origins):
    return [np.array(origins)]


def test_there_is_a_network_for_each_trend_and_member():
    task, networks, series = make()
    assert (task.name, len(networks)) == ("forecast", 4)
    assert task.predict(networks, series, at(20, 30)).shape == (2, 5, 3)


def test_the_answer_is_the_mean_of_those_of_the_networks():
    task, networks, series = make()
    both = task.predict(networks, series, at(30))
    single = []
    for place, trend in enumerate(task.encoding.trends):
        alone, _, _ = make((trend,))
        single.append(alone.predict(networks[2 * place : 2 * place + 2], series, at(30)))
    assert np.allclose(both, np.mean(single, axis=0))


@settings(max_examples=25)
@given(st.integers(12, 55), st.floats(-1e6, 1e6))
def test_what_comes_after_an_origin_changes_no_forecast(origin, other):
    task, networks, _ = make(("none", "level", "last", "season"))
    changed = VALUES.copy()
    changed[origin:] = other
    series = [from_arrays(values, times=MONTHS) for values in (VALUES, changed)]
    one, two = (task.predict(networks, each, at(origin)) for each in series)
    assert np.array_equal(one, two)


@settings(max_examples=25)
@given(st.floats(0.01, 1000), st.floats(-1e4, 1e4))
def test_the_unit_of_a_series_is_the_unit_of_its_forecast(factor, shift):
    task, networks, series = make(("level", "last", "season"))
    other = from_arrays(factor * VALUES + shift, times=MONTHS)
    one = task.predict(networks, series, at(30, 60))
    two = task.predict(networks, other, at(30, 60))
    assert np.allclose(factor * one + shift, two, rtol=1e-4, atol=1e-3 * factor)


@settings(max_examples=25)
@given(st.integers(0, 2**31), st.floats(1, 1e8))
def test_quantiles_rise_far_from_zero(seed, level):
    task, _, _ = make()
    torch.manual_seed(seed)
    networks = task.build().eval()
    series = from_arrays(VALUES + level, times=MONTHS)
    assert (np.diff(task.predict(networks, series, at(30, 60)), axis=-1) >= 0).all()


def test_a_forecast_begins_after_the_last_value():
    task, networks, series = make()
    found = task.forecast(networks, series, 3)
    assert found.times == (("2005-01", "2005-02", "2005-03"),)
    assert np.array_equal(found.quantiles, task.predict(networks, series, at(60))[:, :3])
    assert task.forecast(networks, series).quantiles.shape == (1, 5, 3)


def test_covariates_are_needed_for_the_steps_that_are_asked_for_alone():
    prices = np.random.default_rng(1).normal(size=(65, 1))
    sets = [
        SeriesSet((Series("", 0, VALUES, prices[:end], np.zeros((60, 0))),), Step("month", 1), known=("price",))
        for end in (65, 63)
    ]
    encoding = ForecastEncoding.fit(sets[0], trends=("level", "season"), context=12, horizon=5, season=4)
    task = Forecasting(encoding, MODEL)
    torch.manual_seed(0)
    networks = task.build().eval()
    for network in networks:
        torch.nn.init.normal_(network.known_change, std=1e3)
    whole, part = task.forecast(networks, sets[0]), task.forecast(networks, sets[1], 3)
    assert np.array_equal(whole.quantiles[:, :3], part.quantiles)
    assert not np.array_equal(
        part.quantiles,
        task.forecast(
            networks,
            sets[0].__class__(
                (Series("", 0, VALUES, -prices[:63], np.zeros((60, 0))),), Step("month", 1), known=("price",)
            ),
            3,
        ).quantiles,
    )
    with pytest.raises(DataError, match=r"'price' must be known for all 4 steps ahead of the series. Got 3"):
        task.forecast(networks, sets[1], 4)


def test_a_past_that_is_shorter_than_what_is_looked_at_is_told():
    task, _, series = make()
    assert task.notes(series) == []
    assert task.notes(from_arrays([VALUES, VALUES[:7], VALUES[:9]])) == [
        "The model looks at the last 12 steps, and the series '1' has 7; 1 more are too short. Give all that is known "
        "of the past: it forecasts worse from less."
    ]


@pytest.mark.parametrize("horizon", [0, -1, 6])
def test_a_horizon_beyond_the_trained_one_is_refused(horizon):
    task, networks, series = make()
    with pytest.raises(SettingError, match=rf"horizon must be from 1 to 5.* Got {horizon}\."):
        task.forecast(networks, series, horizon)


def test_other_series_must_be_alike():
    task, networks, _ = make()
    with pytest.raises(DataError, match=r"a step of 1 month, nothing known ahead .* Got a step of 1, nothing"):
        task.forecast(networks, from_arrays(VALUES))
    priced = SeriesSet(
        (Series("", 0, VALUES, np.zeros((70, 1)), np.zeros((60, 0))),), Step("month", 1), known=("price",)
    )
    with pytest.raises(DataError, match=r"Got a step of 1 month, 'price' and nothing"):
        task.forecast(networks, priced)


def test_pinball_loss_of_a_hand():
    objective = QuantileObjective((0.1, 0.5, 0.9))
    losses = objective.losses(torch.tensor([[[1.0, 2.0, 3.0]]]), torch.tensor([[2.5]]))
    assert losses.tolist() == pytest.approx([(0.1 * 1.5 + 0.5 * 0.5 + 0.1 * 0.5) / 3])
    assert objective.correct(torch.zeros(1), torch.zeros(1)) is None
    with pytest.raises(SettingError, match=r"class_weights must not be set"):
        objective.balance(torch.zeros(1))


@pytest.mark.parametrize("levels", [(0.1, 0.9), (0.5, 0.1), (0.5, 0.5), (0.0, 0.5), (0.5, 1.0)])
def test_quantiles_that_are_none_are_refused(levels):
    with pytest.raises(SettingError, match=r"quantiles must rise between 0 and 1, with 0.5 among them"):
        check_quantiles(levels)


# --- the answer as plain data ---

ANSWER = Forecast(
    "sales",
    ("a", "b"),
    (("2005-01", "2005-02"), ("2006-01", "2006-02")),
    (0.1, 0.5, 0.9),
    np.arange(12.0).reshape(2, 2, 3),
)


def test_rows_have_a_column_for_each_quantile():
    assert ANSWER.columns == ("series", "time", "q0.1", "q0.5", "q0.9")
    assert list(ANSWER.rows())[1:3] == [("a", "2005-02", 3.0, 4.0, 5.0), ("b", "2006-01", 6.0, 7.0, 8.0)]
    assert ANSWER.median.tolist() == [[1, 4], [7, 10]]


def test_one_series_without_a_name_has_no_column_for_it():
    alone = Forecast("y", ("",), (("7", "8"),), (0.5,), np.ones((1, 2, 1)))
    assert (alone.columns, list(alone.rows())) == (("time", "q0.5"), [("7", 1.0), ("8", 1.0)])
    assert alone.to_pandas()["time"].tolist() == [7, 8]


def test_it_is_json_and_a_frame():
    content = json.loads(json.dumps(ANSWER.to_dict()))
    assert content["levels"] == [0.1, 0.5, 0.9]
    assert content["forecasts"][1] == {
        "series": "b",
        "times": ["2006-01", "2006-02"],
        "quantiles": [[6, 7, 8], [9, 10, 11]],
    }
    frame = ANSWER.to_pandas()
    assert frame["time"].tolist() == [pd.Timestamp(t) for t in ("2005-01-01", "2005-02-01", "2006-01-01", "2006-02-01")]
    assert frame["q0.9"].tolist() == [2, 5, 8, 11]
