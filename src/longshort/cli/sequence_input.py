"""One sequence of a file, as what a model of numbers reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from longshort.errors import SettingError, UserError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["SequenceInput", "sequence_input"]


@dataclass(frozen=True, eq=False)
class SequenceInput:
    """One sequence.

    Args:
        values: `(steps, channels)` float64.
        channels: their names.
        origin: where it stands.
    """

    values: np.ndarray[Any, Any]
    channels: tuple[str, ...]
    origin: str


def sequence_input(run: str, text: str | None, file: Path | None, row: int, *, command: str) -> SequenceInput | None:
    """The sequence that the command line means; None where it means a text.

    Args:
        run: a run directory, or a model's own.
        text, file, row: what was given.
        command: its name, for the hint.

    Raises:
        UserError: the model reads texts and a file is given, or the other way round, or neither is given.
        SettingError: there is no such row.
    """
    from longshort.runs import load_bundle

    bundle = load_bundle(run)
    texts = bundle.task.name == "text-classification"
    if not texts and not bundle.task.name.startswith("sequence-"):
        raise UserError(
            f"The model must be one of texts or of sequences. {run} is one of a {bundle.task.name}.",
            "longshort.watch looks into any network, in Python.",
        )
    if texts:
        if file is not None:
            raise UserError("The model reads texts. Got --file.", "Give the text itself.")
        if text is None:
            raise UserError(
                "TEXT is missing: the text to look into.",
                f'For example: longshort {command} {run} "What a film!"; - reads it from stdin.',
            )
        return None
    if text is not None or file is None:
        raise UserError(
            "The model reads sequences of numbers, from a file. Got " + ("a text." if text is not None else "no file."),
            "Name a .ts, .csv, .tsv or .parquet file with --file, and the sequence in it with --row.",
        )
    from longshort.data.sequences import open_sequences

    found = open_sequences(file, bundle.settings.data, labelled=False, channels=bundle.task.encoding.channels)
    if not 0 <= row < len(found):
        raise SettingError(f"--row must be from 0 to {len(found) - 1}. Got {row}.", "Rows are counted from 0.")
    return SequenceInput(found.sequence(row), found.channels, found.origins[row])
