"""Two models side by side: certain where there is much to go by, and never where there is little."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from longshort.errors import DataError
from longshort.evaluation.error_comparison import compare_errors

RNG = np.random.default_rng(0)
MOMENTS = np.arange(200)


def test_errors_that_do_not_hang_together_are_compared_as_a_paired_t_test_does() -> None:
    ours, theirs = RNG.gamma(2, size=200), RNG.gamma(2.6, size=200)
    found = compare_errors(ours, theirs)
    judge = stats.ttest_rel(theirs, ours)
    assert found.difference == pytest.approx(theirs.mean() - ours.mean())
    assert found.interval == pytest.approx(tuple(judge.confidence_interval()), rel=0.01)
    assert found.p_value == pytest.approx(judge.pvalue, rel=0.05)
    assert found.outcome == "better"
    assert compare_errors(theirs, ours, MOMENTS, horizon=1).outcome == "worse"


def test_overlapping_forecasts_of_alike_models_are_rarely_told_apart() -> None:
    """Sums of twelve shared steps hang together; a test that took them as independent would be sure half of the time."""
    sure = blind = 0
    for _ in range(300):
        steps = RNG.normal(size=(2, 211))
        ours, theirs = np.abs([np.convolve(each, np.ones(12) / 12, mode="valid") for each in steps])
        sure += compare_errors(ours, theirs, MOMENTS, horizon=12).outcome != "undecided"
        blind += compare_errors(ours, theirs, MOMENTS, horizon=1).outcome != "undecided"
    assert sure / 300 < 0.16
    assert blind / 300 > 0.35


def test_a_few_origins_say_nothing() -> None:
    ours, theirs = RNG.normal(1, 0.1, size=12), RNG.normal(9, 0.1, size=12)
    found = compare_errors(ours, theirs, np.arange(12), horizon=12)
    assert (found.interval, found.p_value, found.outcome, found.moments) == (None, 1.0, "undecided", 12)
    assert json.loads(json.dumps(found.to_dict()))["interval"] is None


def test_series_forecast_at_the_same_moment_count_once() -> None:
    ours, theirs = RNG.gamma(2, size=50), RNG.gamma(2.2, size=50)
    once = compare_errors(ours, theirs, MOMENTS[:50], horizon=4)
    ten = compare_errors(np.tile(ours, 10), np.tile(theirs, 10), np.tile(MOMENTS[:50], 10), horizon=4)
    assert ten.moments == 50
    assert ten.interval == pytest.approx(once.interval)


def test_the_same_gain_everywhere_is_certain_and_none_is_not() -> None:
    errors = RNG.gamma(2, size=60)
    assert compare_errors(np.ones(60), np.full(60, 3.0), MOMENTS[:60], horizon=3).outcome == "better"
    same = compare_errors(errors, errors, MOMENTS[:60], horizon=3)
    assert (same.outcome, same.difference, same.p_value) == ("undecided", 0.0, 1.0)


@pytest.mark.parametrize(("ours", "moments"), [([], []), ([[1.0]], [0]), ([1.0, 2.0], [0])])
def test_shapes_must_fit(ours: list[float], moments: list[int]) -> None:
    with pytest.raises(DataError, match="Models are compared by one error for each answer"):
        compare_errors(ours, ours, moments, horizon=1)
