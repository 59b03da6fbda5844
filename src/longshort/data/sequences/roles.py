"""Which columns of a table hold values, and which say the sequence, the time, the target and the group."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from longshort.config import SequenceDataSettings
from longshort.data.numbers import as_number
from longshort.data.texts.columns import LABEL_NAMES, first_twice, header_hint
from longshort.data.texts.rows import Table
from longshort.errors import DataError, nearest

__all__ = ["GROUP_NAMES", "ID_NAMES", "TARGET_NAMES", "TIME_NAMES", "Roles", "find_roles", "is_file"]

TARGET_NAMES = (*LABEL_NAMES, "y")
"""Usual names of the target; y beside x or z is a coordinate."""
ID_NAMES = (
    *("id", "sequence", "sequence_id", "series", "series_id", "case", "case_id", "sample_id", "instance", "unique_id"),
    *("trial_id", "item_id"),
)
TIME_NAMES = ("time", "timestamp", "step", "t", "time_step", "timestep", "datetime", "date")
GROUP_NAMES = ("group", "subject", "subject_id", "participant", "participant_id", "patient", "patient_id", "person")
"""Usual names of columns, ignoring case, the likeliest first. Groups are never chosen by their name, only reported."""


@dataclass(frozen=True)
class Roles:
    """The chosen columns.

    Args:
        long: each row is a step; otherwise each is a sequence.
        label, id, time, group: names of columns; None if there is none, or it is not to be read.
        values: the columns of values: the channels of a long table, the steps of a wide one.
        notes: sentences about columns that could be meant otherwise.
    """

    long: bool
    label: str | None
    id: str | None
    time: str | None
    group: str | None
    values: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        """The columns that are no values, in one order."""
        return [name for name in (self.label, self.id, self.time, self.group) if name is not None]


def is_file(table: Table) -> bool:
    """Whether the table stands in a file, and not in memory."""
    return hasattr(table, "path")


def find_roles(
    table: Table, settings: SequenceDataSettings, *, labelled: bool | None, channels: Collection[str] = ()
) -> Roles:
    """Choose by the settings, else by the usual names.

    Args:
        table: a file or a frame; the column of sequences is read where it alone says the layout.
        settings: names of columns, and the layout.
        labelled: True if there must be a column of targets; None to read it if there is one; with False it is
            not read, and no value either.
        channels: those of the model that is to answer: a column with the name of one holds its values, and nothing
            else, unless the settings say so.

    Raises:
        DataError: a name stands in the header twice, is not there, has two roles, or none is found for a column that
            must be there.
    """
    _check_header(table, settings)
    free = set(table.columns) - {*(settings.channels or ()), *channels}
    label = _choose(table, "label", settings.label, _target_names(table), free, needed=labelled is not False)
    if labelled and label is None:
        raise DataError(
            f"no column has a usual name for the target ({', '.join(TARGET_NAMES[:4])}, ...). {_has(table)}",
            header_hint(table.columns) or "Name it with --label NAME.",
            path=table.name,
        )
    free -= {label}
    which = _choose(table, "id", settings.id, ID_NAMES, free)
    time = _choose(table, "time", settings.time, TIME_NAMES, free)
    group = _choose(table, "group", settings.group, (), (), needed=labelled is not False)
    long = _is_long(table, settings, which, time)
    chosen = {"label": label, "id": which, "time": time if long or which or settings.time else None, "group": group}
    values = settings.channels or tuple(column for column in table.columns if column not in chosen.values())
    _check_values(table, values, chosen)
    return Roles(
        long, label if labelled is not False else None, which, time if long else None, group, values, _notes(values)
    )


def _target_names(table: Table) -> Sequence[str]:
    words = {column.strip().casefold() for column in table.columns}
    return LABEL_NAMES if words & {"x", "z"} else TARGET_NAMES


def _check_header(table: Table, settings: SequenceDataSettings) -> None:
    twice = first_twice(table.columns)
    if twice is not None:
        raise DataError(
            f"the names of columns must differ. {twice!r} stands in the header twice.", "Rename one.", path=table.name
        )
    named = [each for each in (settings.label, settings.id, settings.time, settings.group) if each is not None]
    shared = next((column for column in named if named.count(column) > 1), None)
    if shared is not None:
        raise DataError(
            f"a column must have one role. {shared!r} was given two.",
            "Name other columns with --label, --id, --time and --group.",
            path=table.name,
        )
    if is_file(table) and settings.label is None and _is_row(table.columns):
        raise DataError(
            "the first line must name the columns. It holds numbers alone: "
            f"{', '.join(table.columns[:4])}{', ...' if len(table.columns) > 4 else ''}.",
            "Write a line above it, such as label,1,2,3.",
            path=table.name,
        )


def _is_row(names: Sequence[str]) -> bool:
    """Whether a header holds values, since it is missing; 0, 1, 2, ... are names of columns."""
    try:
        numbers = [as_number(name) for name in names]
    except ValueError:
        return False
    return numbers not in ([float(i + first) for i in range(len(names))] for first in (0, 1))


def _choose(
    table: Table,
    role: str,
    wanted: str | None,
    usual: Sequence[str],
    free: Collection[str],
    *,
    needed: bool = True,
) -> str | None:
    if wanted is None:
        found = (c for word in usual for c in table.columns if c.strip().casefold() == word)
        return next((c for c in found if c in free), None)
    if wanted not in table.columns:
        if not needed:
            return None
        raise DataError(
            f"the column of --{role} must be one of the table. {_has(table)} Got {wanted!r}.",
            nearest(wanted, table.columns) or f"Choose with --{role} NAME.",
            path=table.name,
        )
    return wanted


def _is_long(table: Table, settings: SequenceDataSettings, which: str | None, time: str | None) -> bool:
    if settings.layout == "wide":
        return False
    if which is None:
        if settings.layout == "auto" and time is None:
            return False
        why = "The layout is long" if settings.layout == "long" else f"Column {time!r} looks like that of the time"
        raise DataError(
            f"a long table must have a column that says which sequence a row belongs to. {why}. {_has(table)}",
            "Name it with --id NAME; add --layout wide where each row is a sequence.",
            path=table.name,
        )
    return settings.layout == "long" or _repeats(table, which)


def _repeats(table: Table, column: str) -> bool:
    seen: set[object] = set()
    for _, (cell,) in table.values([column]):
        if cell in seen:
            return True
        seen.add(cell)
    return False


def _check_values(table: Table, values: Sequence[str], chosen: dict[str, str | None]) -> None:
    roles = {column: role for role, column in chosen.items() if column is not None}
    counts, columns = Counter(values), frozenset(table.columns)
    for name in values:
        if name not in columns:
            _choose(table, "channels", name, (), ())
        if name in roles or counts[name] > 1:
            other = f"is that of --{roles[name]} too" if name in roles else "was named twice"
            raise DataError(
                f"each column of values must be one, and nothing else. {name!r} {other}.",
                "Name other columns with --channels.",
                path=table.name,
            )
    if not values:
        raise DataError(
            f"a table must have columns of values. {_has(table)}",
            header_hint(table.columns) or "Is this the right file?",
            path=table.name,
        )


def _notes(values: Sequence[str]) -> tuple[str, ...]:
    usual = next((column for column in values if column.strip().casefold() in GROUP_NAMES), None)
    if usual is None:
        return ()
    return (f"Column {usual!r} is read as values; --group {usual} keeps the rows of each in one part of the split.",)


def _has(table: Table) -> str:
    shown = ", ".join(repr(column[:60]) for column in table.columns[:20])
    more = f", and {len(table.columns) - 20} more" if len(table.columns) > 20 else ""
    return f"The columns are: {shown}{more}."
