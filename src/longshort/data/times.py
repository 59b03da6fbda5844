"""Points in time as whole numbers: what is written in a time column, read without guessing."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import numpy as np

__all__ = ["Clock", "as_time", "as_times"]

Clock = Literal["number", "calendar"]
"""How a time column counts: whole numbers, or points in time, in microseconds since 1970 without a time zone."""

_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])")
_SLASHES = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(.*)")
_WHOLE = re.compile(r"[+-]?\d{1,15}")
LARGEST = 10**15


def as_time(cell: object) -> tuple[Clock, int]:
    """How a cell of the time column counts, and its number.

    Whole numbers (1949 too) count steps. Dates are read as ISO 8601 writes them (`1949-01-31`, `2016-07-01 13:00`), and
    as `1949-01`, `1949/01/31` and `1949Q1`; a time zone is taken into account, and the time told in UTC.

    Raises:
        ValueError: the cell is missing, or neither; the message is the rest of a sentence, such as "Got 'soon'."
    """
    if isinstance(cell, np.generic):
        cell = cell.item() if not isinstance(cell, np.datetime64) else cell.astype("datetime64[us]").item()
    if isinstance(cell, datetime):
        return "calendar", _microseconds(cell)
    if isinstance(cell, date):
        return "calendar", _microseconds(datetime(cell.year, cell.month, cell.day))
    if isinstance(cell, bool) or cell is None:
        raise ValueError(f"Got {'none' if cell is None else cell}.")
    if isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer()):
        return "number", _bounded(int(cell))
    if hasattr(cell, "to_timestamp"):  # a period of pandas: its beginning
        return "calendar", _microseconds(cell.to_timestamp().to_pydatetime())
    if isinstance(cell, str):
        return _read(cell.strip())
    raise ValueError(f"Got {cell!r:.80}.")


def as_times(times: np.ndarray) -> tuple[Clock, np.ndarray] | None:
    """A whole array at once, where its dtype says what it holds; None where cells must be read one by one.

    Args:
        times: `(steps,)` of numpy integers or `datetime64`.

    Returns:
        How it counts, and `(steps,)` int64.
    """
    if times.dtype.kind in "iu":
        return "number", times.astype(np.int64)
    if times.dtype.kind == "M" and not bool(np.isnat(times).any()):
        return "calendar", times.astype("datetime64[us]").astype(np.int64)
    return None


def _read(text: str) -> tuple[Clock, int]:
    if _WHOLE.fullmatch(text):
        return "number", _bounded(int(text))
    if found := _MONTH.fullmatch(text):
        return "calendar", _microseconds(_date(text, int(found[1]), int(found[2])))
    if found := _QUARTER.fullmatch(text):
        return "calendar", _microseconds(_date(text, int(found[1]), 3 * int(found[2]) - 2))
    if found := _SLASHES.fullmatch(text):
        text = f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}{found[4]}"
    try:
        return "calendar", _microseconds(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        raise ValueError(f"Got {text!r:.80}." if text else "The cell is empty.") from None


def _date(text: str, year: int, month: int) -> datetime:
    try:
        return datetime(year, month, 1)
    except ValueError:
        raise ValueError(f"Got {text!r}.") from None


def _bounded(number: int) -> int:
    if abs(number) > LARGEST:
        raise ValueError(f"Got {number}.")
    return number


def _microseconds(moment: datetime) -> int:
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    if moment != moment:  # what pandas calls NaT
        raise ValueError("Got none.")
    return (moment.replace(tzinfo=None) - _EPOCH) // _MICROSECOND
