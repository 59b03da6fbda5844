"""Series, read, checked and cut in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from longshort.data.series import SeriesSet, fingerprint, open_series
from longshort.errors import SettingError
from longshort.kinds.forecast.fitting import shape_of
from longshort.kinds.forecast.settings import ForecastRunSettings
from longshort.plain import Plain
from longshort.training import Listener

__all__ = ["PreparedForecast", "SeriesPart", "describe_part", "prepare_series"]

Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SeriesPart:
    """Some steps of each series.

    Args:
        series: all that is known up to the end of the part.
        begins: `(series,)` int64: where the part begins.
    """

    series: SeriesSet
    begins: Rows

    @property
    def rows(self) -> Rows:
        """`(steps,)` int64: its steps, series after series."""
        return np.concatenate([np.arange(b, n) for b, n in zip(self.begins, self.series.lengths, strict=True)])

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of all that is known up to its end."""
        return fingerprint(self.series)


@dataclass(frozen=True, eq=False)
class PreparedForecast:
    """Series cut in time; a `Prepared`.

    Args:
        series: all of them.
        parts: "train", whose end validates, and "test".
        horizon: steps ahead: those that are set, or what suits the series.
        notes: sentences for the user.
    """

    series: SeriesSet
    parts: dict[str, SeriesPart]
    horizon: int
    notes: list[str]
    labels: list[str] = field(default_factory=list)
    multi_label: bool = False
    overlaps: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the data are called."""
        return self.series.source


def prepare_series(
    data: object, validation: object, test: object, settings: ForecastRunSettings, listener: Listener
) -> PreparedForecast:
    """Read, check, and hold out the end of each series.

    Raises:
        DataError: the data are no even series, or one is too short.
        SettingError: a file to validate or test on is given, or nothing is held out.
    """
    for name, given in (("validation", validation), ("test", test)):
        if given is not None:
            raise SettingError(
                f"A forecast is judged by the end of its own series. Got a file with --{name}.",
                "Put all rows into one file; --test-steps or --test-share says how much of its end is held out.",
            )
    if settings.data.test_steps is None and settings.data.test_share == 0:
        raise SettingError(
            "Some steps must be held out to judge the forecast by. Got a test_share of 0.",
            "Leave it at 0.2, or say how many with --test-steps.",
        )
    listener.stage(f"Reading {data}" if isinstance(data, str | Path) else "Reading the data")
    series = open_series(data, settings.data)
    horizon = shape_of(series, settings.data, settings.model).horizon
    starts = series.holdout(share=settings.data.test_share, steps=settings.data.test_steps, least=horizon)
    parts = {
        "train": SeriesPart(series.until(starts), np.zeros_like(starts)),
        "test": SeriesPart(series, starts),
    }
    return PreparedForecast(series, parts, horizon, list(series.notes))


def describe_part(part: SeriesPart) -> Plain:
    """Return source, series, steps, and from when to when."""
    text, each = part.series.step.text, part.series.series[0]
    return {
        "source": part.series.source,
        "rows": len(part.rows),
        "steps_known_ahead": part.series.steps_known_ahead,
        "series": len(part.series),
        "begins": text(each.start + int(part.begins[0])),
        "ends": text(each.start + len(each) - 1),
    }
