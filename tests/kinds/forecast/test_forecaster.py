"""`Forecaster`: arrays, pandas and files in, the same kind out; scikit-learn's checks that apply."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import estimator_checks_generator

import longshort
from longshort import Forecaster
from longshort.errors import DataError, SettingError
from longshort.training import Listener

STEPS = np.arange(96)
QUICK: dict[str, Any] = {"horizon": 6, "season": 12, "epochs": 1, "hidden_size": 4, "statistics": False}


def values(seed: int = 0) -> np.ndarray:
    return 50 + 10 * np.sin(2 * np.pi * STEPS / 12) + np.random.default_rng(seed).normal(size=96)


def frame() -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=96, freq="D")
    parts = [pd.DataFrame({"time": days, "shop": name, "sold": values(seed)}) for seed, name in enumerate("ab")]
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return Forecaster(**QUICK).fit(values())


def test_an_array_in_an_array_out(fitted: Forecaster) -> None:
    answer = fitted.predict()
    assert answer.shape == (6,)
    came = 50 + 10 * np.sin(2 * np.pi * np.arange(96, 102) / 12)
    assert np.abs(answer - came).max() < 5
    assert np.array_equal(fitted.predict(values()), answer)
    assert np.array_equal(fitted.predict(horizon=2), answer[:2])
    assert fitted.horizon_ == 6


def test_several_arrays() -> None:
    several = [values(0), values(1)[:80]]
    model = Forecaster(**QUICK).fit(several)
    assert model.predict().shape == (2, 6)
    named = model.predict({"0": several[0], "1": several[1]})
    assert list(named) == ["0", "1"]
    assert np.array_equal(named["1"], model.predict()[1])


@pytest.mark.parametrize("index", ["dates", "periods", "numbers", "years", "zone", "hours"])
def test_a_pandas_series_in_a_pandas_series_out(index: str) -> None:
    dates = pd.date_range("2016-01-01", periods=96, freq="MS")
    days = pd.date_range("2024-01-20", periods=99, tz="Europe/Berlin")
    hours = pd.date_range("2024-03-30 03:00", periods=99, freq="h", tz="Europe/Berlin")
    indices = {
        "dates": dates,
        "periods": dates.to_period("M"),
        "numbers": pd.RangeIndex(96),
        "years": pd.Index(range(1850, 1946), name="year"),
        "zone": days[:96],
        "hours": hours[:96],
    }
    given = pd.Series(values(), index=indices[index], name="sold")
    answer = Forecaster(**QUICK).fit(given).predict(horizon=3)
    assert (type(answer), answer.name) == (pd.Series, "sold")
    ahead = pd.date_range("2024-01-01", periods=3, freq="MS")
    expected = {
        "dates": ahead,
        "periods": ahead.to_period("M"),
        "numbers": pd.RangeIndex(96, 99),
        "years": pd.RangeIndex(1946, 1949),
        "zone": days[96:],
        "hours": hours[96:],
    }[index]
    assert list(answer.index) == list(expected)
    assert answer.index.name == given.index.name


def test_several_pandas_series_keep_their_times() -> None:
    dates = pd.date_range("2016-01-01", periods=96, freq="MS")
    north, south = (pd.Series(values(seed), index=dates, name=name) for seed, name in ((0, "n"), (1, "s")))
    model = Forecaster(**QUICK).fit({"north": north, "south": south[:80]})
    assert str(model.series_.step) == "1 month"
    answer = model.predict(horizon=2)
    assert answer["south"].index.tolist() == [pd.Timestamp("2022-09-01"), pd.Timestamp("2022-10-01")]
    (alone,) = model.predict([north], horizon=2)
    assert alone.index.tolist() == [pd.Timestamp("2024-01-01"), pd.Timestamp("2024-02-01")]
    assert np.allclose(alone, answer["north"])
    with pytest.raises(DataError, match="1 are missing before 2016-05"):
        Forecaster(**QUICK).fit({"north": north.drop(dates[3])})


def test_the_index_of_a_pandas_series_is_its_time() -> None:
    given = pd.Series(values(), index=range(1850, 1946))
    with pytest.raises(DataError, match="1 are missing before 1854"):
        Forecaster(**QUICK).fit(given.drop(1853))
    model = Forecaster(**QUICK, fill="linear").fit(given)
    open_end = pd.concat([given, pd.Series([np.nan, np.nan], index=[1946, 1947])])
    assert model.predict(open_end).index.tolist() == list(range(1946, 1952))
    with pytest.raises(DataError, match=r"'time' must hold times\. Got 'a'"):
        Forecaster(**QUICK).fit(given.set_axis(["a"] * 96))


def test_a_frame_in_a_frame_out(tmp_path: Path) -> None:
    model = Forecaster(**QUICK, series="shop").fit(frame())
    answer = model.predict(horizon=2)
    assert list(answer.columns) == ["series", "time", "sold"]
    assert answer["series"].tolist() == ["a", "a", "b", "b"]
    assert answer["time"].iloc[0] == pd.Timestamp("2024-04-06")
    frame().to_csv(tmp_path / "sales.csv", index=False)
    assert np.allclose(model.predict(tmp_path / "sales.csv", 2)["sold"], answer["sold"])


def test_bands(fitted: Forecaster) -> None:
    low, high = fitted.predict_interval(coverage=0.8)
    quantiles = fitted.forecast()
    assert np.array_equal(low, quantiles.quantiles[0, :, quantiles.levels.index(0.1)])
    assert (low < fitted.predict()).all()
    assert (high > fitted.predict()).all()
    with pytest.raises(SettingError, match=r"coverage must be a band between two quantiles, such as 0.5, 0.8, 0.9"):
        fitted.predict_interval(coverage=0.7)


def test_a_backtest_beside_the_baselines(fitted: Forecaster) -> None:
    early = Forecaster(**QUICK).fit(values()[:76])
    found = early.backtest(values(), steps=20)
    assert found.model.forecasts == 15
    assert set(found.baseline_metrics) == {"last value", "seasonal last value", "drift", "ridge autoregression"}
    assert early.score(values()) == -early.backtest(values()).model.mase


def test_it_is_stored_and_comes_back(fitted: Forecaster, tmp_path: Path) -> None:
    fitted.save(tmp_path / "kept")
    again = longshort.load(tmp_path / "kept")
    assert isinstance(again, Forecaster)
    assert again.get_params() == fitted.get_params()
    assert np.array_equal(again.forecast().quantiles, fitted.forecast().quantiles)
    fitted.save(tmp_path / "alone", series=False)
    alone = longshort.load(tmp_path / "alone")
    assert np.array_equal(alone.predict(values()), fitted.predict())
    with pytest.raises(DataError, match=r"A forecast continues a series of values\. This model keeps none"):
        alone.predict()
    assert np.array_equal(pickle.loads(pickle.dumps(fitted)).predict(), fitted.predict())


def test_a_clone_is_unfitted_with_the_same_arguments(fitted: Forecaster) -> None:
    twin = clone(fitted)
    assert twin.get_params() == fitted.get_params()
    with pytest.raises(NotFittedError):
        twin.predict()
    assert "Forecaster" in twin._repr_html_()


def test_what_is_wrong_is_told() -> None:
    with pytest.raises(SettingError, match=r"A series is its own target\. Got y\."):
        Forecaster().fit(values(), values())
    with pytest.raises(DataError, match="must have a number in every row"):
        Forecaster(**QUICK).fit(np.where(STEPS == 5, np.nan, values()))
    with pytest.raises(SettingError, match="horizon must be"):
        Forecaster(horizon=0).fit(values())


def test_a_fit_that_was_stopped_goes_on(tmp_path: Path) -> None:
    class Stops(Listener):
        stages = 0

        def stage(self, text: str) -> None:
            self.stages += 1
            if self.stages == 3:
                raise KeyboardInterrupt

    class Heard(Listener):
        notes: ClassVar[list[str]] = []

        def note(self, text: str) -> None:
            self.notes.append(text)

    kept = {**QUICK, "epochs": 2, "checkpoints": tmp_path}
    with pytest.raises(KeyboardInterrupt):
        Forecaster(**kept).fit(values(), listener=Stops())
    again = Forecaster(**kept).fit(values(), listener=Heard())
    assert any("Found a checkpoint" in note for note in Heard.notes)
    assert np.array_equal(again.predict(), Forecaster(**QUICK | {"epochs": 2}).fit(values()).predict())
    assert list(tmp_path.iterdir()) == []


SHORT = "scikit-learn gives tables of a few columns; as series they are too short to look ahead in."
NO_TABLE = "A forecast takes series, not a table of examples and targets."
FAILING = {
    "check_array_api_input": "Series are numpy arrays.",
    "check_complex_data": SHORT,
    "check_dict_unchanged": SHORT,
    "check_dont_overwrite_attributes": SHORT,
    "check_dont_overwrite_parameters": SHORT,
    "check_dtype_object": SHORT,
    "check_estimators_dtypes": SHORT,
    "check_estimators_empty_data_messages": SHORT,
    "check_estimators_fit_returns_self": SHORT,
    "check_estimators_nan_inf": SHORT,
    "check_estimators_overwrite_params": SHORT,
    "check_estimators_pickle": SHORT,
    "check_f_contiguous_array_estimator": SHORT,
    "check_fit1d": "A row of numbers is one series, which is what a forecast is for.",
    "check_fit2d_1feature": SHORT,
    "check_fit2d_1sample": SHORT,
    "check_fit2d_predict1d": SHORT,
    "check_fit_check_is_fitted": SHORT,
    "check_fit_idempotent": SHORT,
    "check_fit_score_takes_y": NO_TABLE,
    "check_methods_sample_order_invariance": SHORT,
    "check_methods_subset_invariance": SHORT,
    "check_n_features_in": SHORT,
    "check_n_features_in_after_fitting": SHORT,
    "check_pipeline_consistency": NO_TABLE,
    "check_positive_only_tag_during_fit": SHORT,
    "check_readonly_memmap_input": SHORT,
    "check_estimator_sparse_array": NO_TABLE,
    "check_estimator_sparse_matrix": NO_TABLE,
    "check_estimator_sparse_tag": NO_TABLE,
    "check_estimators_unfitted": "It is told by NotFittedError, and without arguments too, which the check does not try.",
    "check_supervised_y_2d": NO_TABLE,
    "check_supervised_y_no_nan": NO_TABLE,
}


def test_the_checks_of_scikit_learn_that_apply() -> None:
    """What needs no table is passed; the rest fails for a reason that is written above."""
    passed, failed = [], []
    for estimator, check in estimator_checks_generator(Forecaster(**QUICK)):
        name = check.func.__name__
        try:
            check(estimator)
        except Exception:
            failed.append(name)
        else:
            passed.append(name)
    assert set(failed) - set(FAILING) == set()
    assert len(passed) >= 12
    assert {"check_estimator_cloneable", "check_no_attributes_set_in_init", "check_get_params_invariance"} <= set(
        passed
    )
