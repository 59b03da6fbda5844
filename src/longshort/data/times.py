"""Points in time as whole numbers: what is written in a time column, read without guessing."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

import numpy as np

__all__ = ["IN_UTC", "Clock", "Time", "as_time", "as_times", "settle"]

Clock = Literal["number", "calendar"]
"""How a time column counts: whole numbers, or points in time, in microseconds since 1970 without a time zone."""


class Time(NamedTuple):
    """What a cell of a time column says.

    Args:
        clock: how it counts.
        number: the whole number, or microseconds since 1970 in UTC, without a time zone as they are written.
        offset: microseconds by which its time zone is ahead of UTC; 0 if there is none.
    """

    clock: Clock
    number: int
    offset: int = 0


_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})")
_QUARTER = re.compile(r"(\d{4})[- ]?[Qq]([1-4])")
_SLASHES = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(.*)")
_WHOLE = re.compile(r"[+-]?\d{1,15}")
LARGEST = 10**15
_DAY = 86_400_000_000
_YEARS = (1900, 2100)

IN_UTC = "Times have a time zone; they are counted in UTC."
"""What is said where that is so."""


def as_time(cell: object) -> Time:
    """How a cell of the time column counts, and its number.

    Whole numbers (1949 too) count steps. Dates are read as ISO 8601 writes them (`1949-01-31`, `2016-07-01 13:00`), and
    as `1949-01`, `1949/01/31` and `1949Q1`. What a column of times with a time zone, or of whole numbers such as
    20160701, means as a whole is said by `settle`.

    Raises:
        ValueError: the cell is missing, or neither; the message is the rest of a sentence, such as "Got 'soon'."
    """
    if isinstance(cell, np.generic):
        cell = cell.item() if not isinstance(cell, np.datetime64) else cell.astype("datetime64[us]").item()
    if isinstance(cell, datetime):
        return _moment(cell)
    if isinstance(cell, date):
        return _moment(datetime(cell.year, cell.month, cell.day))
    if isinstance(cell, bool) or cell is None:
        raise ValueError(f"Got {'none' if cell is None else cell}.")
    if isinstance(cell, int) or (isinstance(cell, float) and cell.is_integer()):
        return Time("number", _bounded(int(cell)))
    if hasattr(cell, "to_timestamp"):  # a period of pandas: its beginning
        return _moment(cell.to_timestamp().to_pydatetime())
    if isinstance(cell, str):
        return _read(cell.strip())
    raise ValueError(f"Got {cell!r:.80}.")


def as_times(times: np.ndarray) -> tuple[Clock, np.ndarray] | None:
    """A whole array at once, where its dtype says what it holds; None if cells must be read one by one.

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


def settle(
    clock: Clock, numbers: np.ndarray, offsets: np.ndarray, wanted: Clock | None = None
) -> tuple[Clock, np.ndarray, str]:
    """What a whole column of times means, where a cell alone does not say it.

    Times with a time zone are counted as they are written, without it, where they all stand at the same time of day:
    days and longer steps, which are not evenly apart in UTC where the clocks are changed. Others are counted in UTC.
    Whole numbers that are all dates from 1900 to 2100, such as 20160701, are read as such; those that are all months,
    such as 201607, where they are unevenly apart as numbers.

    Args:
        clock: how all of the cells count.
        numbers: `(rows,)` int64 of `as_time`.
        offsets: `(rows,)` int64 of `as_time`.
        wanted: the times of a training that these continue.

    Returns:
        How they count, `(rows,)` int64, and a sentence for the user where something was chosen.
    """
    if clock == "number":
        dates = None if wanted == "number" else _written_together(numbers, surely=wanted == "calendar")
        if dates is None:
            return clock, numbers, ""
        return "calendar", dates, f"Whole numbers such as {numbers[0]} are read as dates."
    if not offsets.any():
        return clock, numbers, ""
    local = numbers + offsets
    if bool((local % _DAY == local[0] % _DAY).all()):
        return clock, local, "Times have a time zone; they are counted as they are written, without it."
    return clock, numbers, IN_UTC


def _written_together(numbers: np.ndarray, *, surely: bool) -> np.ndarray | None:
    """Microseconds since 1970 of dates such as 20160701 or 201607; None if one is no such date."""
    long = bool((numbers >= 10_000_000).all())
    if not long and not surely and len(np.unique(np.diff(np.unique(numbers)))) < 2:
        return None
    months, days = (numbers // 100, numbers % 100) if long else (numbers, np.ones_like(numbers))
    years, month = months // 100, months % 100
    if not bool(((years >= _YEARS[0]) & (years <= _YEARS[1]) & (month >= 1) & (month <= 12)).all()):
        return None
    first = ((years - 1970) * 12 + month - 1).astype("datetime64[M]")
    found = first.astype("datetime64[D]") + (days - 1)
    if not bool(((days >= 1) & (found.astype("datetime64[M]") == first)).all()):
        return None
    return np.asarray(found.astype("datetime64[us]").astype(np.int64))


def _read(text: str) -> Time:
    if _WHOLE.fullmatch(text):
        return Time("number", _bounded(int(text)))
    if found := _MONTH.fullmatch(text):
        return _moment(_date(text, int(found[1]), int(found[2])))
    if found := _QUARTER.fullmatch(text):
        return _moment(_date(text, int(found[1]), 3 * int(found[2]) - 2))
    if found := _SLASHES.fullmatch(text):
        text = f"{found[1]}-{int(found[2]):02d}-{int(found[3]):02d}{found[4]}"
    try:
        return _moment(datetime.fromisoformat(text))
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


def _moment(moment: datetime) -> Time:
    if moment != moment:  # what pandas calls NaT
        raise ValueError("Got none.")
    offset = (moment.utcoffset() or timedelta()) // _MICROSECOND
    return Time("calendar", (moment.replace(tzinfo=None) - _EPOCH) // _MICROSECOND - offset, offset)
