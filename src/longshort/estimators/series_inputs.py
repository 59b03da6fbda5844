"""What a `Forecaster` reads, and in what kind of container it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longshort.config import ForecastSettings
from longshort.data.series import SeriesSet, Step, from_arrays, open_series
from longshort.tasks.forecast_answer import Forecast

__all__ = ["answer_like", "read_series"]

_TIMED = ("DatetimeIndex", "PeriodIndex")


def read_series(given: Any, settings: ForecastSettings, step: Step | None = None) -> SeriesSet:
    """One or many series, see `Forecaster`.

    Args:
        given: arrays, a pandas series, a frame, a path, or a `SeriesSet`.
        settings: names of columns, and what to repair.
        step: the grid of the training; found when not given.

    Raises:
        DataError: it does not hold what it must.
    """
    if isinstance(given, SeriesSet):
        return given
    if _is_pandas_series(given) and type(given.index).__name__ not in _TIMED:
        return from_arrays(given.to_numpy(), fill=settings.fill)
    if isinstance(given, np.ndarray | Mapping) or (isinstance(given, Sequence) and not isinstance(given, str)):
        return from_arrays(given, fill=settings.fill)
    return open_series(given, settings, step=step)


def answer_like(given: Any, forecast: Forecast, values: np.ndarray[Any, Any]) -> Any:
    """Values of each step ahead in the kind of container that was given.

    Args:
        given: what was read.
        forecast: says when, and of which series.
        values: `(series, horizon)`.

    Returns:
        Of one array or pandas series the same kind, `(horizon,)`; of several arrays `(series, horizon)`; of anything
        else a frame with the series where they have names, the time and the value.
    """
    if _is_pandas_series(given):
        return _pandas_series(given, forecast, values[0])
    if isinstance(given, np.ndarray | Sequence) and not isinstance(given, str):
        return values if np.ndim(given[0]) else values[0]
    if isinstance(given, Mapping):
        return dict(zip(forecast.names, values, strict=True))
    frame = forecast.to_pandas()
    frame = frame.drop(columns=[name for name in frame.columns if name.startswith("q")])
    return frame.assign(**{forecast.target: values.ravel()})


def _is_pandas_series(given: Any) -> bool:
    return hasattr(given, "to_frame") and hasattr(given, "index") and not hasattr(given, "columns")


def _pandas_series(given: Any, forecast: Forecast, values: np.ndarray[Any, Any]) -> Any:
    import pandas as pd

    times = list(forecast.times[0])
    kind = type(given.index).__name__
    if kind == "PeriodIndex":
        index: Any = pd.PeriodIndex(times, freq=given.index.freq, name=given.index.name)
    elif kind == "DatetimeIndex":
        index = pd.to_datetime(pd.Index(times, name=given.index.name), format="ISO8601")
    else:
        index = pd.RangeIndex(len(given), len(given) + len(times), name=given.index.name)
    return pd.Series(values, index=index, name=given.name)
