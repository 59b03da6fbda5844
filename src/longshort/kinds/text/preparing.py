"""From what the user named to encoded examples: read, check, split, fit the encoding, encode."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from longshort.data import (
    SAMPLES,
    Examples,
    Index,
    Source,
    TextEncoding,
    check_trainable,
    encode_parts,
    given_splits,
    open_source,
    overlap,
    scan,
    split,
)
from longshort.errors import DataError, SettingError, nearest
from longshort.kinds.seam import Splits
from longshort.kinds.text.settings import TextRunSettings
from longshort.training import Listener

__all__ = ["PreparedTexts", "TextPart", "encode", "own_splits", "prepare", "read_source"]

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class TextPart:
    """One split: some rows of a source.

    Args:
        source: where the rows stand.
        index: what a first pass over the source found.
        rows: `(rows,)` int64, ascending.
    """

    source: Source
    index: Index
    rows: npt.NDArray[np.int64]

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the whole source."""
        return self.index.fingerprint

    def texts(self) -> Iterator[str]:
        """Stream the texts of these rows; that the source has shrunk is found out when it is encoded."""
        wanted = np.zeros(len(self.index), dtype=bool)
        wanted[self.rows] = True
        return (row.text for row, want in zip(self.source.rows(), wanted.tolist(), strict=False) if want)


PreparedTexts = Splits[TextPart]
"""The splits of texts."""


def prepare(
    data: object,
    validation: object,
    test: object,
    settings: TextRunSettings,
    listener: Listener,
    *,
    need_held_out: bool = True,
) -> PreparedTexts:
    """Read, check and split.

    What is given as `validation` or `test` is taken as it is; what is not is split off `data`, seeded and stratified,
    by the shares of the settings.

    Raises:
        DataError: the data does not hold what it must, or a given file has labels that `data` does not know.
        SettingError: nothing would be held out to judge by, and `need_held_out` is set.
    """
    given = {"validation": validation, "test": test}
    data, found = own_splits(data)
    given |= {name: path for name, path in found.items() if given.get(name) is None}
    shares = {name: 0.0 if given[name] is not None else getattr(settings.data, f"{name}_share") for name in given}
    if need_held_out and not any(shares.values()) and not any(value is not None for value in given.values()):
        raise SettingError(
            "Some rows must be held out to judge the model by. Got a validation_share and a test_share of 0.",
            "Leave one of them at 0.1, or give a file with --test.",
        )
    source, index = read_source(data, settings, listener)
    check_trainable(index)
    divided = split(
        index,
        validation_share=shares["validation"],
        test_share=shares["test"],
        seed=settings.training.seed,
    )
    parts = {name: TextPart(source, index, getattr(divided, name)) for name in PARTS}
    overlaps, notes = {}, list(source.notes)
    for name, where in given.items():
        if where is None:
            continue
        other, other_index = read_source(where, settings, listener)
        _check_labels(other_index, index)
        parts[name] = TextPart(other, other_index, np.arange(len(other_index)))
        overlaps[name] = overlap(index, other_index)
        notes += other.notes
    kept = {name: part for name, part in parts.items() if len(part.rows)}
    return Splits(kept, source.name, index.labels, index.multi_label, overlaps, list(dict.fromkeys(notes)))


def own_splits(data: object) -> tuple[object, dict[str, Path]]:
    """Return the training part of a folder that has its own splits, and the others by name; other data as they are."""
    found = given_splits(Path(data)) if isinstance(data, str | Path) and str(data) not in ("", *SAMPLES) else {}
    return found.pop("train", data), found


def encode(prepared: PreparedTexts, encoding: TextEncoding, folder: Path | None) -> dict[str, Examples]:
    """Encode every part, into files below `folder` when it is given; one pass over each source."""
    encoded: dict[str, Examples] = {}
    for source in {id(part.source): part.source for part in prepared.parts.values()}.values():
        rows = {name: part.rows for name, part in prepared.parts.items() if part.source is source}
        encoded |= encode_parts(source, rows, encoding, folder)
    return encoded


def read_source(data: object, settings: TextRunSettings, listener: Listener) -> tuple[Source, Index]:
    """Open `data`, and go over it once."""
    source = open_source(data, settings.data)
    listener.stage(f"Reading {source.name}")
    index = scan(source)
    if index.contradictions:
        source.add_note(
            f"{source.name}: {index.contradictions:,} rows have a text that stands in other rows with other labels; "
            "whatever is answered, some of these are wrong."
        )
    return source, index


def _check_labels(given: Index, train: Index) -> None:
    """Found out now, not after the tokenizer has been fitted."""
    unknown = sorted(set(given.labels) - set(train.labels))
    if unknown:
        known = ", ".join(map(repr, train.labels[:20])) + (", ..." if len(train.labels) > 20 else "")
        raise DataError(
            f"each label must be one of the training data: {known}. Got {unknown[0]!r}.",
            nearest(unknown[0], train.labels) or "Keep only rows with known labels with --classes.",
            path=given.name,
        )
    if given.multi_label and not train.multi_label:
        raise DataError(
            "each row must have one label, as in the training data. Got a list of labels in each.",
            "Write the labels of both in the same way.",
            path=given.name,
        )
