"""Sequences from arrays, lists and frames in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from longshort.config import SequenceDataSettings
from longshort.data.sequences.cells import as_class, as_target
from longshort.data.sequences.sequences import Floats, Sequences, checked
from longshort.data.sequences.tables import read_table
from longshort.data.texts.in_memory import FrameTable, ListTable, is_frame
from longshort.data.texts.rows import Table
from longshort.data.values import ValueProblem
from longshort.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["from_arrays", "is_table"]

_SHAPES = (
    "Give an array (sequences, steps) or (sequences, steps, channels), a list of arrays (steps,) or (steps, channels), "
    "or a frame with a row for each sequence or for each step."
)


def from_arrays(
    x: object,
    y: object = None,
    groups: object = None,
    *,
    name: str = "the data",
    settings: SequenceDataSettings | None = None,
    numbers: bool | None = None,
) -> Sequences:
    """Sequences of numbers with their targets.

    Args:
        x: an array `(sequences, steps)` or `(sequences, steps, channels)`; a list of arrays `(steps,)` or `(steps,
            channels)`, of different lengths; or a frame of pandas or polars with a row for each sequence (its columns
            are the steps) or for each step (columns id, time, channels). NaN if a value is missing.
        y: the target of each, in the order of the sequences, which is that of their first rows in a long frame; or
            None, when a frame may have a column of them.
        groups: the subject or source of each; or None.
        name: what messages call the data.
        settings: names of the columns of a frame, and its layout.
        numbers: whether targets are numbers, for a regression, and not names of classes. By None floats are numbers,
            everything else names classes.

    Raises:
        DataError: a shape, a type or a number of items is another; an infinite value; a missing target; with its index.
    """
    if is_table(x):
        found = _from_frame(x, settings or SequenceDataSettings(), given=y is not None, numbers=numbers)
    else:
        found = _from_list(_arrays(x, name), name)
    targets = found.targets if y is None else _targets(y, len(found), name, numbers)
    named = found.groups if groups is None else _groups(groups, len(found), name)
    return replace(found, targets=targets, groups=named)


def is_table(data: object) -> bool:
    """Whether this is a frame of pandas or polars; neither is imported."""
    return is_frame(data) or (type(data).__module__.startswith("polars.") and hasattr(data, "columns"))


def _from_frame(frame: object, settings: SequenceDataSettings, *, given: bool, numbers: bool | None) -> Sequences:
    table = _table(frame, skip_bad=settings.skip_bad)
    found = read_table(table, settings, labelled=None, numbers=numbers)
    if given and found.targets is not None:
        raise DataError(
            f"{found.name}: targets must be given once. There are some in y, and a column of them in the frame too.",
            "Drop the column from the frame, for what is to be predicted must not be read as values.",
        )
    return found


def _table(frame: pd.DataFrame, *, skip_bad: bool) -> Table:
    if not is_frame(frame):
        return ListTable(frame.to_dict(as_series=False), skip_bad=skip_bad)
    levels = frame.index.nlevels
    if levels > 1:  # (id, time), as many tools for time series have it
        usual = ["id", "time"] if levels == 2 else [None] * levels
        frame = frame.reset_index(
            names=[n or u or f"level {i}" for i, (n, u) in enumerate(zip(frame.index.names, usual, strict=True))]
        )
    return FrameTable(frame, skip_bad=skip_bad)


def _from_list(arrays: list[Floats], name: str) -> Sequences:
    channels = arrays[0].shape[1]
    return checked(
        Sequences(
            values=np.concatenate(arrays),
            lengths=np.array([len(each) for each in arrays], dtype=np.int64),
            channels=("value",) if channels == 1 else tuple(f"channel {number}" for number in range(channels)),
            origins=tuple(f"index {index}" for index in range(len(arrays))),
            name=name,
        )
    )


def _arrays(x: object, name: str) -> list[Floats]:
    values = x if isinstance(x, list | tuple | np.ndarray) or not hasattr(x, "__array__") else np.asarray(x)
    if isinstance(values, np.ndarray) and not (values.dtype == object and values.ndim == 1):
        whole = _numbers(values, name, "")
        if whole.ndim not in (2, 3):
            raise DataError(f"{name}: sequences must have 2 or 3 axes. Got shape {whole.shape}.", _SHAPES)
        found = list(whole[..., None] if whole.ndim == 2 else whole)
    elif isinstance(values, list | tuple | np.ndarray):
        found = [_one(each, index, name) for index, each in enumerate(values)]
    else:
        raise DataError(f"{name}: sequences must be arrays. Got {type(x).__name__}.", _SHAPES)
    if not found:
        raise DataError(f"{name}: there must be sequences. Got none.", _SHAPES)
    _check_channels(found, name)
    return found


def _one(given: object, index: int, name: str) -> Floats:
    array = _numbers(given, name, f" at index {index}")
    if array.ndim not in (1, 2):
        raise DataError(
            f"{name}: a sequence must be an array (steps,) or (steps, channels). Got shape {array.shape} at index "
            f"{index}.",
            "One sequence alone is given as a list of one." if array.ndim == 0 else _SHAPES,
        )
    return array[:, None] if array.ndim == 1 else array


def _numbers(given: object, name: str, where: str) -> Floats:
    """Float64; text is not read as numbers, and what is masked is missing."""
    try:
        array = np.ma.asarray(given) if isinstance(given, np.ma.MaskedArray) else np.asarray(given)
    except (TypeError, ValueError, RuntimeError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise DataError(f"{name}: values must be numbers{where}. {reason[:1].upper()}{reason[1:]}.", _SHAPES) from None
    if array.dtype.kind not in "biuf" and array.size:
        raise DataError(
            f"{name}: values must be numbers{where}. Got the type {array.dtype}.",
            "Convert them first, as by np.asarray(values, dtype=float); NaN stands for a missing value.",
        )
    numbers = array.astype(np.float64)
    return np.asarray(numbers.filled(np.nan) if isinstance(numbers, np.ma.MaskedArray) else numbers)


def _check_channels(found: Sequence[Floats], name: str) -> None:
    first = found[0].shape[1]
    for index, each in enumerate(found):
        if each.shape[1] != first or not first:
            raise DataError(
                f"{name}: sequences must have as many channels each, and one at least. Got {first} at index 0, "
                f"{each.shape[1]} at index {index}.",
                "The second axis of a sequence is its channels, the first one its steps.",
            )


def _targets(y: object, count: int, name: str, numbers: bool | None) -> tuple[str, ...] | Floats:
    given = _listed(y, "targets", count, name)
    if numbers is None:
        numbers = all(isinstance(each, float | np.floating) for each in given)
    if numbers:
        return np.array(_read(given, as_target, name), dtype=np.float64)
    return tuple(_read(given, as_class, name))


def _groups(groups: object, count: int, name: str) -> tuple[str, ...]:
    try:
        return tuple(_read(_listed(groups, "groups", count, name), as_class, name))
    except DataError as error:
        raise DataError(error.message.replace("the label must", "a group must"), error.hint) from None


def _read(items: list[Any], read: Callable[[object], Any], name: str) -> list[Any]:
    found = []
    for index, item in enumerate(items):
        try:
            found.append(read(item))
        except ValueProblem as problem:
            raise DataError(f"{name}, index {index}: {problem.message}", problem.hint) from None
    return found


def _listed(given: Any, what: str, count: int, name: str) -> list[Any]:
    axes = getattr(given, "ndim", 1)
    if isinstance(given, str | bytes | dict | set) or not hasattr(given, "__len__") or axes != 1:
        got = f"an array of {axes} axes" if axes != 1 else f"{given!r:.80}"
        raise DataError(
            f"{name}: {what} must be a list, one for each sequence. Got {got}.",
            f"Give one of the {what} for each sequence.",
        )
    items = given.tolist() if hasattr(given, "tolist") else list(given)
    if len(items) != count:
        raise DataError(
            f"{name}: there must be as many {what} as sequences. Got {len(items)} and {count}.",
            f"Give one of the {what} for each sequence.",
        )
    return items
