"""`Forecast`: what is forecast, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from longshort.plain import Plain

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Forecast"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Forecast:
    """Quantiles of the steps ahead of one or many series.

    Args:
        target: the name of what is forecast.
        names: of the series; "" for one without a name.
        times: for each series the times of its steps ahead, as ISO 8601 writes them or as whole numbers.
        levels: the quantiles, rising, 0.5 among them.
        quantiles: `(series, horizon, levels)` float64, rising along the last axis.
    """

    target: str
    names: tuple[str, ...]
    times: tuple[tuple[str, ...], ...]
    levels: tuple[float, ...]
    quantiles: Array

    @property
    def median(self) -> Array:
        """`(series, horizon)` float64."""
        found: Array = self.quantiles[..., self.levels.index(0.5)]
        return found

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of `rows`: the series where they have names, the time, each quantile."""
        named = ("series",) if any(self.names) else ()
        return (*named, "time", *(f"q{level:g}" for level in self.levels))

    def rows(self) -> Iterator[tuple[str | float, ...]]:
        """One row for each series and step, such as for a CSV file; see `columns`."""
        named = any(self.names)
        for name, times, table in zip(self.names, self.times, self.quantiles.tolist(), strict=True):
            for time, quantiles in zip(times, table, strict=True):
                yield (*((name,) if named else ()), time, *quantiles)

    def to_dict(self) -> Plain:
        """What JSON can hold: the target, the levels, and for each series its name, times and quantiles."""
        series = [
            {"series": name, "times": list(times), "quantiles": table}
            for name, times, table in zip(self.names, self.times, self.quantiles.tolist(), strict=True)
        ]
        return {"target": self.target, "levels": list(self.levels), "forecasts": series}

    def to_pandas(self) -> pd.DataFrame:
        """A pandas frame with the rows of `rows`; dates are points in time.

        Raises:
            ImportError: pandas is not installed.
        """
        import pandas as pd

        frame = pd.DataFrame(list(self.rows()), columns=list(self.columns))
        dates = any("-" in time[1:] for time in self.times[0])
        frame["time"] = pd.to_datetime(frame["time"], format="ISO8601") if dates else frame["time"].astype("int64")
        return frame
