import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from longshort.config import ForecastModelSettings
from longshort.data.series import ForecastEncoding, Series, SeriesSet, Step, Windows, every_origin, from_arrays
from longshort.kinds.forecast.start import linear_inputs, ridge_start
from longshort.networks.forecast_network import ForecastNetwork
from longshort.networks.inference import predict_logits

STEPS = np.arange(150)
VALUES = 20 + 5 * np.sin(2 * np.pi * STEPS / 12) + np.random.default_rng(0).normal(size=150)


def windows(trend="level", values=VALUES):
    known = np.random.default_rng(1).normal(size=(len(values) + 4, 1))
    series = SeriesSet((Series("", 0, values, known, np.zeros((len(values), 0))),), Step("month", 1), known=("k",))
    encoding = ForecastEncoding.fit(series, trends=(trend,), context=12, horizon=4, season=12)
    return Windows(encoding, series, every_origin(series, encoding))


@pytest.mark.parametrize("trend", ["none", "level", "last", "season"])
def test_it_is_scikit_learns_ridge(trend):
    found = windows(trend)
    fit = ridge_start(found)
    lags, known = linear_inputs(found)
    for step in range(4):
        inputs = np.concatenate([lags, known[:, step]], axis=1)
        oracle = Ridge(alpha=fit.penalty).fit(inputs, found.targets[:, step].astype(float))
        assert np.allclose(np.concatenate([fit.weights[step], fit.known[step]]), oracle.coef_, atol=1e-6)
        assert fit.bias[step] == pytest.approx(oracle.intercept_, abs=1e-6)
        errors = oracle.predict(inputs) - found.targets[:, step]
        assert fit.deviations[step] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-5)


def test_a_network_answers_at_first_what_the_ridge_regression_does():
    found = windows()
    fit = ridge_start(found)
    encoding = found.encoding
    network = ForecastNetwork(encoding.features, 12, 4, encoding.known_features, ForecastModelSettings(hidden_size=4))
    network.start(*(torch.from_numpy(p).float() for p in (fit.weights, fit.known, fit.bias, fit.deviations)))
    torch.nn.init.zeros_(network.head.weight)
    answers = predict_logits(network, found)[..., 3].numpy()
    assert np.allclose(answers, fit.answers(*linear_inputs(found)), atol=1e-4)


def test_short_windows_have_zeros_before_their_first_value():
    series = from_arrays(VALUES[:14])
    encoding = ForecastEncoding.fit(series, trends=("level",), context=12, horizon=4, season=3)
    found = Windows(encoding, series, [np.array([3, 10])])
    lags, _ = linear_inputs(found)
    assert (lags[0, :9] == 0).all()
    assert np.allclose(lags[0, 9:], (VALUES[:3] - VALUES[:3].mean()) / VALUES[:3].std(), atol=1e-6)


def test_the_penalty_is_small_where_the_series_is_regular_and_large_where_it_is_noise():
    regular = ridge_start(windows(values=5 * np.sin(2 * np.pi * STEPS / 12)))
    noise = ridge_start(windows(values=np.random.default_rng(2).normal(size=150)))
    assert regular.penalty < noise.penalty


def test_a_flat_series_needs_no_special_care():
    fit = ridge_start(windows(values=np.full(150, 3.0)))
    assert np.isfinite(fit.weights).all()
    assert (fit.deviations > 0).all()
