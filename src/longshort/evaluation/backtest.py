"""A backtest: forecasts from many origins, one after another, beside the baselines' from the same origins."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from longshort.data.series import SeriesSet, rolling_origins, usual_context
from longshort.errors import DataError
from longshort.evaluation.arrays import Floats, Integers
from longshort.evaluation.forecast_baselines import (
    ForecastBaseline,
    drift,
    last_value,
    ridge_autoregression,
    seasonal_last_value,
)
from longshort.evaluation.forecast_metrics import ForecastMetrics, forecast_metrics, seasonal_scale
from longshort.plain import Plain

__all__ = ["Backtest", "Predict", "backtest", "scaled_crps"]

Predict = Callable[[SeriesSet, Sequence[Integers]], Floats]
"""Takes series and the origins of each; gives `(origins, horizon, levels)`, from nothing at or after each origin."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Backtest:
    """Forecasts from the same origins.

    Attributes:
        origins: for each series `(origins,)` int64.
        levels: the quantiles.
        truth: `(origins of all series, horizon)` float64.
        quantiles: `(origins of all series, horizon, levels)` float64: the model's.
        model: how good they are.
        baselines: each baseline's answers, by name.
        baseline_metrics: how good they are, by name.
    """

    origins: tuple[Integers, ...]
    levels: tuple[float, ...]
    truth: Floats
    quantiles: Floats
    model: ForecastMetrics
    baselines: dict[str, ForecastBaseline]
    baseline_metrics: dict[str, ForecastMetrics]

    @property
    def best_baseline(self) -> str:
        """The name of the baseline with the least mean absolute error."""
        return min(self.baseline_metrics, key=lambda name: self.baseline_metrics[name].mae)

    @property
    def better(self) -> bool:
        """Whether the model's mean absolute error is below that of every baseline."""
        return self.model.mae < self.baseline_metrics[self.best_baseline].mae

    @property
    def opponents(self) -> dict[str, ForecastMetrics]:
        """The former name of `baseline_metrics`. Deprecated."""
        warnings.warn("Backtest.opponents is now Backtest.baseline_metrics.", DeprecationWarning, stacklevel=2)
        return self.baseline_metrics

    @property
    def best_opponent(self) -> str:
        """The former name of `best_baseline`. Deprecated."""
        warnings.warn("Backtest.best_opponent is now Backtest.best_baseline.", DeprecationWarning, stacklevel=2)
        return self.best_baseline

    def headline(self) -> str:
        """One honest sentence."""
        name = self.best_baseline
        other = self.baseline_metrics[name]
        compared = "better than" if self.better else "no better than"
        side = "less" if self.better else "more"
        share = "" if other.mae == 0 else f", {abs(1 - self.model.mae / other.mae):.1%} {side}"
        return (
            f"Mean absolute error {self.model.mae:.4g} over {self.model.forecasts:,} forecasts of "
            f"{self.model.horizon} steps: {compared} {name} ({other.mae:.4g}{share})."
        )

    def to_dict(self) -> Plain:
        """The metrics, as JSON can hold them."""
        baselines = {
            name: metrics.to_dict() | {"seconds": self.baselines[name].seconds}
            for name, metrics in self.baseline_metrics.items()
        }
        return {
            "headline": self.headline(),
            "better": self.better,
            "test": self.model.to_dict(),
            "baselines": baselines,
        }


def backtest(
    predict: Predict,
    levels: Sequence[float],
    series: SeriesSet,
    starts: Integers,
    *,
    horizon: int,
    season: int,
    stride: int = 1,
) -> Backtest:
    """Forecast from every origin of the last part of each series, and let the baselines do the same.

    Nothing is fitted on or after `starts`: the model was trained before, and so is the ridge autoregression. From each
    origin all values before it may be used.

    Args:
        predict: the model.
        levels: its quantiles, 0.5 among them.
        series: the whole series.
        starts: `(series,)` int64: where the last part of each begins.
        horizon: steps ahead.
        season: steps, of the seasonal last value and the scale of MASE.
        stride: steps from one origin to the next.

    Raises:
        DataError: no origin has a whole horizon of values after it.
    """
    origins, truth, scales = _judged(series, starts, horizon, season, stride)
    quantiles = predict(series, origins)
    found = [last_value(series, origins, horizon), drift(series, origins, horizon)]
    if season > 1:
        found.insert(1, seasonal_last_value(series, origins, horizon, season))
    lags = usual_context(starts, horizon, season)  # whatever the model looks at: a good baseline stays one
    ridge = ridge_autoregression(series, origins, horizon, starts=starts, lags=lags)
    if ridge is not None:
        found.append(ridge)
    return Backtest(
        origins=tuple(origins),
        levels=tuple(levels),
        truth=truth,
        quantiles=quantiles,
        model=forecast_metrics(truth, quantiles, levels, scales),
        baselines={each.name: each for each in found},
        baseline_metrics={each.name: forecast_metrics(truth, each.values[..., None], (0.5,), scales) for each in found},
    )


def scaled_crps(
    predict: Predict,
    levels: Sequence[float],
    series: SeriesSet,
    starts: Integers,
    *,
    horizon: int,
    season: int,
    stride: int = 1,
) -> float:
    """The CRPS from every origin of the last part of each series, as a share of that series' usual change from season
    to season, so that a series of large numbers counts no more than another; arguments as for `backtest`.

    Raises:
        DataError: no origin has a whole horizon of values after it.
    """
    origins, truth, scales = _judged(series, starts, horizon, season, stride)
    usual = np.where(scales > 0, scales, 1.0)
    quantiles = predict(series, origins) / usual[:, None, None]
    return forecast_metrics(truth / usual[:, None], quantiles, levels, np.ones_like(usual)).crps


def _judged(
    series: SeriesSet, starts: Integers, horizon: int, season: int, stride: int
) -> tuple[list[Integers], Floats, Floats]:
    """The origins of each series; what came after each, `(origins, horizon)`; the scale of its series, `(origins,)`."""
    origins = rolling_origins(series, starts, horizon, stride)
    if not sum(map(len, origins)):
        raise DataError(
            f"{series.source}: the part held out must have at least {horizon} steps, as many as are forecast. "
            f"Got {int((series.lengths - starts).max())}.",
            "Hold out more, or look less far ahead.",
        )
    truth = np.concatenate(
        [each.values[own[:, None] + np.arange(horizon)] for each, own in zip(series, origins, strict=True)]
    )
    scales = np.repeat(
        [seasonal_scale(each.values[:start], season) for each, start in zip(series, starts, strict=True)],
        [len(own) for own in origins],
    )
    return origins, truth, scales
