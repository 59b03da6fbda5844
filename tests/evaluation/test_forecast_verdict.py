"""The verdict on a forecast says what the numbers say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from longshort.data.series import from_arrays
from longshort.evaluation.backtest import backtest
from longshort.evaluation.error_comparison import compare_errors
from longshort.evaluation.forecast_verdict import ForecastFacts, judge_forecast
from longshort.evaluation.verdict import Verdict

LEVELS = (0.1, 0.5, 0.9)
RNG = np.random.default_rng(0)
STEPS = np.arange(400)
NOISE = RNG.normal(size=400)
# A season with noise of deviation 1 around it.
VALUES = 10 * np.sin(2 * np.pi * STEPS / 12) + NOISE


def verdict(
    median: np.ndarray, width: float = 1.2816, *, start: int = 200, values: np.ndarray = VALUES, **course: Any
) -> Verdict:
    """Of a model whose median of each step is known, with bands of that half width."""
    series = from_arrays(values)

    def predict(_: Any, origins: Any) -> np.ndarray:
        middle = median[origins[0][:, None] + np.arange(6)]
        return np.stack([middle - width, middle, middle + width], axis=-1)

    found = backtest(predict, LEVELS, series, np.array([start]), horizon=6, season=12)
    ours = np.abs(found.truth - found.quantiles[..., 1]).mean(axis=1)
    compared = {
        name: compare_errors(ours, np.abs(found.truth - each.values).mean(axis=1), found.origins[0], 6)
        for name, each in found.baselines.items()
    }
    return judge_forecast(ForecastFacts(backtest=found, comparisons=compared, **course))


def kinds(found: Verdict) -> dict[str, str]:
    return {each.kind: each.level for each in found.findings}


def test_a_forecast_that_knows_the_season_beats_all() -> None:
    found = verdict(VALUES - NOISE)
    assert found.headline.startswith("Mean absolute error 0.8")
    assert (
        found.headline.endswith("steps: better than last value, seasonal last value, drift and ridge autoregression.")
        or "not distinguishable from ridge autoregression" in found.headline
    )
    assert kinds(found)["bands"] == "good"
    assert "Its 80 % band holds" in found.text()


def test_a_forecast_that_is_worse_says_so_and_what_to_ship() -> None:
    found = verdict(VALUES - NOISE + RNG.normal(0, 5, 400))
    assert ": worse than ridge autoregression (" in found.headline
    assert found.headline.endswith("), so ship the baseline.")
    assert kinds(found)["baseline"] in ("warning", "good")
    assert any(", that of ridge autoregression " in each.sentence for each in found.findings)


def test_the_last_value_once_more_is_nothing_learnt() -> None:
    values = np.cumsum(RNG.normal(size=400))
    series = from_arrays(values)

    def predict(_: Any, origins: Any) -> np.ndarray:
        last = np.repeat(values[origins[0] - 1][:, None], 6, axis=1)
        return np.stack([last - 1, last + 1e-3, last + 1], axis=-1)

    found = backtest(predict, LEVELS, series, np.array([200]), horizon=6, season=1)
    said = judge_forecast(ForecastFacts(backtest=found, comparisons={}))
    assert said.headline.startswith("It has learnt nothing of use: it repeats the last value, mean absolute error ")
    assert kinds(said)["repeats"] == "bad"


@pytest.mark.parametrize(
    ("width", "level", "words"), [(0.3, "warning", "It is too sure of itself"), (9.0, "note", "not sure enough")]
)
def test_bands_that_hold_too_little_or_too_much(width: float, level: str, words: str) -> None:
    found = verdict(VALUES - NOISE, width)
    assert kinds(found)["bands"] == level
    assert words in found.text()


@pytest.mark.parametrize(("shift", "side"), [(-3.0, "too low"), (3.0, "too high")])
def test_a_median_beside_the_truth(shift: float, side: str) -> None:
    found = verdict(VALUES - NOISE + shift)
    assert kinds(found)["one-sided"] == "warning"
    assert f"It forecasts {side}" in found.text()


def test_a_short_part_held_out_is_told() -> None:
    found = verdict(VALUES - NOISE, start=385)
    assert kinds(found)["small test"] == "note"
    assert "room for 2.5 forecasts of 6 steps that do not overlap" in found.text()
    assert "bands" not in kinds(found)


def test_a_training_that_had_not_ended_is_told() -> None:
    history = [{"epoch": epoch, "train_loss": 10.0 - epoch, "validation_loss": 11.0 - epoch} for epoch in (1, 2, 3)]
    found = verdict(VALUES - NOISE, history=history, best_epoch=3, schedule="constant")
    assert kinds(found)["undertrained"] == "warning"
