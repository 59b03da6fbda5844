"""`Windows`: past steps and steps ahead of many origins, scaled by what came before each origin alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from longshort.data.series.container import Series, SeriesSet, called
from longshort.data.series.encoding import ForecastEncoding, Trend
from longshort.errors import DataError
from longshort.ragged import Ragged

__all__ = [
    "WindowBatch",
    "Windows",
    "every_origin",
    "rolling_origins",
    "seasonal_steps",
    "usual_context",
    "whole_seasons",
]

Array = np.ndarray[Any, Any]

FLOOR = 0.01
"""Least scale of a window, as a share of the deviation of the whole past, so a quiet spell does not inflate noise."""

LARGEST = 700.0
"""Logarithm beyond which nothing is a float64; a forecast that far off is as wrong as any."""

MOST_WINDOWS = 5_000
"""Windows to train on. Neighbours differ by a step; beyond this, more of them teach next to nothing new."""


@dataclass(frozen=True, eq=False)
class WindowBatch:
    """Some windows.

    Args:
        inputs: for each window its past steps and then the `horizon` steps ahead, values `(steps, features)` float32.
        targets: `(batch, horizon)` float32, scaled.
        rows: `(batch,)` int64: which windows they are.
    """

    inputs: Ragged
    targets: Tensor
    rows: Array


class Windows:
    """Windows of a set of series, encoded when they are asked for. Nothing at or after an origin enters but the
    calendar and the covariates that are known ahead.

    Args:
        encoding: the shape and scaling.
        series: the series.
        origins: for each series the steps, `(windows,)` int64, from which to forecast: all before is past. One may be
            the number of steps itself: the first step that has no value yet.
        trend: what they are measured against; the first of the encoding's when not given.
        steps: of the horizon, those that are asked for, for which covariates must be known; all when not given.

    Attributes:
        origin: `(windows,)` int64 origins, series after series.
        which: `(windows,)` int64: the series of each.
        lengths: `(windows,)` int64 steps of each, past and ahead.
        base: `(windows, horizon)` float64 what the steps ahead are measured against, or its logarithm.
        scale: `(windows,)` float64, at least 0; 0 for a past without any change.
        truth: `(windows, horizon)` float64 the values themselves; NaN if there is none yet.
        targets: `(windows, horizon)` float32: `truth`, or its logarithm, scaled. Of a value that is not above 0 it is
            the logarithm of the least value above 0 before the first origin.

    Raises:
        DataError: too little past, or covariates that must be known ahead are not given.
    """

    def __init__(
        self,
        encoding: ForecastEncoding,
        series: SeriesSet,
        origins: Sequence[Array],
        trend: Trend | None = None,
        steps: int | None = None,
    ) -> None:
        self.encoding, self.trend = encoding, trend or encoding.trends[0]
        horizon = encoding.horizon
        self.origin = np.concatenate([np.asarray(each, dtype=np.int64) for each in origins])
        self.which = np.repeat(np.arange(len(series)), [len(each) for each in origins])
        for each, own in zip(series, origins, strict=True):
            _check_past(each, own, encoding, series.source)
            _check_known(each, own, encoding, steps or horizon, series.source)
        values = _with_nothing_ahead(series, horizon)
        self._offsets = np.concatenate([[0], np.cumsum(series.lengths + horizon)])[:-1]
        self._at = self._offsets[self.which] + self.origin
        self.truth = values[self._at[:, None] + np.arange(horizon)]
        self._last = values[self._at - 1]
        if encoding.logarithm:
            known = [int(own.min()) if len(own) else len(each) for each, own in zip(series, origins, strict=True)]
            series = series.logarithms(np.array(known))
            values = _with_nothing_ahead(series, horizon)
        self._values = values
        self._features = np.concatenate([_features(s, encoding) for s in series]).astype(np.float32)
        self._past = np.minimum(self.origin, encoding.context)
        self.lengths = self._past + horizon
        ahead = self._values[self._at[:, None] + np.arange(horizon)]
        self._reference = self._seasonal()
        self.center, self.scale = self._local(series)
        self.base = self._reference if self.trend == "season" else np.repeat(self.center[:, None], horizon, axis=1)
        self._divisor = np.where(self.scale > 0, self.scale, 1.0)
        targets = (ahead - self.base) / self._divisor[:, None]
        # A constant past is forecast to stay constant, whatever the network says.
        self.targets = np.where(self.scale[:, None] > 0, targets, 0.0).astype(np.float32)

    def __len__(self) -> int:
        return len(self.origin)

    def batch(self, indices: Array) -> WindowBatch:
        """The windows at `indices`, in that order."""
        indices = np.asarray(indices)
        lengths = self.lengths[indices]
        row = np.repeat(np.arange(len(indices)), lengths)
        place = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths) - self._past[indices][row]
        where = self._at[indices][row] + place
        value = (self._values[where] - self.center[indices][row]) / self._divisor[indices][row]
        ahead = place >= 0
        reference = (self._reference[indices] - self.center[indices, None]) / self._divisor[indices, None]
        value[ahead] = reference.ravel()
        past = len(self.encoding.past)
        features = self._features[where]
        features[ahead, :past] = 0.0
        steps = np.concatenate([value[:, None].astype(np.float32), ahead[:, None], features], axis=1, dtype=np.float32)
        inputs = Ragged(torch.from_numpy(steps), torch.from_numpy(lengths))
        return WindowBatch(inputs, torch.from_numpy(self.targets[indices]), indices)

    def decode(self, answers: Array) -> Array:
        """Scaled answers `(windows, horizon, ...)` in the unit of the series, float64.

        A constant past is continued exactly; its mean or its logarithm would not be exact.
        """
        more = (1,) * (answers.ndim - 2)
        found: Array = self.base.reshape(*self.base.shape, *more) + answers * self.scale.reshape(-1, 1, *more)
        still = self.scale == 0
        if self.encoding.logarithm:
            found = np.exp(np.minimum(found, LARGEST))
            still &= self._last > 0
        return np.where(still.reshape(-1, 1, *more), self._last.reshape(-1, 1, *more), found)

    def _seasonal(self) -> Array:
        """`(windows, horizon)`: the last known value of the same season; the last value where the past is too short."""
        season = self.encoding.season
        back = seasonal_steps(self.encoding.horizon, season)
        found = self._values[np.maximum(self._at[:, None] - back, self._offsets[self.which][:, None])]
        whole: Array = np.where((self.origin >= season)[:, None], found, self._values[self._at - 1][:, None])
        return whole

    def _local(self, series: SeriesSet) -> tuple[Array, Array]:
        """Center and scale of each window, from the past alone."""
        if self.trend == "none":
            scaling = [self.encoding.series_scaling.get(s.name) or _of_past(s, self.origin) for s in series]
            table = np.array(scaling)[self.which]
            return table[:, 0], np.where(self._whole_deviation(series) > 0, table[:, 1], 0.0)
        mean, deviation = self._moments()
        center = self._values[self._at - 1] if self.trend == "last" else mean
        return center, np.maximum(deviation, FLOOR * self._whole_deviation(series))

    def _moments(self) -> tuple[Array, Array]:
        """Mean and standard deviation of the past steps of each window."""
        means, deviations = np.empty(len(self)), np.empty(len(self))
        for length in np.unique(self._past):
            rows = self._past == length
            steps = self._values[self._at[rows, None] - np.arange(length, 0, -1)]
            means[rows], deviations[rows] = steps.mean(axis=1), steps.std(axis=1)
        return means, deviations

    def _whole_deviation(self, series: SeriesSet) -> Array:
        """Standard deviation of all that came before each origin."""
        found = np.empty(len(self))
        for index, each in enumerate(series):
            rows = self.which == index
            # Less the first value, so that the difference of squares below loses few digits; sums of the past alone.
            sums = np.cumsum(each.values - each.values[0])
            squares = np.cumsum((each.values - each.values[0]) ** 2)
            count = self.origin[rows]
            found[rows] = squares[count - 1] / count - (sums[count - 1] / count) ** 2
        return np.sqrt(np.maximum(found, 0.0))


def seasonal_steps(horizon: int, season: int) -> Array:
    """`(horizon,)` int64: how far before the origin the last known value of each step's season stands."""
    ahead = np.arange(horizon)
    return season * (ahead // season + 1) - ahead


def usual_context(lengths: Array, horizon: int, season: int) -> int:
    """Past steps worth looking at: three seasons or horizons, but no more than a quarter of a series, in whole seasons
    where that is possible.

    Args:
        lengths: `(series,)` steps of each.
        horizon, season: steps.
    """
    return whole_seasons(max(2, min(3 * max(season, horizon), int(np.median(lengths)) // 4)), season)


def whole_seasons(steps: int, season: int) -> int:
    """As many of the steps as are whole seasons; all of them if there is not one."""
    return steps - steps % season if steps > season else steps


def every_origin(series: SeriesSet, encoding: ForecastEncoding, starts: Array | None = None) -> list[Array]:
    """The origins of each series that have a whole context before and a whole horizon of values after them.

    None is within a gap that was filled on a line to a later value. A series too short for a whole context gives those
    with a shorter one, from a season on. Where there are more than 5,000, every second, third, ... is taken.

    Args:
        series: the series.
        encoding: the shape.
        starts: `(series,)` int64: the first origin of each that may be taken, such as the start of a validation part.
    """
    found = []
    first = np.zeros(len(series), dtype=np.int64) if starts is None else starts
    for each, start in zip(series, first, strict=True):
        last = len(each) - encoding.horizon
        wanted = max(encoding.context, encoding.least)
        whole = wanted if wanted <= last else max(encoding.least, min(encoding.season, last))
        found.append(each.knowing(np.arange(max(whole, int(start)), last + 1, dtype=np.int64)))
    stride = math.ceil(sum(map(len, found)) / MOST_WINDOWS) or 1
    # Counted from the end: the latest windows are the most like those to come.
    return [origins[::-1][::stride][::-1] for origins in found]


def rolling_origins(series: SeriesSet, starts: Array, horizon: int, stride: int = 1) -> list[Array]:
    """The origins of a backtest: from each start on, every `stride` steps, while all steps ahead have a value.

    None is within a gap that was filled on a line to a later value, which nobody could know there.
    """
    pairs = zip(series, starts, strict=True)
    return [
        each.knowing(np.arange(int(start), len(each) - horizon + 1, stride, dtype=np.int64)) for each, start in pairs
    ]


def _with_nothing_ahead(series: SeriesSet, horizon: int) -> Array:
    """All values, one series after another, with room for a horizon after each."""
    return np.concatenate([np.pad(each.values, (0, horizon), constant_values=np.nan) for each in series])


def _features(series: Series, encoding: ForecastEncoding) -> Array:
    """`(steps + horizon, past + known + calendar)`; the covariates after the last known step are 0."""
    steps = len(series) + encoding.horizon
    table = np.zeros((steps, encoding.features - 2))
    past, known = len(encoding.past), len(encoding.known)
    table[: len(series), :past] = encoding.scaled_past(series.past)
    table[: len(series.known), past : past + known] = encoding.scaled_known(series.known[:steps])
    positions = series.start + np.arange(steps, dtype=np.int64)
    table[:, past + known :] = encoding.step.calendar(positions)
    return table


def _of_past(series: Series, origins: Array) -> tuple[float, float]:
    """Mean and scale of a series that the training did not know, from what came before every origin."""
    first = int(origins.min()) if len(origins) else len(series)
    values = series.values[:first]
    return float(values.mean()), float(values.std())


def _check_past(series: Series, origins: Array, encoding: ForecastEncoding, source: str) -> None:
    least = int(np.min(origins)) if len(origins) else encoding.least
    if least < encoding.least:
        raise DataError(
            f"{source}: {called(series)} must have at least {encoding.least} values before a forecast. Got {least}.",
            "Give more history.",
        )


def _check_known(series: Series, origins: Array, encoding: ForecastEncoding, steps: int, source: str) -> None:
    if not encoding.known or not len(origins):
        return
    needed, given = int(np.max(origins)) + steps, len(series.known)
    if given < needed:
        raise DataError(
            f"{source}: {', '.join(map(repr, encoding.known))} must be known for all {steps} steps ahead of "
            f"{called(series)}. Got {given - int(np.max(origins))}.",
            "Add rows after the last value: times and covariates, with the value left empty.",
        )
