import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.errors import DataError
from longshort.evaluation.forecast_metrics import forecast_metrics, level_weights, pinball, seasonal_scale


def test_metrics_are_those_of_a_hand():
    # Errors 1 and 2, then 0 and 4; usual changes 2 and 4.
    truth = np.array([[10.0, 12.0], [8.0, 4.0]])
    median = np.array([[9.0, 14.0], [8.0, 8.0]])
    found = forecast_metrics(truth, median[..., None], (0.5,), [2.0, 4.0])
    assert (found.forecasts, found.horizon) == (2, 2)
    assert found.mae == pytest.approx((1 + 2 + 0 + 4) / 4)
    assert found.mase == pytest.approx((1 / 2 + 2 / 2 + 0 / 4 + 4 / 4) / 4)
    assert found.smape == pytest.approx((2 / 19 + 4 / 26 + 0 + 8 / 12) / 4)
    assert found.crps == found.mae  # a median alone
    assert found.pinball == {0.5: pytest.approx(found.mae / 2)}
    assert found.coverage == {}
    assert found.mae_by_step == (0.5, 3.0)


def test_quantiles_of_a_hand():
    # The truth 10 lies between 8 and 12, the truth 13 above; pinball 0.1 x 2, 0.5 x 1, 0.9 x ... by hand.
    quantiles = np.array([[[8.0, 9.0, 12.0]], [[8.0, 9.0, 12.0]]])
    found = forecast_metrics([[10.0], [13.0]], quantiles, (0.1, 0.5, 0.9), [1.0, 1.0])
    low, middle, high = (0.1 * 2 + 0.1 * 5) / 2, (0.5 * 1 + 0.5 * 4) / 2, (0.1 * 2 + 0.9 * 1) / 2
    assert found.pinball == {0.1: pytest.approx(low), 0.5: pytest.approx(middle), 0.9: pytest.approx(high)}
    assert found.crps == pytest.approx(2 * (0.3 * low + 0.4 * middle + 0.3 * high))
    assert found.coverage == {0.8: 0.5}
    assert json.loads(json.dumps(found.to_dict()))["coverage"] == {"0.8": 0.5}


def test_the_scale_is_the_usual_change_from_season_to_season():
    assert seasonal_scale([1.0, 2.0, 4.0, 8.0], 2) == pytest.approx((3 + 6) / 2)
    assert seasonal_scale([1.0, 2.0, 4.0], 12) == pytest.approx((1 + 2) / 2)
    assert seasonal_scale([5.0], 1) == 0.0


def test_mase_of_a_series_that_never_changed_is_none():
    assert forecast_metrics([[1.0]], [[[2.0]]], (0.5,), [0.0]).mase is None


def test_smape_is_zero_where_both_are_zero():
    assert forecast_metrics([[0.0, 1.0]], [[[0.0], [1.0]]], (0.5,), [1.0]).smape == 0.0


def test_crps_of_many_quantiles_is_that_of_the_distribution():
    levels = tuple(sorted({*np.arange(0.005, 1, 0.01).round(3).tolist(), 0.5}))
    truth = np.array([[0.3]])
    found = forecast_metrics(truth, np.array(levels)[None, None], levels, [1.0])
    # A uniform distribution from 0 to 1 at 0.3: the integral of (F - 1[x > 0.3])^2 = 0.3^3 / 3 + 0.7^3 / 3.
    assert found.crps == pytest.approx((0.3**3 + 0.7**3) / 3, abs=2e-4)


@given(st.lists(st.floats(0.01, 0.99), min_size=1, max_size=9, unique=True).map(sorted))
def test_weights_of_levels_fill_the_line(levels):
    weights = level_weights(levels)
    assert weights.sum() == pytest.approx(1)
    assert (weights > 0).all()


@given(st.floats(-100, 100), st.floats(0.05, 0.95))
def test_the_true_quantile_has_the_least_pinball_loss(shift, level):
    sample = shift + np.random.default_rng(0).normal(size=2_000)
    best = np.quantile(sample, level)
    losses = [pinball(sample, np.full((2_000, 1), q), [level]).mean() for q in (best - 0.2, best, best + 0.2)]
    assert losses[1] <= min(losses[0], losses[2])


@pytest.mark.parametrize(
    ("truth", "quantiles", "levels", "scales", "message"),
    [
        ([[1.0]], [[[1.0]]], (0.1, 0.5), [1.0], r"got \(1, 1\), \(1, 1, 1\) with 2 levels"),
        (np.zeros((0, 2)), np.zeros((0, 2, 1)), (0.5,), [], r"none of them empty"),
        ([[np.nan]], [[[1.0]]], (0.5,), [1.0], r"must be finite"),
        ([[1.0]], [[[1.0]]], (0.5,), [1.0, 2.0], r"scales"),
    ],
)
def test_what_does_not_fit_is_told(truth, quantiles, levels, scales, message):
    with pytest.raises(DataError, match=message):
        forecast_metrics(truth, quantiles, levels, scales)
