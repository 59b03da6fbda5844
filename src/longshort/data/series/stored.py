"""A set of series as columns of a table, from which `open_series` reads the same set."""

from __future__ import annotations

import hashlib
import json
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from longshort.config import ForecastDataSettings
from longshort.data.series.container import Series, SeriesSet
from longshort.data.series.encoding import ForecastEncoding

__all__ = ["fingerprint", "stored_columns", "stored_settings"]


def stored_columns(series: SeriesSet) -> dict[str, list[object]]:
    """One row for each step, and for each step of the future whose covariates are known; None if nothing is known.

    Args:
        series: whose names of columns are kept; those of the time and of the series are added.
    """
    settings = _settings(series)
    rows = list(chain.from_iterable(_rows(each, series) for each in series))
    names = [settings.time, settings.series, series.target, *series.known, *series.past]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return {name: column for name, column in columns.items() if name is not None}


def stored_settings(encoding: ForecastEncoding) -> ForecastDataSettings:
    """Return the arguments of `open_series` that read `stored_columns` of the series that the encoding fits."""
    return _settings(encoding)


def fingerprint(series: SeriesSet) -> str:
    """Hex SHA-256 over the grid, the names and every number."""
    found = hashlib.sha256(json.dumps([series.step.to_dict(), series.target, series.known, series.past]).encode())
    for each in series:
        found.update(json.dumps([each.name, each.start, len(each)]).encode())
        for numbers in (each.values, each.known, each.past):
            found.update(np.ascontiguousarray(numbers, dtype="<f8").tobytes())
    return found.hexdigest()


def _settings(held: SeriesSet | ForecastEncoding) -> ForecastDataSettings:
    taken = {held.target, *held.known, *held.past}
    several = held.named if isinstance(held, SeriesSet) else set(held.series_scaling) != {""}
    return ForecastDataSettings(
        time=_free("time", taken),
        series=_free("series", taken) if several else None,
        value=held.target,
        known=held.known,
        past=held.past,
    )


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "_"
    return name


def _rows(each: Series, series: SeriesSet) -> list[tuple[object, ...]]:
    steps = max(len(each), len(each.known) if series.known else 0)
    return [
        (
            series.step.text(each.start + place),
            each.name if series.named else None,
            _cell(each.values, place),
            *(_cell(each.known[:, i], place) for i in range(len(series.known))),
            *(_cell(each.past[:, i], place) for i in range(len(series.past))),
        )
        for place in range(steps)
    ]


def _cell(numbers: NDArray[np.float64], place: int) -> float | None:
    return float(numbers[place]) if place < len(numbers) else None
