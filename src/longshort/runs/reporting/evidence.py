"""What a report is made of: the numbers of a run, its answers to the texts that it was judged on, and its model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from longshort.errors import RunError
from longshort.runs.bundle import Bundle, load_bundle
from longshort.runs.directory import RunDirectory
from longshort.runs.reporting.section import Missing

__all__ = ["Answers", "Evidence"]

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
            raise RunError(f"{path} must hold the answers of the run: {error}.", "Train it anew.") from None

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def right(self) -> npt.NDArray[np.bool_]:
        """`(texts,)`: whether each answer is that and nothing else that is true."""
        pairs = zip(self.truths, self.answers, strict=True)
        return np.array([set(truth) == set(answer) for truth, answer in pairs], dtype=bool)


@dataclass(frozen=True, eq=False)
class Evidence:
    """Everything that a section may look at.

    Args:
        metrics: what `metrics.json` holds.
        history: one record per epoch.
        figures: the folder of the PNG files.
        run: where answers and model are read when they are first asked for; None where there are none.
    """

    metrics: Mapping[str, Any]
    history: Sequence[Mapping[str, Any]]
    figures: Path
    run: RunDirectory | None = None

    @property
    def test(self) -> Mapping[str, Any]:
        """The metrics on the part that was judged on."""
        found: Mapping[str, Any] = self.metrics["test"]
        return found

    @property
    def multi_label(self) -> bool:
        """Whether a text may have several labels."""
        return bool(self.metrics["data"]["multi_label"])

    @cached_property
    def answers(self) -> Answers:
        """The texts that were judged on.

        Raises:
            Missing: the run keeps none.
        """
        if self.run is None or not self.run.predictions.is_file():
            raise Missing("The texts that it was judged on are not kept beside this report.")
        return Answers.read(self.run.predictions, self.metrics["data"]["labels"], multi_label=self.multi_label)

    @cached_property
    def model(self) -> Bundle:
        """The trained model, where it reads texts.

        Raises:
            Missing: the run keeps none, or the model reads numbers.
        """
        if self.metrics["task"] != "text-classification":
            raise Missing("This part is about words. What is inside a model of numbers, longshort.watch shows.")
        return self.bundle

    @cached_property
    def bundle(self) -> Bundle:
        """The trained model, whatever it reads.

        Raises:
            Missing: the run keeps none.
        """
        if self.run is None or not self.run.has_model:
            raise Missing("The model is not kept beside this report.")
        return load_bundle(self.run.model)

    @cached_property
    def memory(self) -> dict[str, Any]:
        """What one section has found out and another uses, by name."""
        return {}


def _labels(joined: str, multi_label: bool) -> tuple[str, ...]:
    return tuple(filter(None, joined.split("|"))) if multi_label else (joined,)
