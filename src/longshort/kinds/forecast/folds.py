"""Folds of series: parts that follow one another in time, each forecast from all that comes before it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from longshort.data.series import SeriesSet, called
from longshort.errors import DataError
from longshort.kinds.forecast.fitting import shape_of
from longshort.kinds.forecast.preparing import PreparedForecast, SeriesPart
from longshort.kinds.forecast.settings import ForecastRunSettings

__all__ = ["folds_of_time", "inner_folds_of_time"]

Array = np.ndarray[Any, Any]

ENOUGH = 10
"""Forecasts that do not overlap, of all series together, from which on one part alone can compare settings."""


def folds_of_time(series: SeriesSet, settings: ForecastRunSettings, count: int) -> Iterator[PreparedForecast]:
    """The last `count` parts of each series, the earliest first, each as the "test" part.

    A part has `test_steps`; where those are not set, all parts and what comes before the first one are as long as
    each other.

    Args:
        series: all that is known.
        settings: of the run.
        count: of the folds.

    Raises:
        DataError: a series is too short for so many.
    """
    steps = settings.data.test_steps
    sizes = series.lengths // (count + 1) if steps is None else np.full(len(series), steps)
    # The first fold has the shortest past; what suits it is the same for all.
    past = series.until(np.maximum(series.lengths - count * sizes, 1))
    horizon = shape_of(past, settings.data, settings.model).horizon
    return _folds(series, sizes, count, horizon, "test")


def inner_folds_of_time(train: SeriesSet, share: float, count: int, horizon: int) -> Iterator[PreparedForecast]:
    """The end of a training period, as the "validation" part: as it is, or in `count` parts, where it is so short that
    one odd season would decide.

    Args:
        train: the training period.
        share: of its steps, at its end.
        count: of the parts.
        horizon: steps ahead.

    Raises:
        DataError: a series is too short.
    """
    last = np.round(train.lengths * share).astype(np.int64)
    if int((last // horizon).sum()) >= ENOUGH:
        return _folds(train, last, 1, horizon, "validation")
    return _folds(train, np.maximum(last // count, horizon), count, horizon, "validation")


def _folds(series: SeriesSet, sizes: Array, count: int, horizon: int, part: str) -> Iterator[PreparedForecast]:
    _check_long_enough(series, sizes, count, horizon)
    for left in reversed(range(count)):
        ends = series.lengths - left * sizes
        begins = ends - sizes
        held = SeriesPart(series.until(ends), begins)
        parts = {"train": SeriesPart(series.until(begins), np.zeros_like(begins)), part: held}
        yield PreparedForecast(held.series, parts, horizon, list(series.notes))


def _check_long_enough(series: SeriesSet, sizes: Array, count: int, horizon: int) -> None:
    before = series.lengths - count * sizes
    short = np.flatnonzero((sizes < horizon) | (before < 2 * horizon))
    if not len(short):
        return
    which = series.series[int(short[0])]
    size, left = int(sizes[short[0]]), int(before[short[0]])
    fold = "the fold" if count == 1 else f"each of {count} folds"
    raise DataError(
        f"{series.source}: to look {horizon} ahead, {called(which)} must have at least {horizon} steps in {fold} and "
        f"{2 * horizon} before. Of its {len(which)} steps, {size} are in {'it' if count == 1 else 'each'} and "
        f"{max(left, 0)} before.",
        "Ask for fewer folds or a smaller horizon, or give more history.",
    )
