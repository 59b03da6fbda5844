"""Opening what the user named."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import numpy as np

from longshort.config import SequenceDataSettings
from longshort.data.files import require_file
from longshort.data.number_tables import open_number_table
from longshort.data.sequences.arrays import from_arrays, is_table
from longshort.data.sequences.sequences import Sequences
from longshort.data.sequences.tables import read_table
from longshort.data.sequences.ts import read_ts
from longshort.data.sequences.windows import windows
from longshort.data.values import told_alike
from longshort.errors import DataError

__all__ = ["open_sequences"]

_SUFFIXES = (".ts", ".csv", ".tsv", ".parquet")


def open_sequences(
    data: object,
    settings: SequenceDataSettings | None = None,
    *,
    labelled: bool = True,
    numbers: bool | None = None,
    channels: Collection[str] = (),
) -> Sequences:
    """Read sequences of numbers, and cut them into windows where the settings say so.

    Args:
        data: the path of a .ts, .csv, .tsv or .parquet file; a frame of pandas or polars; (x, y) or (x, y, groups) as
            `from_arrays` takes them; or, without targets, x alone.
        settings: names of columns, layout, encoding, windows.
        labelled: whether each sequence must have a target. Without, none is read.
        numbers: whether targets are numbers, for a regression, and not names of classes; as they look, or as a .ts file
            says, when not given.
        channels: those of the model that is to answer: in a table their columns hold values, whatever they are called.

    Raises:
        DataError: the data do not hold what they must; with the line or the index.
        SettingError: there is no such encoding.
    """
    settings = settings or SequenceDataSettings()
    found = _open(data, settings, labelled=labelled, numbers=numbers, channels=channels)
    if not labelled:
        found = replace(found, targets=None)
    elif found.targets is None:
        raise DataError(
            f"{found.name}: each sequence must have a target. There are none.",
            "A pair (x, y) has them, or a frame with a column of them; in a .ts file @classLabel says that they are "
            "there.",
        )
    alike = "" if isinstance(found.targets, np.ndarray) else told_alike(found.name, dict.fromkeys(found.targets or ()))
    if alike:
        found = replace(found, notes=(*found.notes, alike))
    if not found.fingerprint:
        found = replace(found, fingerprint=_fingerprint(found))
    return windows(found, settings.window, settings.stride) if settings.window else found


def _open(
    data: object, settings: SequenceDataSettings, *, labelled: bool, numbers: bool | None, channels: Collection[str]
) -> Sequences:
    if isinstance(data, Sequences):
        return data
    if isinstance(data, str | os.PathLike):
        return _read(Path(data), settings, labelled=labelled, numbers=numbers, channels=channels)
    if isinstance(data, tuple) and len(data) in (2, 3):
        return from_arrays(*data, settings=settings, numbers=numbers)
    if is_table(data) or not labelled:
        return from_arrays(data, settings=settings, numbers=numbers)
    raise DataError(
        f"sequences to learn from must be a path, a frame or a pair (x, y). Got {type(data).__name__}.",
        "Pass the targets too: (x, y).",
    )


def _read(
    path: Path, settings: SequenceDataSettings, *, labelled: bool, numbers: bool | None, channels: Collection[str]
) -> Sequences:
    require_file(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise DataError(
            f"a file of sequences must be one of {', '.join(_SUFFIXES)}. Got the suffix {suffix!r}.",
            "Give the file the suffix of its format, or write it in one of these.",
            path=path,
        )
    if suffix == ".ts":
        return read_ts(path, settings.encoding, labelled=labelled, numbers=numbers, skip_bad=settings.skip_bad)
    table = open_number_table(path, settings.encoding, skip_bad=settings.skip_bad)
    return read_table(table, settings, labelled=labelled, numbers=numbers, channels=channels)


def _fingerprint(sequences: Sequences) -> str:
    """Over all values, lengths, targets and groups."""
    found = hashlib.sha256(np.ascontiguousarray(sequences.values).tobytes() + sequences.lengths.tobytes())
    targets = sequences.targets
    found.update(targets.tobytes() if isinstance(targets, np.ndarray) else repr(targets).encode())
    found.update(repr((sequences.channels, sequences.groups)).encode())
    return found.hexdigest()
