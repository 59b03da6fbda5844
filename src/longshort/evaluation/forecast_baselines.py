"""The baselines of a forecast: what a person would say without a network. They use nothing after an origin."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import Ridge

from longshort.data.series import Series, SeriesSet, seasonal_steps
from longshort.evaluation.arrays import Floats, Integers

__all__ = [
    "DRIFT",
    "LAST",
    "RIDGE",
    "SEASONAL",
    "ForecastBaseline",
    "drift",
    "last_value",
    "ridge_autoregression",
    "seasonal_last_value",
]

LAST = "last value"
SEASONAL = "seasonal last value"
DRIFT = "drift"
RIDGE = "ridge autoregression"

PENALTIES = tuple(float(p) for p in 10.0 ** np.arange(-3, 5))
SHARE = 0.2  # of the training part, its end, that chooses the penalty


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastBaseline:
    """A baseline's answers.

    Attributes:
        name: `LAST`, `SEASONAL`, `DRIFT` or `RIDGE`.
        values: `(origins, horizon)` float64, in the unit of the series, series after series.
        seconds: time that fitting and answering took.
    """

    name: str
    values: Floats
    seconds: float


def last_value(series: SeriesSet, origins: Sequence[Integers], horizon: int) -> ForecastBaseline:
    """It stays as it is.

    Args:
        series: the series, what comes after the origins included.
        origins: of each series, the steps to forecast from, at least 1.
        horizon: steps ahead.
    """
    began = time.perf_counter()
    values = np.concatenate([s.values[own - 1] for s, own in zip(series, origins, strict=True)])
    return _baseline(LAST, np.repeat(values[:, None], horizon, axis=1), began)


def seasonal_last_value(series: SeriesSet, origins: Sequence[Integers], horizon: int, season: int) -> ForecastBaseline:
    """It is as it was a season before; the last value if there is not a whole season yet.

    Args:
        series, origins, horizon: as `last_value`.
        season: steps.
    """
    began = time.perf_counter()
    back = seasonal_steps(horizon, season)
    parts = []
    for each, own in zip(series, origins, strict=True):
        where = np.where((own >= season)[:, None], own[:, None] - back, own[:, None] - 1)
        parts.append(each.values[where])
    return _baseline(SEASONAL, np.concatenate(parts), began)


def drift(series: SeriesSet, origins: Sequence[Integers], horizon: int) -> ForecastBaseline:
    """It continues the line from the first to the last value.

    Args:
        series, origins, horizon: as `last_value`.
    """
    began = time.perf_counter()
    parts = []
    for each, own in zip(series, origins, strict=True):
        slope = (each.values[own - 1] - each.values[0]) / np.maximum(own - 1, 1)
        parts.append(each.values[own - 1][:, None] + slope[:, None] * np.arange(1, horizon + 1))
    return _baseline(DRIFT, np.concatenate(parts), began)


def ridge_autoregression(
    series: SeriesSet, origins: Sequence[Integers], horizon: int, *, starts: Integers, lags: int
) -> ForecastBaseline | None:
    """Ridge regressions, one for each step ahead, on the last values, the calendar and the covariates known ahead.

    They are fitted on the part before `starts` alone. Each series is scaled by its mean and deviation there. The
    penalty is the one that does best on the last fifth of that part, fitted on what comes before it.

    Args:
        series, origins, horizon: as `last_value`.
        starts: `(series,)` int64: where the part to forecast begins.
        lags: number of last values used; fewer if the part before `starts` is short.

    Returns:
        None if no part before `starts` has a value and a whole horizon after it to learn from.
    """
    began = time.perf_counter()
    if int(np.max(starts)) <= horizon:
        return None
    lags = max(1, min(lags, (int(np.min(starts)) - horizon) // 2))
    parts = [_Lagged(each, int(start), lags, horizon, series) for each, start in zip(series, starts, strict=True)]
    inner = [max(lags + 1, round(int(start) * (1 - SHARE))) for start in starts]
    fitting = [np.arange(lags, end - horizon + 1) for end in inner]
    checking = [np.arange(cut, int(start) - horizon + 1) for cut, start in zip(inner, starts, strict=True)]
    everything = [np.arange(lags, int(start) - horizon + 1) for start in starts]
    answers = np.empty((sum(map(len, origins)), horizon))
    penalty = _choose(parts, fitting, checking, horizon)
    for step in range(horizon):
        model = Ridge(alpha=penalty).fit(*_rows(parts, everything, step))
        answers[:, step] = model.predict(_rows(parts, origins, step)[0])
    means = np.repeat([part.mean for part in parts], [len(own) for own in origins])
    scales = np.repeat([part.scale for part in parts], [len(own) for own in origins])
    return _baseline(RIDGE, means[:, None] + answers * scales[:, None], began)


class _Lagged:
    """Rows of one series, scaled by what comes before `start`."""

    def __init__(self, series: Series, start: int, lags: int, horizon: int, all_series: SeriesSet) -> None:
        self.mean = float(series.values[:start].mean())
        self.scale = float(series.values[:start].std()) or 1.0
        self.lags = lags
        self.values = (np.pad(series.values, (0, horizon), constant_values=np.nan) - self.mean) / self.scale
        steps = np.arange(len(self.values))
        calendar = all_series.step.calendar(series.start + steps)
        known = series.known
        scale = known[:start].std(axis=0)
        known = (known - known[:start].mean(axis=0)) / np.where(scale > 0, scale, 1.0)
        known = np.pad(known[: len(steps)], ((0, max(0, len(steps) - len(known))), (0, 0)))
        self.beside = np.concatenate([calendar, known], axis=1)

    def rows(self, origins: Integers, step: int) -> tuple[Floats, Floats]:
        """Inputs `(origins, lags + calendar + known)` and targets `(origins,)`."""
        past = self.values[origins[:, None] - np.arange(1, self.lags + 1)]
        return np.concatenate([past, self.beside[origins + step]], axis=1), self.values[origins + step]


def _rows(parts: Sequence[_Lagged], origins: Sequence[Integers], step: int) -> tuple[Floats, Floats]:
    inputs, targets = zip(*(part.rows(own, step) for part, own in zip(parts, origins, strict=True)), strict=True)
    return np.concatenate(inputs), np.concatenate(targets)


def _choose(parts: Sequence[_Lagged], fitting: Sequence[Integers], checking: Sequence[Integers], horizon: int) -> float:
    """The penalty, one for all steps ahead; 1 if the series are too short to choose."""
    if not sum(map(len, fitting)) or not sum(map(len, checking)):
        return 1.0
    errors = np.zeros(len(PENALTIES))
    for step in range(horizon):
        inputs, targets = _rows(parts, fitting, step)
        held, came = _rows(parts, checking, step)
        for index, penalty in enumerate(PENALTIES):
            answers = Ridge(alpha=penalty).fit(inputs, targets).predict(held)
            errors[index] += float(np.abs(answers - came).mean())
    return PENALTIES[int(errors.argmin())]


def _baseline(name: str, values: Floats, began: float) -> ForecastBaseline:
    return ForecastBaseline(name=name, values=values.astype(np.float64), seconds=time.perf_counter() - began)
