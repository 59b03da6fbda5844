from dataclasses import replace

import numpy as np
import pytest
import torch

from longshort.config import ForecastDataSettings, ForecastModelSettings
from longshort.data.series import ForecastEncoding, Series, SeriesSet, Step, from_arrays
from longshort.errors import DataError
from longshort.kinds.forecast.fitting import TRAINING, fit_forecast, shape_of
from longshort.kinds.forecast.task import Forecasting
from longshort.training import Listener

STEPS = np.arange(108)
SHORT = TRAINING.replace(epochs=3, statistics=False)
SMALL = ForecastModelSettings(hidden_size=8)
SETTINGS = ForecastDataSettings(horizon=12, season=12)


def fit(values, *, settings=SETTINGS, model=SMALL, training=SHORT, listener=None):
    series = values if isinstance(values, SeriesSet) else from_arrays(values)
    return fit_forecast(series, settings, listener, model=model, training=training)


def noisy(seed=0):
    rng = np.random.default_rng(seed)
    return 100 + 10 * np.sin(2 * np.pi * STEPS / 12) + rng.normal(size=len(STEPS))


class Heard(Listener):
    def __init__(self):
        self.notes, self.stages = [], []

    def note(self, text):
        self.notes.append(text)

    def stage(self, text):
        self.stages.append(text)


@pytest.mark.parametrize(
    ("name", "values", "size"),
    [
        ("line", lambda t: 5 + 3.0 * t, 36),
        ("falling line", lambda t: 1e6 - 2e3 * t, 24e3),
        ("season", lambda t: 50 + 20 * np.sin(2 * np.pi * t / 12), 20),
        ("season on a line", lambda t: 2.0 * t + 20 * np.sin(2 * np.pi * t / 12), 24),
    ],
)
def test_pure_trends_and_seasons_are_forecast_nearly_exactly(name, values, size):
    fitted = fit(values(STEPS))
    came = values(np.arange(108, 120))
    missed = np.abs(fitted.forecast().median[0] - came).max()
    assert missed < 0.03 * size, (name, fitted.choice.trends)


def test_the_same_seed_gives_the_same_bits_and_another_does_not():
    one, two = fit(noisy()).forecast().quantiles, fit(noisy()).forecast().quantiles
    assert np.array_equal(one, two)
    other = fit(noisy(), training=SHORT.replace(seed=1)).forecast().quantiles
    assert not np.array_equal(one, other)


def test_what_was_chosen_is_said():
    heard = Heard()
    fitted = fit(noisy(), listener=heard)
    assert heard.notes == [fitted.choice.describe()]
    assert heard.stages[0].startswith("Training on the part before 86 (trend ")
    assert heard.stages[-1].startswith("Training on everything (trend ")
    assert set(fitted.choosing) == set(fitted.trained) == set(fitted.choice.trends)
    for trend in fitted.choice.trends:
        assert len(fitted.trained[trend].history) == fitted.choosing[trend].best_epoch


def test_a_trend_that_is_set_is_taken():
    heard = Heard()
    fitted = fit(noisy(), model=SMALL.replace(trend="level", logarithm="never", members=2), listener=heard)
    encoding = fitted.task.encoding
    assert (encoding.trends, len(fitted.networks)) == (("level",), 2 * len(encoding.contexts))
    assert heard.notes == ["Each window is measured against its own mean (trend level), as was set."]


def test_it_learns_on_everything_and_knows_nothing_of_the_time_after():
    values = noisy()
    changed = values.copy()
    changed[96:] = -1e6
    series = [from_arrays(each).until([96]) for each in (values, changed)]
    one, two = (fit(each).forecast().quantiles for each in series)
    assert np.array_equal(one, two)
    later = values.copy()
    later[95] += 5  # the last value known
    assert not np.array_equal(one, fit(later[:96]).forecast().quantiles)


def test_the_validation_part_teaches_nothing_before_it_has_chosen():
    changed = noisy()
    changed[86:] += 1e3
    local = SMALL.replace(trend="level")
    one, two = (fit(values, model=local).choosing["level"].history for values in (noisy(), changed))
    assert [each["train_loss"] for each in one] == [each["train_loss"] for each in two]
    assert one[0]["validation_loss"] != two[0]["validation_loss"]


def test_many_series_share_one_model():
    rng = np.random.default_rng(0)
    values = {
        str(i): 10.0**i * (5 + np.sin(2 * np.pi * STEPS / 12 + i) + 0.05 * rng.normal(size=108)) for i in range(3)
    }
    fitted = fit(from_arrays(values), model=SMALL.replace(trend="level"))
    found = fitted.forecast(horizon=6)
    assert found.names == ("0", "1", "2")
    for i in range(3):
        came = 10.0**i * (5 + np.sin(2 * np.pi * np.arange(108, 114) / 12 + i))
        assert np.abs(found.median[i] - came).max() < 0.3 * 10.0**i
    unknown = from_arrays({"new": values["1"] * 7 + 3})
    assert np.allclose(
        fitted.forecast(unknown).median, 7 * fitted.forecast(from_arrays({"1": values["1"]})).median + 3, rtol=1e-3
    )


def test_what_is_known_ahead_is_made_use_of():
    rng = np.random.default_rng(0)
    price = rng.normal(size=(120, 1))
    values = 50 + 10 * price[:108, 0] + rng.normal(0, 0.1, 108)
    series = SeriesSet((Series("", 0, values, price, np.zeros((108, 0))),), Step("number", 1), known=("price",))
    fitted = fit(series, settings=ForecastDataSettings(horizon=6, season=1))
    assert np.abs(fitted.forecast().median[0] - (50 + 10 * price[108:114, 0])).max() < 1.5


def test_bands_hold_about_what_they_say():
    rng = np.random.default_rng(3)
    values = 100 + 10 * rng.normal(size=600)
    series = from_arrays(values)
    settings = ForecastDataSettings(horizon=6, season=1)
    fitted = fit(series.until([400]), settings=settings, training=TRAINING.replace(epochs=6, statistics=False))
    answers = fitted.task.predict(fitted.networks, series, [np.arange(400, 595)])
    truth = values[np.arange(400, 595)[:, None] + np.arange(6)]
    inside = ((truth >= answers[..., 1]) & (truth <= answers[..., -2])).mean()
    assert 0.72 < inside < 0.88


def test_weights_and_encoding_make_the_same_forecast_again():
    fitted = fit(noisy())
    task = Forecasting(ForecastEncoding.from_json(fitted.task.encoding.to_json()), SMALL)
    networks = task.build().eval()
    networks.load_state_dict({name: tensor.clone() for name, tensor in fitted.networks.state_dict().items()})
    again = task.forecast(networks, fitted.series)
    assert np.array_equal(again.quantiles, fitted.forecast().quantiles)


def test_the_random_numbers_of_the_caller_are_left_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    fit(noisy())
    assert torch.equal(torch.rand(3), expected)


def test_the_shape_is_chosen_from_season_horizon_and_length():
    months = [f"{1949 + i // 12}-{i % 12 + 1:02d}" for i in range(144)]
    monthly = from_arrays(np.arange(144.0), times=months)
    shape = shape_of(monthly, ForecastDataSettings(), SMALL)
    assert (shape.context, shape.horizon, shape.season, shape.contexts) == (36, 12, 12, (36, 12))
    shape = shape_of(monthly.until([120]), ForecastDataSettings(), SMALL)
    assert shape.context == 24  # whole seasons within a quarter of the length
    shape = shape_of(from_arrays(np.arange(1000.0)), ForecastDataSettings(), SMALL)
    assert (shape.context, shape.horizon, shape.season, shape.contexts) == (36, 12, 1, (36, 18, 72))
    assert shape_of(from_arrays(np.arange(9.0)), ForecastDataSettings(), SMALL).contexts == (2,)
    short = monthly.until([60])
    assert shape_of(short, ForecastDataSettings(), SMALL).horizon == 7  # an eighth of it
    assert shape_of(short, ForecastDataSettings(horizon=12), SMALL).horizon == 12
    shape = shape_of(monthly, ForecastDataSettings(horizon=3, season=4), SMALL.replace(context=7))
    assert (shape.context, shape.horizon, shape.season, shape.contexts) == (7, 3, 4, ())


def test_networks_that_look_at_fewer_and_at_more_steps_answer_together():
    fitted = fit(noisy(), model=SMALL.replace(trend="level"))
    encoding, networks = fitted.task.encoding, list(fitted.networks)
    assert [each.context for _, each in encoding.each()] == [each.context for each in networks]
    assert len({each.context for each in networks}) == len(encoding.contexts) > 1
    alone = []
    for (_, own), network in zip(encoding.each(), networks, strict=True):
        task = Forecasting(replace(own, contexts=()), fitted.task.settings)
        alone.append(task.forecast(torch.nn.ModuleList([network]), fitted.series).quantiles)
    np.testing.assert_allclose(fitted.forecast().quantiles, np.mean(alone, axis=0), rtol=1e-6)


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        (1, r"must have at least 12 steps before and 12 within .* Of its 1 steps, 12 are in that part"),
        (23, r"must have at least 12 steps before and 12 within .* Of its 23 steps, 12 are in that part"),
        (25, r"must have 14 steps before its validation part, to learn to look 12 ahead. The longest has 13"),
    ],
)
def test_a_series_that_is_too_short_is_told(steps, message):
    with pytest.raises(DataError, match=message):
        fit(np.arange(float(steps)))


@pytest.mark.parametrize("steps", [26, 30, 40, 61])
def test_the_shortest_series_are_forecast_all_the_same(steps):
    assert fit(np.arange(float(steps)) + noisy()[:steps]).forecast().quantiles.shape == (1, 12, 7)


def test_a_series_that_never_changes_is_forecast_to_stay():
    assert np.allclose(fit(np.full(108, 3.25)).forecast().median, 3.25, atol=1e-3)
