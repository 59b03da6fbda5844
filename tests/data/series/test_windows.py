import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.config import ForecastDataSettings
from longshort.data.series import (
    TRENDS,
    ForecastEncoding,
    Series,
    SeriesSet,
    Step,
    Windows,
    every_origin,
    from_arrays,
    open_series,
    rolling_origins,
    seasonal_steps,
)
from longshort.errors import DataError

CONTEXT, HORIZON, SEASON = 8, 5, 4
LOCAL = [trend for trend in TRENDS if trend != "none"]


def make(values, trend="level", **shape):
    series = from_arrays(values)
    wanted = {"context": CONTEXT, "horizon": HORIZON, "season": SEASON} | shape
    return ForecastEncoding.fit(series, trends=(trend,), **wanted), series


def windows(values, trend="level", origins=(20,), **shape):
    encoding, series = make(values, trend, **shape)
    return Windows(encoding, series, [np.array(origins)])


def rows(batch):
    return [each.numpy() for each in batch.inputs]


NOISE = np.random.default_rng(0).normal(50, 10, 40)


@pytest.mark.parametrize("trend", TRENDS)
def test_a_window_is_its_past_and_then_the_steps_ahead(trend):
    found = windows(NOISE, trend, [20, 9])
    center = {"none": NOISE.mean(), "last": NOISE[19]}.get(trend, NOISE[12:20].mean())
    scale = NOISE.std() if trend == "none" else NOISE[12:20].std()
    first, second = rows(found.batch(np.array([0, 1])))
    assert first.shape == second.shape == (CONTEXT + HORIZON, 2)
    assert np.allclose(first[:CONTEXT, 0], (NOISE[12:20] - center) / scale, atol=1e-6)
    # Ahead, the value is the last known one of the same season.
    assert np.allclose(first[CONTEXT:, 0], (NOISE[[16, 17, 18, 19, 16]] - center) / scale, atol=1e-6)
    assert first[:, 1].tolist() == [0.0] * CONTEXT + [1.0] * HORIZON
    base = NOISE[[16, 17, 18, 19, 16]] if trend == "season" else center
    assert np.allclose(found.targets[0], (NOISE[20:25] - base) / scale, atol=1e-6)
    assert np.allclose(found.decode(found.targets.astype(float)), found.truth, atol=1e-4)
    assert np.array_equal(found.truth[1], NOISE[9:14])


@given(st.integers(6, 34), st.sampled_from(TRENDS), st.sampled_from(["linear", "last", "zero"]), st.integers(0, 2**31))
def test_what_fills_a_gap_is_never_known_before_it_could_be(origin, trend, fill, seed):
    rng = np.random.default_rng(seed)
    values = rng.normal(50, 10, 40)
    values[1:-1][rng.random(38) < 0.3] = np.nan
    other = values.copy()
    other[origin:] = np.where(np.isnan(values[origin:]), np.nan, rng.normal(500, 10, 40 - origin))
    ours, theirs = (from_arrays(each, fill=fill) for each in (values, other))
    early = ours.until([origin])
    assert np.array_equal(early.series[0].values, theirs.until([origin]).series[0].values)
    assert np.isfinite(early.series[0].values).all()
    encoding = ForecastEncoding.fit(early, trends=(trend,), context=CONTEXT, horizon=HORIZON, season=SEASON)
    (origins,) = rolling_origins(ours, [origin], HORIZON)
    assert fill == "linear" or len(origins) == 40 - HORIZON - origin + 1
    if origin in origins:
        pasts = [rows(Windows(encoding, each, [np.array([origin])]).batch([0]))[0] for each in (ours, theirs)]
        assert np.array_equal(*pasts)
    else:
        assert fill == "linear"
        assert np.isnan(values[origin - 1])


@given(st.integers(2, 35), st.sampled_from(TRENDS), st.integers(0, 2**31))
def test_what_comes_after_an_origin_changes_nothing_before_it(origin, trend, seed):
    rng = np.random.default_rng(seed)
    origin = max(origin, SEASON) if trend == "season" else origin
    other = np.concatenate([NOISE[:origin], rng.normal(0, 1e6, 40 - origin)])
    encoding, _ = make(NOISE[:origin], trend)
    one = Windows(encoding, from_arrays(NOISE), [np.array([origin])])
    two = Windows(encoding, from_arrays(other), [np.array([origin])])
    assert np.array_equal(one.scale, two.scale)
    assert np.array_equal(one.base, two.base)
    assert np.array_equal(rows(one.batch(np.array([0])))[0], rows(two.batch(np.array([0])))[0])


def test_covariates_of_the_past_are_not_seen_ahead():
    found = []
    for later in (1.0, 1e6):
        past = np.concatenate([np.arange(20.0), np.full(20, later)])[:, None]
        series = SeriesSet((Series("", 0, NOISE, np.zeros((40, 0)), past),), Step("number", 1), past=("p",))
        shape = {"trends": ("level",), "context": CONTEXT, "horizon": HORIZON, "season": SEASON}
        encoding = ForecastEncoding.fit(series.until([20]), **shape)
        found.append(rows(Windows(encoding, series, [np.array([20])]).batch(np.array([0])))[0])
    assert np.array_equal(*found)


@given(st.sampled_from(LOCAL), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_local_scaling_follows_the_unit_of_the_series(trend, factor, shift):
    one, two = windows(NOISE, trend, [20, 30]), windows(factor * NOISE + shift, trend, [20, 30])
    both = np.array([0, 1])
    assert np.allclose(rows(one.batch(both)), rows(two.batch(both)), atol=1e-4)
    answers = np.random.default_rng(0).normal(size=(2, HORIZON, 3))
    assert np.allclose(
        factor * one.decode(answers) + shift, two.decode(answers), rtol=1e-6, atol=1e-6 * (1 + abs(shift))
    )


def test_a_short_past_gives_a_short_window():
    encoding, _ = make(NOISE)
    short = from_arrays(NOISE[:5])
    found = Windows(encoding, short, [np.array([5])])
    (window,) = rows(found.batch(np.array([0])))
    assert window.shape == (5 + HORIZON, 2)
    assert np.isnan(found.truth).all()
    with pytest.raises(DataError, match=r"must have at least 2 values before a forecast. Got 1"):
        Windows(encoding, from_arrays(NOISE[:1]), [np.array([1])])


@pytest.mark.parametrize("trend", TRENDS)
@pytest.mark.parametrize("logarithm", [False, True])
@pytest.mark.parametrize("value", [3.0, 7.25, 0.1, 1e90])
def test_a_series_that_never_changes_goes_on_so_whatever_is_answered(trend, logarithm, value):
    flat = windows(np.full(40, value), trend, [20, 35], logarithm=logarithm)
    assert (flat.decode(np.full((2, HORIZON, 3), 2.5)) == value).all()
    assert not flat.targets.any()


def test_logarithms_of_values_that_only_seem_to_be_one_answer_above_zero():
    seen = np.full(40, 3.0)
    seen[19] = -1.0  # read as 3, the least value above 0 before
    encoding, _ = make(np.full(40, 3.0), "last", logarithm=True)
    flat = Windows(encoding, from_arrays(seen), [np.array([20])])
    assert np.allclose(flat.decode(np.ones((1, HORIZON, 2))), 3.0, rtol=1e-14)


def test_covariates_of_the_past_are_not_known_within_a_gap_either(tmp_path):
    lines = [f"{step},{step % 5},{'' if step in (20, 21) else step}" for step in range(40)]
    (tmp_path / "a.csv").write_text("\n".join(["step,y,wind", *lines]))
    found = open_series(
        tmp_path / "a.csv", ForecastDataSettings.parse({"value": "y", "past": ("wind",), "fill": "linear"})
    )
    assert found.series[0].past[18:24, 0].tolist() == [18, 19, 20, 21, 22, 23]
    assert found.until([22]).series[0].past[18:, 0].tolist() == [18, 19, 19, 19]
    assert rolling_origins(found, [19], HORIZON)[0].tolist() == [19, 20, *range(23, 36)]


def test_a_quiet_spell_does_not_make_noise_huge_and_a_flat_past_stays_flat():
    quiet = np.concatenate([NOISE, np.full(CONTEXT, 50.0), [60.0] * HORIZON])
    (scale,) = windows(quiet, "level", [48]).scale
    assert scale == pytest.approx(0.01 * quiet[:48].std())
    flat = windows(np.concatenate([np.full(20, 7.0), np.full(10, 9.0)]), "level", [20])
    assert (flat.scale[0], flat.targets.tolist()) == (0.0, [[0.0] * HORIZON])
    assert flat.decode(np.ones((1, HORIZON, 2))).tolist() == [[[7.0, 7.0]] * HORIZON]


def test_covariates_and_the_calendar_enter_where_they_are_known():
    known, past = np.arange(40.0)[:, None], 100 + np.arange(35.0)[:, None]
    series = SeriesSet((Series("", 0, NOISE[:35], known, past),), Step("month", 1), known=("k",), past=("p",))
    encoding = ForecastEncoding.fit(series, trends=("level",), context=CONTEXT, horizon=HORIZON, season=SEASON)
    (window,) = rows(Windows(encoding, series, [np.array([35])]).batch(np.array([0])))
    assert np.allclose(window[:CONTEXT, 2], (past[27:35, 0] - past.mean()) / past.std())
    assert not window[CONTEXT:, 2].any()
    assert np.allclose(window[:, 3], (known[27:40, 0] - known[:35].mean()) / known[:35].std(), atol=1e-6)
    assert np.allclose(window[:, 4:], series.step.calendar(np.arange(27, 40)), atol=1e-6)
    fewer = SeriesSet((Series("", 0, NOISE[:35], known[:37], past),), Step("month", 1), known=("k",), past=("p",))
    with pytest.raises(DataError, match=r"'k' must be known for all 5 steps ahead of the series. Got 2"):
        Windows(encoding, fewer, [np.array([35])])
    (window,) = rows(Windows(encoding, fewer, [np.array([35])], steps=2).batch(np.array([0])))
    assert np.allclose(window[CONTEXT : CONTEXT + 2, 3], (known[35:37, 0] - known[:35].mean()) / known[:35].std())


def test_several_series_keep_apart():
    one, two = NOISE, 1000 + 5 * NOISE[:30]
    encoding = ForecastEncoding.fit(from_arrays([one, two]), trends=("level",), context=8, horizon=5, season=4)
    both = Windows(encoding, from_arrays([one, two]), [np.array([10, 20]), np.array([12])])
    assert both.which.tolist() == [0, 0, 1]
    alone = Windows(encoding, from_arrays({"1": two}), [np.array([12])])
    assert np.array_equal(rows(both.batch(np.array([2, 0])))[0], rows(alone.batch(np.array([0])))[0])
    assert np.array_equal(both.truth[2], two[12:17])


def test_origins():
    encoding, series = make(NOISE)
    assert every_origin(series, encoding)[0].tolist() == list(range(8, 36))
    assert every_origin(series, encoding, np.array([30]))[0].tolist() == list(range(30, 36))
    short = from_arrays(NOISE[:10])
    assert every_origin(short, encoding)[0].tolist() == [4, 5]  # from a season on
    assert rolling_origins(series, np.array([30]), 5, 2)[0].tolist() == [30, 32, 34]
    seasonal, _ = make(NOISE, "season", context=3)
    assert every_origin(series, seasonal)[0][0] == 4  # never less than a season, which it is measured against
    long = from_arrays(np.arange(20_000.0))
    (many,) = every_origin(long, encoding)
    assert (len(many), many[-1], set(np.diff(many))) == (4_997, 19_995, {4})


@given(st.integers(1, 40), st.integers(1, 12))
def test_the_last_known_value_of_the_same_season(horizon, season):
    back = seasonal_steps(horizon, season)
    ahead = np.arange(horizon)
    where = -back
    assert (where < 0).all()
    assert (where >= -season).all()
    assert ((ahead - where) % season == 0).all()


@pytest.mark.parametrize("trend", TRENDS)
def test_logarithms_make_a_growth_by_shares_one_by_amounts(trend):
    plain, logarithms = windows(NOISE / 10, trend), windows(np.exp(NOISE / 10), trend, logarithm=True)
    assert np.allclose(plain.targets, logarithms.targets, atol=1e-5)
    assert np.allclose(rows(plain.batch(np.array([0])))[0], rows(logarithms.batch(np.array([0])))[0], atol=1e-5)
    assert np.allclose(logarithms.truth[0], np.exp(NOISE[20:25] / 10))
    assert np.allclose(logarithms.decode(logarithms.targets.astype(float)), logarithms.truth, rtol=1e-5)
    assert np.isfinite(logarithms.decode(np.full((1, HORIZON), 1e9))).all()


@pytest.mark.parametrize("trend", TRENDS)
@pytest.mark.parametrize("low", [0.0, -3.0])
def test_what_is_not_above_zero_after_the_first_origin_is_read_as_the_least_value_before_it(trend, low):
    values = np.exp(NOISE / 10)
    values[2] = 0.01
    later = values.copy()
    later[[23, 27]] = low
    stand_in = values.copy()
    stand_in[[23, 27]] = 0.01
    encoding, _ = make(values, trend, logarithm=True)
    found, same = (Windows(encoding, from_arrays(each), [np.array([20, 28])]) for each in (later, stand_in))
    assert np.array_equal(found.targets, same.targets)
    assert np.array_equal(rows(found.batch(np.array([1])))[0], rows(same.batch(np.array([1])))[0])
    assert np.array_equal(found.truth[0], later[20:25])


def test_a_logarithm_needs_values_above_zero():
    message = r"every value of the series must be above 0, for its logarithm is taken. Got -3 at 4\."
    with pytest.raises(DataError, match=message):
        from_arrays(np.array([1, 2, 3, 4, -3, *range(1, 40)], dtype=float)).logarithms()
    encoding, _ = make(np.exp(NOISE / 10), logarithm=True)
    with pytest.raises(DataError, match=r"Got 0 at 0\."):
        Windows(encoding, from_arrays(np.arange(-20.0, 20.0).clip(0)), [np.array([5, 8])])
