"""Features of sequences of numbers, by hand and against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from longshort.evaluation.summaries import QUANTILES, SUMMARIES, filled, resampled, summaries

NAN = float("nan")


def named(values: list[float]) -> dict[str, float]:
    length, *features = summaries([np.array(values)[:, None]])[0]
    return {"length": length} | dict(zip(SUMMARIES, features, strict=True))


def test_the_features_of_a_short_sequence() -> None:
    found = named([1.0, 3.0, 2.0, 6.0])
    assert found["length"] == 4
    assert found["mean"] == 3
    assert found["deviation"] == pytest.approx(np.std([1, 3, 2, 6]))
    assert (found["lowest"], found["highest"], found["first"], found["last"]) == (1, 6, 1, 6)
    assert found["slope"] == pytest.approx(np.polyfit(np.linspace(0, 1, 4), [1, 3, 2, 6], 1)[0])
    assert found["change"] == pytest.approx((2 + 1 + 4) / 3)
    assert found["turns"] == 1
    assert [found[f"quantile {q}"] for q in QUANTILES] == pytest.approx(np.quantile([1, 3, 2, 6], QUANTILES))


def test_one_step_has_no_slope_and_no_change() -> None:
    found = named([5.0])
    assert (found["mean"], found["slope"], found["change"], found["turns"], found["deviation"]) == (5, 0, 0, 0, 0)


def test_features_stand_channel_by_channel() -> None:
    rows = summaries([np.array([[1.0, 10.0], [3.0, 30.0]])])
    assert rows.shape == (1, 1 + 2 * len(SUMMARIES))
    assert (rows[0, 1], rows[0, 1 + len(SUMMARIES)]) == (2, 20)


def test_a_gap_holds_the_last_value_before_it() -> None:
    values = np.array([[NAN, 1.0], [2.0, NAN], [NAN, NAN], [4.0, 3.0]])
    assert filled(values).tolist() == [[0, 1], [2, 1], [2, 1], [4, 3]]
    assert np.isnan(values[0, 0])  # what was given is left as it was


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, st.tuples(st.integers(1, 9), st.just(2)), elements=st.floats(-9, 9)), st.integers(1, 12))
def test_resampling_interpolates_as_numpy_does(values: np.ndarray, steps: int) -> None:
    at = np.linspace(0, len(values) - 1, steps)
    expected = np.stack([np.interp(at, np.arange(len(values)), column) for column in values.T], axis=1)
    assert resampled([values], steps)[0] == pytest.approx(expected)
