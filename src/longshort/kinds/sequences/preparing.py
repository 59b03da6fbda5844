"""Sequences of numbers, read, checked and split."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt

from longshort.data.sequences import (
    EncodedSequences,
    SequenceEncoding,
    Sequences,
    digests,
    gaps_in_prediction,
    gaps_in_training,
    open_sequences,
    split_sequences,
)
from longshort.errors import DataError, SettingError
from longshort.kinds.seam import Splits
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.sequences.training_length import validation_share
from longshort.pages.lengths import describe_lengths
from longshort.plain import Plain
from longshort.training import Listener

__all__ = [
    "PreparedSequences",
    "SequencePart",
    "can_be_read",
    "describe_part",
    "prepare_sequences",
    "read_classes",
    "read_for_evaluation",
    "read_numbers",
    "with_values",
]


@dataclass(frozen=True)
class SequencePart:
    """One split: some sequences, and where they stand in their source, `(sequences,)` int64."""

    sequences: Sequences
    rows: npt.NDArray[np.int64]

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the whole source."""
        return self.sequences.fingerprint

    @property
    def content(self) -> bytes:
        """SHA-256 of these sequences and their targets."""
        targets = () if self.sequences.targets is None else self.sequences.targets
        found = hashlib.sha256(self.sequences.values.tobytes() + self.sequences.lengths.tobytes())
        found.update("\n".join(map(str, targets)).encode())
        return found.digest()


PreparedSequences = Splits[SequencePart]
"""The splits of sequences."""

DRAWN = 6_000
"""Numbers of a sequence that is kept for a picture, at most."""

READABLE = 1_000
"""Steps of a sequence that is looked into step by step, at most."""


def prepare_sequences(
    data: object, validation: object, test: object, settings: SequenceRunSettings, listener: Listener, *, numbers: bool
) -> PreparedSequences:
    """Read, check and split; what is given as validation or test is taken as it is.

    Args:
        data: a file, a frame or a pair of sequences and targets; so are `validation` and `test`, which may be None.
        validation: chooses the best epoch.
        test: is judged on.
        settings: all settings.
        listener: receives events.
        numbers: whether a number is to be answered; else a class.

    Raises:
        DataError: the data do not hold what they must, or a given file has classes that `data` does not know.
        SettingError: nothing would be held out to judge by.
    """
    read = partial(read_numbers if numbers else read_classes, settings=settings, listener=listener)
    whole = read(data)
    given = {name: read(where) for name, where in (("validation", validation), ("test", test)) if where is not None}
    shares = {
        "validation": 0.0 if "validation" in given else validation_share(len(whole), settings.data.validation_share),
        "test": 0.0 if "test" in given else settings.data.test_share,
    }
    if not given and not any(shares.values()):
        raise SettingError(
            "Some sequences must be held out to judge the model by. Got a test_share of 0 and no test file.",
            "Leave it at 0.1, or give a file with --test.",
        )
    divided = split_sequences(
        whole,
        validation_share=shares["validation"],
        test_share=shares["test"],
        seed=settings.training.seed,
    )
    rows = {name: getattr(divided, name) for name in ("train", "validation", "test")}
    parts = {name: SequencePart(whole[each], each) for name, each in rows.items() if len(each)}
    labels = [] if numbers else sorted(set(parts["train"].sequences.targets or ()), key=_in_order)
    for name, sequences in given.items():
        parts[name] = SequencePart(sequences, np.arange(len(sequences)))
    known = digests(whole)
    overlaps = {name: int(np.isin(digests(each), known).sum()) for name, each in given.items()}
    return Splits(parts, whole.name, labels, overlaps=overlaps, notes=_notes(parts))


def read_classes(data: object, *, settings: SequenceRunSettings, listener: Listener) -> Sequences:
    """The sequences in `data`, which have classes.

    Raises:
        DataError: they have numbers to be predicted, or do not hold what they must.
    """
    # A table's targets may be numbers that name classes; a .ts file says itself what they are.
    found = _read(data, settings, listener, numbers=None if str(data).lower().endswith(".ts") else False)
    if isinstance(found.targets, np.ndarray):
        raise DataError(
            f"{found.name}: sequences must have classes here. Got numbers to be predicted.",
            "--task sequence-regression learns numbers.",
        )
    return found


def read_numbers(data: object, *, settings: SequenceRunSettings, listener: Listener) -> Sequences:
    """The sequences in `data`, which have numbers to be predicted.

    Raises:
        DataError: they have classes, or do not hold what they must.
    """
    return _read(data, settings, listener, numbers=True)


def read_for_evaluation(
    encoding: SequenceEncoding, data: object, settings: SequenceRunSettings, listener: Listener, *, numbers: bool
) -> tuple[Sequences, EncodedSequences]:
    """Return the sequences that a stored model is evaluated on, and what it reads of them.

    Args:
        encoding: of the model.
        data: with targets.
        settings: how the data are read.
        listener: receives events.
        numbers: whether the targets are numbers; else classes.
    """
    listener.stage(f"Reading {data}")
    sequences = open_sequences(data, settings.data, numbers=numbers, channels=encoding.channels)
    examples = encoding.encode(sequences)
    for note in [*sequences.notes, *examples.notes]:
        listener.note(note)
    listener.stage(f"Evaluating on {len(sequences):,} sequences")
    return sequences, examples


def describe_part(part: SequencePart) -> Plain:
    """Source, sequences, lengths, steps, and the share of values that are missing."""
    return {
        "source": part.sequences.name,
        "fingerprint": part.fingerprint,
        "rows": len(part.sequences),
        "lengths": describe_lengths(part.sequences.lengths),
        "steps": len(part.sequences.values),
        "missing_share": float(np.isnan(part.sequences.values).mean()),
    }


def can_be_read(sequences: Sequences) -> npt.NDArray[np.bool_]:
    """`(sequences,)`: whether each is short enough to be looked into step by step."""
    lengths = sequences.lengths
    short: npt.NDArray[np.bool_] = (lengths <= READABLE) & (lengths * len(sequences.channels) <= DRAWN)
    return short


def with_values(errors: list[Plain], sequences: Sequences) -> list[Plain]:
    """The errors with the sequences that they are about, `(steps, channels)`, None if a value is missing; of a
    sequence that is too long for a picture, nothing.

    Args:
        errors: each with the `place` of its sequence.
        sequences: that were judged on.
    """
    found = []
    for error in errors:
        values = sequences.sequence(error["place"])
        rows = values.tolist() if values.size <= DRAWN else []
        found.append(error | {"values": [[each if math.isfinite(each) else None for each in row] for row in rows]})
    return found


def _read(data: object, settings: SequenceRunSettings, listener: Listener, *, numbers: bool | None) -> Sequences:
    listener.stage(f"Reading {data}" if isinstance(data, str | Path) else "Reading the data")
    return open_sequences(data, settings.data, numbers=numbers)


def _in_order(label: str) -> tuple[float, str]:
    """Numbers by their value, before everything else."""
    try:
        return float(label), label
    except ValueError:
        return float("inf"), label


def _notes(parts: dict[str, SequencePart]) -> list[str]:
    notes = [note for part in parts.values() for note in part.sequences.notes]
    missing = {name: np.isnan(part.sequences.values).mean(axis=0) for name, part in parts.items()}
    describe = gaps_in_training if missing["train"].any() else gaps_in_prediction
    for name, shares in missing.items():
        if name == "train" or describe is gaps_in_prediction:
            notes += describe(parts["train"].sequences.channels, shares)
    return list(dict.fromkeys(notes))
