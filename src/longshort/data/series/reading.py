"""`open_series` and `from_arrays`: rows of times and numbers become series without gaps, or an error."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from longshort.config import ForecastDataSettings
from longshort.data.number_tables import open_number_table
from longshort.data.numbers import as_number, number_hint
from longshort.data.series.container import SeriesSet
from longshort.data.series.repair import Columns, assemble
from longshort.data.series.roles import find_roles
from longshort.data.series.steps import Step
from longshort.data.texts.rows import Table
from longshort.data.times import Clock, Time, as_time, as_times, settle
from longshort.errors import DataError

__all__ = ["from_arrays", "open_series"]

Array = np.ndarray[Any, Any]

_TIME_HINT = "Write times as whole numbers or as ISO 8601 does: 2016-07-01, 2016-07-01 13:00, 1949-01."


def open_series(data: object, settings: ForecastDataSettings | None = None, *, step: Step | None = None) -> SeriesSet:
    """Read one or many series, each row a time and its numbers.

    Rows at the end of a series that have no value are the future: their known covariates are kept.

    Args:
        data: the path of a .csv, .tsv or .parquet file; a pandas frame; a pandas series whose index is the time.
        settings: names of columns, what to repair, encoding of text files.
        step: the grid to stand on, such as that of a trained model; found when not given.

    Raises:
        DataError: a column is not there or holds something else, times are uneven, twice, out of order, or leave gaps
            that no repair was asked for; the message names the line.
    """
    settings = settings or ForecastDataSettings()
    table = open_number_table(data, settings.encoding, skip_bad=settings.skip_bad)
    roles = find_roles(table.columns, settings, name=table.name)
    wanted = [roles.time, *([roles.series] if roles.series else []), roles.value, *settings.known, *settings.past]
    read = _Reader(table, wanted, named=roles.series is not None)
    groups, clock, note = read.groups(_clock_of(step))
    return assemble(
        groups,
        settings,
        calendar_times=clock == "calendar",
        error=table.error,
        source=table.name,
        target=roles.value,
        notes=tuple(filter(None, (*roles.notes, read.note, note))),
        step=step,
    )


def from_arrays(
    values: object,
    *,
    times: object = None,
    names: Sequence[str] | None = None,
    fill: str | None = None,
    step: Step | None = None,
) -> SeriesSet:
    """Series that are in memory already.

    Args:
        values: `(steps,)` numbers for one series; a list of such arrays, or a mapping from names to them, for several;
            NaN is a missing value.
        times: `(steps,)` whole numbers, dates or `datetime64` for one series, a list of them for several; 0, 1, ...
            when not given.
        names: of several series; their positions when not given.
        fill: as `ForecastSettings.fill`.
        step: the grid to stand on, such as that of a trained model; found when not given.

    Raises:
        DataError: as `open_series`; the message names the index.
    """
    if isinstance(values, Mapping):
        names, values = [str(name) for name in values], list(values.values())
    arrays, several = _arrays(values)
    labels = ([str(i) for i in range(len(arrays))] if several else [""]) if names is None else list(names)
    axes = [None] * len(arrays) if times is None else list(times) if several else [times]  # type: ignore[call-overload]
    if not len(labels) == len(axes) == len(arrays):
        raise DataError(
            f"each series must have one name and one array of times. Got {len(arrays)} series, {len(labels)} names and "
            f"{len(axes)} arrays of times.",
            "Pass as many as there are series.",
        )
    read = [_axis(axis, len(array), label) for label, array, axis in zip(labels, arrays, axes, strict=True)]
    if len({clock for clock, _, _ in read}) > 1 or len(set(labels)) < len(arrays):
        raise DataError("all series must count time alike, and have names of their own.", "Give each another name.")
    numbers, offsets = (np.concatenate([each[place] for each in read]) for place in (1, 2))
    clock, moments, note = settle(read[0][0], numbers, offsets, _clock_of(step))
    ends = np.cumsum([len(array) for array in arrays])[:-1]
    groups = {}
    for label, array, own in zip(labels, arrays, np.split(moments, ends), strict=True):
        empty = np.zeros((len(array), 0))
        groups[label] = Columns(np.arange(len(array)), own, array, empty, empty)
    return assemble(
        groups,
        ForecastDataSettings.parse({"fill": fill}),
        calendar_times=clock == "calendar",
        error=_index_error,
        source="the data",
        notes=(note,) if note else (),
        step=step,
    )


def _arrays(values: object) -> tuple[list[Array], bool]:
    """Each series as float64, and whether there may be several."""
    several = (isinstance(values, np.ndarray) and values.ndim == 2) or (
        isinstance(values, Sequence) and len(values) > 0 and np.ndim(values[0]) > 0
    )
    parts: Any = values if several else [values]
    found = []
    for index, part in enumerate(parts):
        try:
            array = np.asarray(part, dtype=np.float64)
        except (TypeError, ValueError):
            array = None
        if array is None or array.ndim != 1 or len(array) == 0:
            got = f"the shape {array.shape}" if array is not None else f"{type(part).__name__}"
            raise DataError(
                f"a series must be numbers of the shape (steps,), at least one. Got {got} for series {index}.",
                "Several series are given as a list of arrays.",
            )
        if bool(np.isinf(array).any()):
            raise DataError(
                f"values must be finite, or NaN where they are missing. Series {index} holds an infinite one at index "
                f"{int(np.flatnonzero(np.isinf(array))[0])}.",
                "Replace it.",
            )
        found.append(array)
    return found, several


def _clock_of(step: Step | None) -> Clock | None:
    """How the times of a grid count."""
    return None if step is None else "number" if step.unit == "number" else "calendar"


def _axis(times: object, steps: int, label: str) -> tuple[Clock, Array, Array]:
    """How the times of a series count, their numbers and their offsets."""
    nowhere = np.zeros(steps, dtype=np.int64)
    if times is None:
        return "number", np.arange(steps, dtype=np.int64), nowhere
    array = np.asarray(times)
    if array.shape != (steps,):
        raise DataError(
            f"each value must have one time. Got times of the shape {array.shape} for {steps} values"
            f"{f' of series {label!r}' if label else ''}.",
            "Pass as many times as values.",
        )
    whole = as_times(array)
    return (*whole, nowhere) if whole is not None else _one_by_one(array)


def _one_by_one(array: Array) -> tuple[Clock, Array, Array]:
    read: list[Time] = []
    for index, cell in enumerate(array.tolist() if array.dtype.kind != "M" else list(array)):
        try:
            read.append(as_time(cell))
        except ValueError as error:
            raise _index_error(f"a time must be a whole number or a date. {error}", _TIME_HINT, index) from None
        if read[-1].clock != read[0].clock:
            raise _index_error("times must be all whole numbers or all dates. Got both.", _TIME_HINT, index)
    return read[0].clock, *_arrays_of(read)


def _arrays_of(times: Sequence[Time]) -> tuple[Array, Array]:
    numbers, offsets = (np.array([time[place] for time in times], dtype=np.int64) for place in (1, 2))
    return numbers, offsets


def _index_error(message: str, hint: str, place: int) -> DataError:
    return DataError(f"the data, index {place}: {message}", hint)


def _columns(rows: list[tuple[int, list[float]]], times: Array) -> Columns:
    places, numbers = zip(*rows, strict=True)
    table = np.array(numbers, dtype=np.float64)
    return Columns(np.array(places), times, table[:, 0], table[:, 1:], table[:, :0])


@dataclass
class _Reader:
    """Reads the cells of a table, row by row."""

    table: Table
    wanted: list[str]
    named: bool
    clock: Clock | None = None
    note: str = ""

    def groups(self, wanted: Clock | None) -> tuple[dict[str, Columns], Clock, str]:
        """The rows of each series in the order of the table, by its name, in order of first appearance; how their
        times count, and a sentence about that.

        Args:
            wanted: the times of a training that these continue.
        """
        rows: dict[str, list[tuple[int, list[float]]]] = {}
        times: dict[str, list[Time]] = {}
        kept = 0
        for place, cells in self.table.values(self.wanted):
            try:
                name, time, numbers = self._row(cells, place)
            except DataError as error:
                self.table.refusals.refuse(error, place)
                continue
            kept += 1
            rows.setdefault(name, []).append((place, numbers))
            times.setdefault(name, []).append(time)
        self.note = self.table.refusals.note(kept)
        if not rows:
            raise DataError("there must be rows. Got none but the header.", "Check the file.", path=self.table.name)
        every = _arrays_of([time for part in times.values() for time in part])
        clock, settled, note = settle(self.clock or "number", *every, wanted)
        own = np.split(settled, np.cumsum([len(part) for part in times.values()])[:-1])
        columns = {name: _columns(rows[name], part) for name, part in zip(rows, own, strict=True)}
        return columns, clock, note

    def _row(self, cells: tuple[object, ...], place: int) -> tuple[str, Time, list[float]]:
        start = 2 if self.named else 1
        name = self._name(cells[1], place) if self.named else ""
        numbers = [self._number(cell, self.wanted[i], place) for i, cell in enumerate(cells[start:], start)]
        return name, self._time(cells[0], place), numbers

    def _name(self, cell: object, place: int) -> str:
        if cell is None or cell == "":
            raise self.table.error(
                f"each row must say which series it belongs to. {self.wanted[1]!r} is empty.", "Fill it in.", place
            )
        return str(cell)

    def _time(self, cell: object, place: int) -> Time:
        try:
            time = as_time(cell)
        except ValueError as error:
            raise self.table.error(
                f"{self.wanted[0]!r} must hold times. {error}",
                f"{_TIME_HINT} --time NAME chooses another column.",
                place,
            ) from None
        self.clock = self.clock or time.clock
        if time.clock != self.clock:
            raise self.table.error(
                f"{self.wanted[0]!r} must hold whole numbers alone or dates alone. Got {cell!r} after the other.",
                _TIME_HINT,
                place,
            )
        return time

    def _number(self, cell: object, name: str, place: int) -> float:
        try:
            number = as_number(cell)
        except ValueError as error:
            hint = number_hint(cell, "Mend the cell.")
            raise self.table.error(f"{name!r} must hold numbers. {error}", hint, place) from None
        if math.isinf(number):
            raise self.table.error(
                f"{name!r} must hold finite numbers. Got {cell!r:.80}.", "Leave the cell empty.", place
            )
        return number
