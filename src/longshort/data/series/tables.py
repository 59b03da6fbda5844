"""Where series come from: a file, a frame or arrays, as one table of columns."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from longshort.data.delimited import DelimitedTable
from longshort.data.files import DataFile, require_file
from longshort.data.memory import FrameTable, is_frame
from longshort.data.parquet import DAMAGE
from longshort.data.rows import Table
from longshort.errors import DataError

__all__ = ["open_table"]

SUFFIXES = (".csv", ".tsv", ".parquet")
_KINDS = ("is_string", "is_large_string", "is_integer", "is_floating", "is_boolean", "is_null", "is_timestamp")
_KINDS_TOO = ("is_date", "is_dictionary", "is_decimal")


def open_table(data: Any, encoding: str, *, skip_bad: bool = False) -> Table:
    """The table of a path, or of a pandas frame or series.

    Args:
        data: the path of a .csv, .tsv or .parquet file; a pandas frame, whose index is the time column where it holds
            times; or a pandas series with such an index.
        encoding: of a text file.
        skip_bad: as for any `Table`.

    Raises:
        DataError: there is no such file, or it is of another kind.
    """
    if isinstance(data, str | os.PathLike):
        return _open_path(Path(data), encoding, skip_bad)
    if hasattr(data, "to_frame") and hasattr(data, "index") and not is_frame(data):
        data = data.to_frame("value" if getattr(data, "name", None) is None else data.name)
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
        return _ParquetColumns(path, skip_bad=skip_bad)
    return DelimitedTable(path, encoding, "\t" if suffix == ".tsv" else ",", skip_bad=skip_bad)


def _with_times(frame: Any) -> Any:
    """The frame, with its index as a first column where the index holds points in time."""
    if type(frame.index).__name__ not in ("DatetimeIndex", "PeriodIndex"):
        return frame
    name = "time" if frame.index.name is None else str(frame.index.name)
    if name in (str(column) for column in frame.columns):
        return frame
    return frame.reset_index(names=name)


class _ParquetColumns(Table):
    """A Parquet file with times and numbers in their own types.

    Args:
        path: the file.
        skip_bad: as for any `Table`.

    Raises:
        DataError: the file is not a Parquet file.
    """

    def __init__(self, path: Path, *, skip_bad: bool = False) -> None:
        super().__init__(str(path), skip_bad=skip_bad)
        self.path = path
        self._file = DataFile(path)
        try:
            self._schema: Any = pq.read_schema(path)
        except DAMAGE as error:
            raise self._damaged(error) from None
        self.columns = tuple(self._schema.names)

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the values of these columns; the place is the row, counted from 1. A null is `None`."""
        for name in columns:
            self._check(name)
        with self._file.unchanged():
            try:
                table = pq.read_table(self.path, columns=list(columns))
                lists = [self._cells(table.column(name)) for name in columns]
            except DAMAGE as error:
                raise self._damaged(error) from None
        yield from enumerate(zip(*lists, strict=True), start=1)

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the file and the row."""
        return self._file.blame(DataError(f"row {place}: {message}", hint, path=self.path))

    def _cells(self, column: Any) -> list[object]:
        if pa.types.is_timestamp(column.type):
            # Nanoseconds would come as objects of pandas, which need not be installed.
            column = column.cast(pa.timestamp("us", tz=column.type.tz), safe=False)
        return list(column.to_pylist())

    def _check(self, name: str) -> None:
        kind = self._schema.field(name).type
        if not any(getattr(pa.types, rule)(kind) for rule in (*_KINDS, *_KINDS_TOO)):
            raise DataError(
                f"column {name!r} must hold times, numbers or text. It is of type {kind}.",
                "Choose other columns, or convert it.",
                path=self.path,
            )

    def _damaged(self, error: Exception) -> DataError:
        return DataError(
            f"the file must be a Parquet file that can be read: {str(error).splitlines()[0].rstrip('.')}.",
            "Check that it was written to its end; other formats are .csv and .tsv.",
            path=self.path,
        )
