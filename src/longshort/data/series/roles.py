"""Which column is the time, which is forecast, which names the series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from longshort.config import ForecastDataSettings
from longshort.data.texts.columns import first_twice, header_hint
from longshort.errors import DataError, nearest

__all__ = ["Roles", "find_roles"]

TIMES = (
    *("time", "timestamp", "datetime", "date", "ds", "period", "month", "day", "week", "quarter", "hour", "year"),
    *("step", "t"),
)
"""Usual names of the time column, ignoring case, the likeliest first."""

VALUES = ("value", "y", "target", "sales", "demand", "load", "price", "close", "count", "quantity")
"""Usual names of what is forecast."""

NAMES = ("series", "series_id", "unique_id", "item_id", "id")
"""Usual names of the column that names the series."""

_HINT = "Name the columns with --time NAME, --value NAME and --series NAME."


@dataclass(frozen=True)
class Roles:
    """The chosen columns.

    Args:
        time, value: names of columns.
        series: None if all rows are one series.
        notes: sentences about what could have been meant too.
    """

    time: str
    value: str
    series: str | None
    notes: tuple[str, ...] = ()


def find_roles(columns: Sequence[str], settings: ForecastDataSettings, *, name: str) -> Roles:
    """Choose by the settings, else by the usual names; the value may also be the only column left.

    Args:
        columns: names of all columns.
        settings: names those that are given.
        name: what messages call the table.

    Raises:
        DataError: a name stands in the header twice, is not there, has two roles, or none can be found.
    """
    twice = first_twice(columns)
    if twice is not None:
        raise DataError(
            f"the names of columns must differ. {twice!r} stands in the header twice.", "Rename one.", path=name
        )
    named = (settings.time, settings.value, settings.series, *settings.known, *settings.past)
    given = [each for each in named if each is not None]
    for column in given:
        _check_named(column, settings, given, columns, name)
    free = [column for column in columns if column not in given]
    time = settings.time or _usual(TIMES, free)
    if time is None:
        raise DataError(
            f"a column must hold the times. None has a usual name ({', '.join(TIMES[:5])}, ...); "
            f"the columns are: {_listed(columns)}.",
            header_hint(columns) or "Name it with --time NAME.",
            path=name,
        )
    free = [column for column in free if column != time]
    series = settings.series or _usual(NAMES, free)
    free = [column for column in free if column != series]
    value = settings.value or _usual(VALUES, free) or (free[0] if len(free) == 1 else None)
    if value is None:
        raise _no_value(columns, free, name)
    notes = [] if series in (None, settings.series) else [f"Column {series!r} says which series a row belongs to."]
    others = [column for column in free if column != value]
    if others and settings.value is None:
        notes.append(f"Column {value!r} is forecast, not {others[0]!r}; --value NAME chooses another.")
    return Roles(time, value, series, tuple(notes))


def _check_named(
    column: str, settings: ForecastDataSettings, given: Sequence[str], columns: Sequence[str], name: str
) -> None:
    covariate = next((role for role in ("known", "past") if column in getattr(settings, role)), None)
    if column not in columns:
        raise DataError(
            f"a column that is named must be one of: {_listed(columns)}. Got {column!r}.",
            nearest(column, columns) or (f"Add it: it was named with --{covariate}." if covariate else _HINT),
            path=name,
        )
    if given.count(column) > 1:
        raise DataError(f"a column must have one role. {column!r} was given two.", _HINT, path=name)


def _usual(names: Sequence[str], columns: Sequence[str]) -> str | None:
    return next((c for word in names for c in columns if c.strip().casefold() == word), None)


def _no_value(columns: Sequence[str], free: Sequence[str], name: str) -> DataError:
    if not free:
        return DataError(
            f"a column must hold the values. The columns are: {_listed(columns)}.",
            header_hint(columns) or _HINT,
            path=name,
        )
    return DataError(
        f"one column must be what is forecast. {_listed(free)} all could be.", "Choose with --value NAME.", path=name
    )


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(repr(column[:60]) for column in columns[:20])
    return shown + (f", and {len(columns) - 20} more" if len(columns) > 20 else "")
