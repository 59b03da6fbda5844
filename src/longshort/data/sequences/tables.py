"""Sequences in tables: a sequence in each row, or a step of one in each row."""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from longshort.config import SequenceDataSettings
from longshort.data.delimited import DelimitedTable
from longshort.data.numbers import as_number, number_hint
from longshort.data.sequences.cells import is_blank
from longshort.data.sequences.kept import Kept, Known, name_of
from longshort.data.sequences.roles import Roles, find_roles, is_file
from longshort.data.sequences.sequences import Sequences
from longshort.data.texts.rows import Table
from longshort.data.times import as_time
from longshort.errors import DataError
from longshort.plain import Plain

__all__ = ["read_table"]

_NO_NUMBER = "A missing value is an empty cell, NaN or ?; --channels names the columns of values where others are none."


def read_table(
    table: Table,
    settings: SequenceDataSettings,
    *,
    labelled: bool | None,
    numbers: bool | None = None,
    channels: Collection[str] = (),
) -> Sequences:
    """Read all of a table.

    Args:
        table: a file or a frame.
        settings: names of columns, and the layout.
        labelled: True if each sequence must have a target; None to read targets where there is a column of them.
        numbers: whether targets are numbers, for a regression, and not names of classes; as they look by None.
        channels: those of the model that is to answer, whose columns hold values whatever they are called.

    Raises:
        DataError: a column is missing or holds something else; with the line.
    """
    roles = find_roles(table, settings, labelled=labelled, channels=channels)
    kept = Kept(table, roles, numbers=numbers)
    return _long(table, roles, kept) if roles.long else _wide(table, roles, kept)


# --- one sequence in each row ---


def _wide(table: Table, roles: Roles, kept: Kept) -> Sequences:
    values, lengths, ended = array("d"), array("q"), 0
    seen: dict[str, int] = {}
    for place, named, cells in _records(table, roles):
        steps = _steps(table, cells)
        try:
            if steps == 0:
                raise table.error(
                    "a row must hold at least one value. All of its cells are empty.", "Leave it out.", place
                )
            numbers = _numbers(table, cells[:steps], roles.values, place)
            known = kept.known(place, named)
            which = _called(table, roles, named, place)
        except DataError as error:
            table.refusals.refuse(error, place)
            continue
        kept.add(known, _origin(table, roles, which, place, seen))
        ended += steps < len(cells)
        values.extend(numbers)
        lengths.append(steps)
    kept.rows = len(lengths)
    note = (
        f"{ended:,} of {len(lengths):,} sequences end before the last column: empty cells at the end of a row end it; "
        "a value that is missing there is written NaN."
    )
    return kept.sequences(np.array(values)[:, None], lengths, ("value",), *([note] if ended else []))


def _steps(table: Table, cells: tuple[object, ...]) -> int:
    """How many steps a row has: in a file, empty cells at its end are none; a frame fills them, and has no others."""
    steps = len(cells)
    while is_file(table) and steps and is_blank(cells[steps - 1]):
        steps -= 1
    return steps


def _called(table: Table, roles: Roles, named: Plain, place: int) -> str:
    return "" if roles.id is None else name_of(table, roles.id, named, place)


def _origin(table: Table, roles: Roles, which: str, place: int, seen: dict[str, int]) -> str:
    if roles.id is None:
        return f"{_place_word(table)} {place}"
    if which in seen:
        raise table.error(
            f"each row of a wide table must be a sequence of its own. {roles.id} {which!r} stands in "
            f"{_place_word(table)} {seen[which]} too.",
            "Where each row is a step, add --layout long.",
            place,
        )
    seen[which] = place
    return f"{roles.id} {which!r}"


# --- one step in each row ---


@dataclass
class _Begun:
    """What is known of a sequence whose rows are being read."""

    code: int
    place: int
    label: object
    group: object
    clock: str = ""
    time: float = 0.0
    timed: int = 0


def _long(table: Table, roles: Roles, kept: Kept) -> Sequences:
    begun: dict[str, _Begun] = {}
    values, codes = array("d"), array("q")
    for place, named, cells in _records(table, roles):
        try:
            which = name_of(table, roles.id or "", named, place)
            numbers = _numbers(table, cells, roles.values, place)
            time = None if roles.time is None else _time(table, roles.time, named[roles.time], place)
            found = begun.get(which)
            known = kept.known(place, named) if found is None or table.refusals.skip else Known()
        except DataError as error:
            table.refusals.refuse(error, place)
            continue
        now = (named.get(roles.label or ""), named.get(roles.group or ""))
        if found is None:
            found = begun[which] = _Begun(len(begun), place, *now)
            kept.add(known, f"{roles.id} {which!r}")
        elif (found.label, found.group) != now:
            raise _changed(table, roles, found, which, now, place)
        if time is not None:
            _advance(table, roles.time or "", named[roles.time or ""], time, found, which, place)
        codes.append(found.code)
        values.extend(numbers)
    kept.rows = len(codes)
    order = np.argsort(np.array(codes), kind="stable")
    return kept.sequences(np.array(values).reshape(-1, len(roles.values))[order], np.bincount(codes), roles.values)


def _changed(
    table: Table, roles: Roles, found: _Begun, which: str, now: tuple[object, object], place: int
) -> DataError:
    column, before, after = next(
        (column, before, after)
        for column, before, after in zip((roles.label, roles.group), (found.label, found.group), now, strict=True)
        if before != after
    )
    return table.error(
        f"all rows of a sequence must have the same {column!r}. That of {which!r} is {before!r} in "
        f"{_place_word(table)} {found.place}, and {after!r} here.",
        "Correct the rows, or name other columns with --id, --label and --group.",
        place,
    )


def _advance(
    table: Table, column: str, cell: object, time: tuple[str, float], found: _Begun, which: str, place: int
) -> None:
    """Take the time of the next row, which must be later than that of the row before."""
    clock, now = time
    if found.clock and clock != found.clock:
        raise table.error(
            f"{column!r} must hold numbers alone or dates alone. Got {cell!r} after the other.",
            "Write all alike.",
            place,
        )
    if found.clock and now <= found.time:
        what = "comes twice" if now == found.time else "comes after a later time"
        raise table.error(
            f"{column!r} must rise within a sequence. In {which!r}, {cell!s} {what} ({_place_word(table)} "
            f"{found.timed}).",
            "Leave out one of the two rows, or take their mean."
            if now == found.time
            else f"Sort the rows by {column}, those of a sequence at least.",
            place,
        )
    found.clock, found.time, found.timed = clock, now, place


def _time(table: Table, column: str, cell: object, place: int) -> tuple[str, float]:
    try:
        number = as_number(cell)
        if math.isfinite(number):
            return "number", number
    except ValueError:
        pass
    try:
        time = as_time(cell)
        return time.clock, time.number
    except ValueError as error:
        raise table.error(
            f"{column!r} must hold times. {error}",
            "Write them as numbers or as 2016-07-01 13:00; --time NAME chooses another column.",
            place,
        ) from None


# --- both ---


def _records(table: Table, roles: Roles) -> Iterator[tuple[int, Plain, tuple[object, ...]]]:
    names = roles.named
    table.refusals.restart()  # the layout may have been found by looking at one column
    empty = True
    for place, cells in table.values([*names, *roles.values]):
        empty = False
        yield place, dict(zip(names, cells, strict=False)), cells[len(names) :]
    if empty and not table.refusals.count:
        raise DataError("the data must hold rows. There is none.", "Is this the right file?", path=table.name)


def _place_word(table: Table) -> str:
    return "line" if isinstance(table, DelimitedTable) else "row"


def _numbers(table: Table, cells: tuple[object, ...], names: tuple[str, ...], place: int) -> list[float]:
    return [_number(table, cell, name, place) for cell, name in zip(cells, names, strict=False)]


def _number(table: Table, cell: object, column: str, place: int) -> float:
    try:
        number = as_number(cell)
    except ValueError as error:
        raise table.error(
            f"each value must be a number. {str(error)[:-1]} in column {column!r}.",
            number_hint(cell, _NO_NUMBER),
            place,
        ) from None
    if math.isinf(number):
        raise table.error(
            f"each value must be finite. Got {cell!r} in column {column!r}.", "A missing value is an empty cell.", place
        )
    return number
