"""Rows become series on an even grid; what is in the way is an error, or a repair that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from longshort.config import ForecastDataSettings
from longshort.data.series.container import Series, SeriesSet
from longshort.data.series.steps import DAY, HOUR, MINUTE, SECOND, Step, Uneven, find_step
from longshort.errors import DataError

__all__ = ["Columns", "assemble"]

Array = np.ndarray[Any, Any]
Error = Callable[[str, str, int], DataError]

_ASK = "Mend the data, or ask for a repair with --fill linear, --fill last or --fill zero."
MOST_STEPS = 100_000_000
LARGEST = 1e100
"""A value's size at most: sums of squares stay finite."""


@dataclass(frozen=True, eq=False)
class Columns:
    """The rows of one series as they were written.

    Args:
        places: `(rows,)` int64: where they stand, for messages.
        times: `(rows,)` int64.
        values: `(rows,)` float64, NaN if missing.
        known, past: `(rows, columns)` float64, NaN if missing; before `assemble` parts them, `known` holds both.
        empty: `(rows,)` bool: steps that had no row; as long as the rows once they stand on the grid.
    """

    places: Array
    times: Array
    values: Array
    known: Array
    past: Array
    empty: Array = field(default_factory=lambda: np.zeros(0, dtype=bool))

    def take(self, order: Array) -> Columns:
        """Other rows, or the same in another order."""
        parts = (each[order] for each in (self.places, self.times, self.values, self.known, self.past))
        return Columns(*parts)


def assemble(
    groups: Mapping[str, Columns],
    settings: ForecastDataSettings,
    *,
    calendar_times: bool,
    error: Error,
    source: str,
    target: str = "value",
    notes: Sequence[str] = (),
    step: Step | None = None,
) -> SeriesSet:
    """Put the rows of each series on one grid.

    Args:
        groups: the rows of each series.
        settings: says what is known for the future, and what to repair.
        calendar_times: whether times are points in time.
        error: makes the error about the row at a place.
        source: what messages call the data.
        target: the name of what is forecast.
        notes: sentences to keep.
        step: the grid; found when not given.

    Raises:
        DataError: as `open_series`.
    """
    repairs = list(notes)
    known = len(settings.known)
    parted = {name: replace(g, known=g.known[:, :known], past=g.known[:, known:]) for name, g in groups.items()}
    ordered = {name: _in_order(rows, settings, error, repairs, name) for name, rows in parted.items()}
    grid = _grid(ordered, calendar_times, error, step)
    series = tuple(_Filler(settings, error, grid, repairs, target, name).series(rows) for name, rows in ordered.items())
    return SeriesSet(series, grid, target, settings.known, settings.past, tuple(repairs), source)


def _in_order(rows: Columns, settings: ForecastDataSettings, error: Error, repairs: list[str], name: str) -> Columns:
    """Rows with rising times."""
    back = np.flatnonzero(np.diff(rows.times) < 0)
    if len(back):
        if settings.fill is None:
            raise error(
                f"times must rise from row to row. This one is before the one above{_of(name)}.",
                f"Sort the rows by time, or let --fill sort them. {_ASK}",
                int(rows.places[back[0] + 1]),
            )
        rows = rows.take(np.argsort(rows.times, kind="stable"))
        repairs.append(f"Rows{_of(name)} were out of order; they were sorted by time.")
    twice = np.flatnonzero(np.diff(rows.times) == 0)
    if not len(twice):
        return rows
    if settings.fill is None:
        raise error(
            f"a time must stand in one row. This one is the same as one above{_of(name)}.",
            "If the rows are of several series, name the column that separates them with --series NAME. " + _ASK,
            int(rows.places[twice[0] + 1]),
        )
    repairs.append(f"{len(twice)} rows{_of(name)} had the time of another row; they were averaged.")
    return _averaged(rows)


def _averaged(rows: Columns) -> Columns:
    _, first, inverse = np.unique(rows.times, return_index=True, return_inverse=True)

    def mean(values: Array) -> Array:
        there = ~np.isnan(values)
        total, count = np.zeros((2, len(first), *values.shape[1:]))
        np.add.at(total, inverse, np.where(there, values, 0.0))
        np.add.at(count, inverse, there)
        found: Array = np.divide(total, count, out=np.full_like(total, np.nan), where=count > 0)
        return found

    one = rows.take(first)
    return replace(one, values=mean(rows.values), known=mean(rows.known), past=mean(rows.past))


def _grid(groups: Mapping[str, Columns], calendar_times: bool, error: Error, step: Step | None) -> Step:
    times = [rows.times for rows in groups.values()]
    every = np.concatenate([rows.places for rows in groups.values()])
    if step is None:
        try:
            return find_step(times, calendar_times=calendar_times)
        except Uneven as uneven:
            raise _uneven(uneven.usual, int(every[uneven.index]), error) from None
    if calendar_times == (step.unit == "number"):
        kinds = ("dates", "whole numbers") if step.unit != "number" else ("whole numbers", "dates")
        raise error(
            f"times must be {kinds[0]}, as in training. Got {kinds[1]}.", "Check the time column.", int(every[0])
        )
    beside = np.flatnonzero(~step.fits(np.concatenate(times)))
    if len(beside):
        raise _uneven(step, int(every[beside[0]]), error)
    return step


def _uneven(step: Step, place: int, error: Error) -> DataError:
    return error(
        f"times must be even steps apart. Most are {step} apart; this one stands beside that grid.",
        "Round the times"
        + (
            ", or number the rows 0, 1, 2, ... where they are evenly apart."
            if step.unit == "number"
            else f" or resample the series, for example with pandas: frame.resample('{_rule(step)}').mean()."
        ),
        place,
    )


def _rule(step: Step) -> str:
    """What pandas calls a grid that the step is nearest to; months and years are no even steps of days."""
    if step.unit == "weekday":
        return "B"
    if step.unit == "month":
        return f"{step.count}MS" if step.count > 1 else "MS"
    days = step.count / DAY
    for rule, least, most in (("MS", 26, 35), ("QS", 88, 94), ("YS", 363, 368)):
        if least <= days <= most:
            return rule
    sizes = ((DAY, "D"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"))
    size, word = next((pair for pair in sizes if step.count % pair[0] == 0), sizes[-1])
    return f"{max(step.count // size, 1)}{word}"


def _of(name: str) -> str:
    return f" of the series {name!r}" if name else ""


@dataclass(frozen=True)
class _Filler:
    """Puts the rows of one series on the grid, and fills what is missing where that was asked for."""

    settings: ForecastDataSettings
    error: Error
    grid: Step
    repairs: list[str]
    target: str
    name: str

    def series(self, rows: Columns) -> Series:
        """One series without gaps.

        Raises:
            DataError: a gap or an empty cell that no repair was asked for, or no value at all.
        """
        there = np.flatnonzero(~np.isnan(rows.values))
        if not len(there):
            message = f"a series must have values. {self.target!r}{_of(self.name)} is empty in every row."
            raise self.error(message, "Check the column, or leave the series out.", int(rows.places[0]))
        if there[0] > 0:
            self._refuse_unless_repaired(f"{self.target!r} must have a value. It is empty here", rows, 0)
            self.repairs.append(f"{there[0]} rows{_of(self.name)} before the first value were left out.")
            rows, there = rows.take(np.arange(there[0], len(rows.times))), there - there[0]
        positions = self.grid.positions(rows.times)
        rows = self._on_grid(rows, positions)
        end = int(positions[there[-1]] - positions[0]) + 1
        future = len(rows.values) - end
        if future and not self.settings.known:
            self.repairs.append(
                f"{future} rows{_of(self.name)} after the last value carry none; the forecast begins there."
            )
        known = self._filled(rows.known, self.settings.known, rows)
        own = np.column_stack([rows.values[:end], rows.past[:end]])
        filled = self._filled(own, (self.target, *self.settings.past), rows)
        between = np.isnan(own) if self.settings.fill == "linear" and np.isnan(own).any() else None
        return Series(self.name, int(positions[0]), filled[:, 0], known, filled[:, 1:], between)

    def _on_grid(self, rows: Columns, positions: Array) -> Columns:
        """With a row of NaN at each place of the grid that had none; its place is that of the row before."""
        apart = np.flatnonzero(np.diff(positions) > 1)
        if not len(apart):
            return replace(rows, empty=np.zeros(len(positions), dtype=bool))
        first, last = int(positions[apart[0]]), int(positions[apart[0] + 1])
        self._refuse_unless_repaired(
            f"a series must have a row for each step of {self.grid}. {last - first - 1} are missing before "
            f"{self.grid.text(last)}",
            rows,
            int(apart[0]) + 1,
        )
        steps = int(positions[-1] - positions[0]) + 1
        if steps > max(1_000, 100 * len(positions)) or steps > MOST_STEPS:
            raise self.error(
                f"gaps must not be most of a series. {len(positions)} rows{_of(self.name)} stand on {steps:,} steps "
                f"of {self.grid}.",
                "Check the times, or resample the series to a longer step.",
                int(rows.places[0]),
            )
        self.repairs.append(
            f"{steps - len(positions)} steps{_of(self.name)} had no row; filled ({self.settings.fill})."
        )
        where = positions - positions[0]
        order = np.searchsorted(where, np.arange(steps), side="right") - 1
        spread = rows.take(order)
        empty = np.ones(steps, dtype=bool)
        empty[where] = False
        for part in (spread.values, spread.known, spread.past):
            part[empty] = np.nan
        return replace(spread, empty=empty)

    def _filled(self, columns: Array, names: Sequence[str], rows: Columns) -> Array:
        """Each column without NaN."""
        for row, column in np.argwhere(np.abs(columns) > LARGEST)[:1]:
            raise self.error(
                f"{names[column]!r} must hold numbers of {LARGEST:g} in size at most. Got {columns[row, column]:g}"
                f"{_of(self.name)}.",
                "Divide the column by a power of ten.",
                int(rows.places[row]),
            )
        missing = np.isnan(columns)
        for column, name in enumerate(names):
            if not missing[:, column].any():
                continue
            row = int(np.flatnonzero(missing[:, column])[0])
            self._refuse_unless_repaired(f"{name!r} must have a number in every row. It is empty here", rows, row)
            if missing[:, column].all():
                raise self.error(f"{name!r}{_of(self.name)} must have numbers. It has none.", "Leave it out.", row)
            columns = columns.copy()
            columns[:, column] = _fill(columns[:, column], str(self.settings.fill))
        # Steps that had no row are empty in every column, and already reported.
        missing &= ~rows.empty[: len(missing), None]
        if missing.any():
            count = int(missing.sum())
            cells = "empty cell" if count == 1 else "empty cells"
            were = "was" if count == 1 else "were"
            self.repairs.append(f"{count} {cells}{_of(self.name)} {were} filled ({self.settings.fill}).")
        return columns

    def _refuse_unless_repaired(self, message: str, rows: Columns, row: int) -> None:
        if self.settings.fill is None:
            raise self.error(f"{message}{_of(self.name)}.", _ASK, int(rows.places[row]))


def _fill(values: Array, how: str) -> Array:
    """Without NaN: on a line between neighbours, the last value, or 0. What comes before the first value is that."""
    there = np.flatnonzero(~np.isnan(values))
    steps = np.arange(len(values))
    if how == "zero":
        return np.nan_to_num(values, nan=0.0)
    if how == "linear":
        return np.interp(steps, there, values[there])
    before = np.maximum(np.searchsorted(there, steps, side="right") - 1, 0)
    filled: Array = values[there[before]]
    return filled
