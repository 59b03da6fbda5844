"""Series of numbers over time, for forecasting: one or many, on an even grid, with what is known beside them."""

from __future__ import annotations

from longshort.data.series.container import Series, SeriesSet, called
from longshort.data.series.encoding import TRENDS, ForecastEncoding, Trend
from longshort.data.series.reading import from_arrays, open_series
from longshort.data.series.steps import Step
from longshort.data.series.stored import fingerprint, stored_columns, stored_settings
from longshort.data.series.windows import (
    WindowBatch,
    Windows,
    every_origin,
    rolling_origins,
    seasonal_steps,
    usual_context,
)

__all__ = [
    "TRENDS",
    "ForecastEncoding",
    "Series",
    "SeriesSet",
    "Step",
    "Trend",
    "WindowBatch",
    "Windows",
    "called",
    "every_origin",
    "fingerprint",
    "from_arrays",
    "open_series",
    "rolling_origins",
    "seasonal_steps",
    "stored_columns",
    "stored_settings",
    "usual_context",
]
