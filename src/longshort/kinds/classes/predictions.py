"""The answers of a classifier to the examples that it was evaluated on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from longshort.errors import RunError
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing

__all__ = ["Answers", "answers_of"]

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Answers:
    """The texts that a run was judged on, and what it answered; what `predictions.parquet` holds.

    Args:
        rows: `(texts,)` int64: where each stands in its source.
        texts: as they are; of sequences of numbers, where each stands.
        truths: the labels that are true of each.
        answers: those that the model gave.
        probabilities: `(texts, classes)`, in the order of the labels.
    """

    rows: npt.NDArray[np.int64]
    texts: Sequence[str]
    truths: Sequence[tuple[str, ...]]
    answers: Sequence[tuple[str, ...]]
    probabilities: Numbers

    @classmethod
    def read(cls, path: Path, labels: Sequence[str], *, multi_label: bool) -> Answers:
        """The answers in a file.

        Raises:
            RunError: the file is missing, or does not hold them.
        """
        try:
            table = pq.read_table(path)
            names = {
                key: [_labels(each, multi_label) for each in table[key].to_pylist()] for key in ("truth", "answer")
            }
            return cls(
                rows=table["row"].to_numpy(),
                texts=table["text" if "text" in table.column_names else "origin"].to_pylist(),
                truths=names["truth"],
                answers=names["answer"],
                probabilities=np.stack([table[f"p({label})"].to_numpy() for label in labels], axis=1),
            )
        except (OSError, KeyError, ValueError, pa.ArrowException) as error:
            raise RunError(f"{path} must hold the answers of the run: {error}.", "Train it again.") from None

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def right(self) -> npt.NDArray[np.bool_]:
        """`(texts,)`: whether each answer is that and nothing else that is true."""
        pairs = zip(self.truths, self.answers, strict=True)
        return np.array([set(truth) == set(answer) for truth, answer in pairs], dtype=bool)


def answers_of(evidence: Evidence) -> Answers:
    """Return the answers that a run keeps; they are read once.

    Raises:
        Missing: the run keeps none.
        RunError: the file does not hold them.
    """
    return evidence.once("answers", _read)


def _read(evidence: Evidence) -> Answers:
    if evidence.run is None or not evidence.run.predictions.is_file():
        raise Missing("The texts that it was judged on are not kept beside this report.")
    data = evidence.metrics["data"]
    return Answers.read(evidence.run.predictions, data["labels"], multi_label=bool(data["multi_label"]))


def _labels(joined: str, multi_label: bool) -> tuple[str, ...]:
    return tuple(filter(None, joined.split("|"))) if multi_label else (joined,)
