"""What a `Forecaster` reads, and in what kind of container it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from longshort.config import ForecastDataSettings
from longshort.data.series import SeriesSet, Step, from_arrays, open_series
from longshort.kinds.forecast.answer import Forecast

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["answer_like", "read_series"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""


def read_series(given: object, settings: ForecastDataSettings, step: Step | None = None) -> SeriesSet:
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
    if isinstance(given, np.ndarray | Mapping) or (isinstance(given, Sequence) and not isinstance(given, str)):
        several = list(given.values()) if isinstance(given, Mapping) else given
        times = [_times(each) for each in several] if any(map(_is_pandas_series, several)) else None
        return from_arrays(given, times=times, fill=settings.fill, step=step)
    return open_series(given, settings, step=step)


def answer_like(given: object, forecast: Forecast, values: AnyArray) -> Any:
    """Values of each step ahead in the kind of container that was given.

    Args:
        given: what was read.
        forecast: says when, and of which series.
        values: `(series, horizon)`.

    Returns:
        For one array or pandas series the same type, `(horizon,)`; for several arrays `(series, horizon)`; of several
        pandas series a list, and of a mapping a mapping of what one gives; of anything else a frame with the series
        where they have names, the time and the value.
    """
    if _is_pandas_series(given):
        return _one_like(given, forecast.times[0], values[0])
    if isinstance(given, Mapping):
        each = map(_one_like, given.values(), forecast.times, values)
        return dict(zip(given, each, strict=True))
    if isinstance(given, np.ndarray | Sequence) and not isinstance(given, str):
        if any(map(_is_pandas_series, given)):
            return list(map(_one_like, given, forecast.times, values))
        return values if np.ndim(given[0]) else values[0]
    frame = forecast.to_pandas()
    frame = frame.drop(columns=[name for name in frame.columns if name.startswith("q")])
    return frame.assign(**{forecast.target: values.ravel()})


def _is_pandas_series(given: object) -> bool:
    return hasattr(given, "to_frame") and hasattr(given, "index") and not hasattr(given, "columns")


def _times(series: pd.Series) -> pd.Index:
    return series.index if _is_pandas_series(series) else None


def _one_like(given: Any, times: Sequence[str], values: AnyArray) -> Any:
    """For a pandas series, one whose index continues; for anything else the values."""
    if not _is_pandas_series(given):
        return values
    import pandas as pd

    name, kind = given.index.name, type(given.index).__name__
    if kind == "PeriodIndex":
        index: Any = pd.PeriodIndex(times, freq=given.index.freq, name=name)
    elif "-" not in times[0][1:]:
        index = pd.Index([int(time) for time in times], name=name)
    else:
        index = pd.to_datetime(pd.Index(times, name=name), format="ISO8601")
        if getattr(given.index, "tz", None) is not None:
            local = len(set(given.index.time)) == 1  # as `longshort.data.times.settle` has it
            index = index.tz_localize(given.index.tz if local else "UTC").tz_convert(given.index.tz)
    return pd.Series(values, index=index, name=given.name)
