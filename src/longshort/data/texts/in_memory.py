"""Data already in memory: lists of texts and labels, and pandas frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from longshort.data.texts.rows import Table
from longshort.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["FrameTable", "ListTable", "is_column", "is_frame"]


class ListTable(Table):
    """Columns as Python sequences of one length; the place is the index, counted from 0.

    Args:
        columns: a sequence for each name.
        skip_bad: as for any `Table`.

    Raises:
        DataError: the columns differ in length.
    """

    def __init__(self, columns: dict[str, Sequence[object]], *, skip_bad: bool = False) -> None:
        super().__init__("the data", skip_bad=skip_bad)
        self.columns = tuple(columns)
        self._values = columns
        lengths = {name: len(values) for name, values in columns.items()}
        if len(set(lengths.values())) > 1:
            counts = " and ".join(f"{count} {name}s" for name, count in lengths.items())
            raise DataError(f"there must be as many texts as labels. Got {counts}.", "Pass one label for each text.")

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the items of these columns."""
        chosen = [self._values[name] for name in columns]
        yield from enumerate(zip(*chosen, strict=True))

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the index."""
        return _error(self.name, message, hint, place)


class FrameTable(Table):
    """A pandas frame, without pandas being imported; a missing value is `None`.

    Args:
        frame: the frame. Its index plays no part: rows are counted from 0.
        skip_bad: as for any `Table`.
    """

    def __init__(self, frame: pd.DataFrame, *, skip_bad: bool = False) -> None:
        super().__init__("the frame", skip_bad=skip_bad)
        self.columns = tuple(str(name) for name in frame.columns)
        self._frame = frame

    def values(self, columns: Sequence[str]) -> Iterator[tuple[int, tuple[object, ...]]]:
        """Stream the values of these columns."""
        places = {name: place for place, name in enumerate(self.columns)}
        lists = [_series(self._frame.iloc[:, places[name]]) for name in columns]
        yield from enumerate(zip(*lists, strict=True))

    def error(self, message: str, hint: str, place: int) -> DataError:
        """The error with the row."""
        return _error(self.name, message, hint, place)


def is_frame(data: object) -> bool:
    """Whether this is a pandas frame, or behaves like one."""
    return all(hasattr(data, name) for name in ("columns", "iloc", "itertuples"))


def is_column(data: object) -> bool:
    """Whether this is a list, a tuple, a one-dimensional array or a series, and no string."""
    sized = hasattr(data, "__len__") and hasattr(data, "__getitem__") and hasattr(data, "__iter__")
    return sized and not isinstance(data, str | bytes | dict) and getattr(data, "ndim", 1) == 1


def _series(series: pd.Series) -> list[object]:
    missing = series.isna().tolist()
    return [None if gone else value for value, gone in zip(series.tolist(), missing, strict=True)]


def _error(name: str, message: str, hint: str, place: int) -> DataError:
    return DataError(f"{name}, row {place} (counted from 0): {message}", hint)
