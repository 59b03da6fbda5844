"""The error of a forecast: MASE, sMAPE, MAE, CRPS, and how often the truth lies between the quantiles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from longshort.errors import DataError
from longshort.evaluation.arrays import Floats
from longshort.plain import Plain

__all__ = ["ForecastMetrics", "forecast_metrics", "level_weights", "pinball", "seasonal_scale"]


@dataclass(frozen=True, kw_only=True)
class ForecastMetrics:
    """Means over all origins and steps ahead.

    Attributes:
        forecasts: origins, of all series together.
        horizon: steps ahead of each.
        mase: mean absolute error, by that of the seasonal last value one step at a time on the training part (Hyndman &
            Koehler 2006); None if that is 0 for a series.
        smape: mean of 2 |error| / (|truth| + |forecast|), 0 to 2; 0 if both are 0.
        mae: mean absolute error of the median, in the unit of the series.
        crps: continuous ranked probability score, in the unit of the series: twice the pinball loss, over all levels;
            the mean absolute error where the median is all there is (Gneiting & Raftery 2007).
        pinball: mean pinball loss of each level.
        coverage: share of the truth within each pair of levels that are equally far from 0.5, by the share that should
            be, such as 0.8 for 0.1 and 0.9; empty for the median alone.
        mae_by_step: `horizon` mean absolute errors.
    """

    forecasts: int
    horizon: int
    mase: float | None
    smape: float
    mae: float
    crps: float
    pinball: dict[float, float]
    coverage: dict[float, float]
    mae_by_step: tuple[float, ...]

    def to_dict(self) -> Plain:
        """What JSON can hold."""
        content = asdict(self)
        for name in ("pinball", "coverage"):
            content[name] = {f"{key:g}": value for key, value in content[name].items()}
        return content | {"mae_by_step": list(self.mae_by_step)}


def forecast_metrics(
    truth: ArrayLike, quantiles: ArrayLike, levels: Sequence[float], scales: ArrayLike
) -> ForecastMetrics:
    """Measure quantiles against the actual values.

    Args:
        truth: `(forecasts, horizon)` finite numbers.
        quantiles: `(forecasts, horizon, levels)` finite numbers.
        levels: rising between 0 and 1, 0.5 among them; `(0.5,)` for a forecast of one number a step.
        scales: `(forecasts,)` from `seasonal_scale` of the series that each forecast is of.

    Raises:
        DataError: shapes that do not fit, no forecast, or a number that is not finite.
    """
    came, answers, usual = (np.asarray(each, dtype=np.float64) for each in (truth, quantiles, scales))
    if came.ndim != 2 or not came.size or answers.shape != (*came.shape, len(levels)) or usual.shape != came.shape[:1]:
        raise DataError(
            "A forecast is measured with truth (forecasts, horizon), quantiles (forecasts, horizon, levels) and scales "
            f"(forecasts,), none of them empty; got {came.shape}, {answers.shape} with {len(levels)} levels and "
            f"{usual.shape}.",
            "Give one row for each origin.",
        )
    if not (np.isfinite(came).all() and np.isfinite(answers).all()):
        raise DataError("A forecast and the truth must be finite; got NaN or infinity.", "Leave such origins out.")
    median = answers[..., list(levels).index(0.5)]
    errors = np.abs(came - median)
    losses = pinball(came, answers, levels).mean(axis=(0, 1))
    return ForecastMetrics(
        forecasts=len(came),
        horizon=came.shape[1],
        mase=float((errors / usual[:, None]).mean()) if bool((usual > 0).all()) else None,
        smape=_smape(came, median),
        mae=float(errors.mean()),
        crps=float(2 * (losses * level_weights(levels)).sum()),
        pinball=dict(zip(levels, losses.tolist(), strict=True)),
        coverage=_coverage(came, answers, levels),
        mae_by_step=tuple(errors.mean(axis=0).tolist()),
    )


def seasonal_scale(values: ArrayLike, season: int) -> float:
    """Mean of |y(t) - y(t - season)| over a training part, `(steps,)`; with a season of 1 if it is too short."""
    series = np.asarray(values, dtype=np.float64)
    back = season if len(series) > season else 1
    return float(np.abs(series[back:] - series[:-back]).mean()) if len(series) > back else 0.0


def pinball(truth: Floats, quantiles: Floats, levels: Sequence[float]) -> Floats:
    """`(..., levels)`: the pinball loss of each quantile (Koenker & Bassett 1978)."""
    short = truth[..., None] - quantiles
    level = np.asarray(levels, dtype=np.float64)
    losses: Floats = np.maximum(level * short, (level - 1) * short)
    return losses


def level_weights(levels: Sequence[float]) -> Floats:
    """`(levels,)` that sum to 1: the part of the line from 0 to 1 that is nearest to each level."""
    level = np.asarray(levels, dtype=np.float64)
    edges = np.concatenate([[0.0], (level[1:] + level[:-1]) / 2, [1.0]])
    return np.diff(edges)


def _smape(truth: Floats, median: Floats) -> float:
    size = np.abs(truth) + np.abs(median)
    return float(np.divide(2 * np.abs(truth - median), size, out=np.zeros_like(size), where=size > 0).mean())


def _coverage(truth: Floats, quantiles: Floats, levels: Sequence[float]) -> dict[float, float]:
    found = {}
    for low, level in enumerate(levels):
        high = next((i for i, other in enumerate(levels) if other > 0.5 and abs(level + other - 1) < 1e-9), None)
        if level < 0.5 and high is not None:
            inside = (truth >= quantiles[..., low]) & (truth <= quantiles[..., high])
            found[round(levels[high] - level, 9)] = float(inside.mean())
    return dict(sorted(found.items()))
