import json

import numpy as np
import pytest

from longshort.data.series import from_arrays
from longshort.errors import DataError
from longshort.evaluation.backtest import backtest, scaled_crps
from longshort.evaluation.forecast_baselines import DRIFT, LAST, RIDGE, SEASONAL

VALUES = 50 + 10 * np.sin(2 * np.pi * np.arange(120) / 12) + np.random.default_rng(0).normal(size=120)
LEVELS = (0.1, 0.5, 0.9)


def run(predict, values=VALUES, start=96, season=12, **options):
    series = from_arrays(values)
    return backtest(predict, LEVELS, series, np.array([start]), horizon=6, season=season, **options)


def oracle(series, origins):
    truth = np.concatenate([s.values[own[:, None] + np.arange(6)] for s, own in zip(series, origins, strict=True)])
    return truth[..., None] + np.array([-1.0, 0.0, 1.0])


def test_all_forecast_from_the_same_origins():
    found = run(oracle)
    assert [own.tolist() for own in found.origins] == [list(range(96, 115))]
    assert set(found.baseline_metrics) == {LAST, SEASONAL, DRIFT, RIDGE}
    assert {metrics.forecasts for metrics in found.baseline_metrics.values()} == {19} == {found.model.forecasts}
    assert (found.model.mae, found.model.coverage) == (0.0, {0.8: 1.0})
    expected = np.abs(found.truth - found.baselines[SEASONAL].values).mean()
    assert found.baseline_metrics[SEASONAL].mae == pytest.approx(expected)
    usual = np.abs(VALUES[12:96] - VALUES[:84]).mean()  # of the training part alone
    assert found.baseline_metrics[SEASONAL].mase == pytest.approx(expected / usual)


def test_the_headline_says_who_is_better():
    assert run(oracle).better
    worse = run(lambda series, origins: oracle(series, origins) + 1e3)
    assert not worse.better
    assert worse.headline().startswith("Mean absolute error 1000 over 19 forecasts of 6 steps: no better than ")
    assert ": better than " in run(oracle).headline()
    assert json.loads(json.dumps(worse.to_dict()))["better"] is False


def test_without_a_season_the_last_value_is_one_baseline_not_two():
    assert set(run(oracle, season=1).baseline_metrics) == {LAST, DRIFT, RIDGE}


def test_the_scaled_crps_weighs_series_alike():
    options = {"horizon": 6, "season": 12}

    def flat(series, origins):
        return np.concatenate(
            [np.tile(s.values[own - 1][:, None, None], (1, 6, 3)) for s, own in zip(series, origins, strict=True)]
        )

    alone = scaled_crps(flat, LEVELS, from_arrays(VALUES), np.array([96]), **options)
    last = run(oracle).baseline_metrics[LAST]  # the CRPS of three quantiles that are one is the absolute error
    assert alone == pytest.approx(last.mase)
    both = from_arrays([VALUES, 1_000 * VALUES])
    assert scaled_crps(flat, LEVELS, both, np.array([96, 96]), **options) == pytest.approx(alone)
    assert scaled_crps(flat, LEVELS, from_arrays(np.ones(120)), np.array([96]), **options) == 0


def test_a_stride_leaves_origins_out():
    assert run(oracle, stride=6).origins[0].tolist() == [96, 102, 108, 114]


def test_a_part_shorter_than_the_horizon_is_told():
    with pytest.raises(DataError, match=r"the part held out must have at least 6 steps.* Got 5"):
        run(oracle, start=115)


def test_the_former_names_still_work() -> None:
    found = run(oracle)
    with pytest.warns(DeprecationWarning, match="is now Backtest.baseline_metrics"):
        assert found.opponents is found.baseline_metrics
    with pytest.warns(DeprecationWarning, match="is now Backtest.best_baseline"):
        assert found.best_opponent == found.best_baseline
