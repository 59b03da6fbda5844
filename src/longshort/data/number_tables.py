"""Where numbers come from: a file or a frame, as one table of columns."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from longshort.data.delimited import DelimitedTable
from longshort.data.files import require_file
from longshort.data.texts.in_memory import FrameTable, is_frame
from longshort.data.texts.parquet import ParquetNumbers
from longshort.data.texts.rows import Table
from longshort.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["open_number_table"]

SUFFIXES = (".csv", ".tsv", ".parquet")


def open_number_table(data: object, encoding: str, *, skip_bad: bool = False) -> Table:
    """The table of a path, or of a pandas frame or series.

    Args:
        data: the path of a .csv, .tsv or .parquet file; a pandas frame, whose index is the time column where it holds
            times; or a pandas series, whose index always is.
        encoding: of a text file.
        skip_bad: as for any `Table`.

    Raises:
        DataError: there is no such file, or it is of another kind.
    """
    if isinstance(data, str | os.PathLike):
        return _open_path(Path(data), encoding, skip_bad)
    if hasattr(data, "to_frame") and hasattr(data, "index") and not is_frame(data):
        return FrameTable(_of_series(data), skip_bad=skip_bad)
    if is_frame(data):
        return FrameTable(_with_times(data), skip_bad=skip_bad)
    raise DataError(
        f"series must be a path, a pandas frame or a pandas series. Got {type(data).__name__}.",
        "Arrays are given to longshort.data.series.from_arrays.",
    )


def _open_path(path: Path, encoding: str, skip_bad: bool) -> Table:
    require_file(path)
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise DataError(
            f"a file of series must be one of {', '.join(SUFFIXES)}. Got the suffix {suffix!r}.",
            "Give the file the suffix of its format, or write it in one of these.",
            path=path,
        )
    if suffix == ".parquet":
        return ParquetNumbers(path, skip_bad=skip_bad)
    return DelimitedTable(path, encoding, skip_bad=skip_bad)


def _of_series(series: pd.Series) -> pd.DataFrame:
    name = "value" if series.name is None else series.name
    time = "time" if series.index.name is None else series.index.name
    return series.to_frame(name).reset_index(names=f"{time}_" if time == name else time)


def _with_times(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame, with its index as a first column where the index holds points in time."""
    if type(frame.index).__name__ not in ("DatetimeIndex", "PeriodIndex"):
        return frame
    name = "time" if frame.index.name is None else str(frame.index.name)
    if name in (str(column) for column in frame.columns):
        return frame
    return frame.reset_index(names=name)
