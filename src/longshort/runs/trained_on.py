"""What a finished run says that its model was trained on, for whoever judges it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from longshort.artifacts.run_directory import RunDirectory
from longshort.errors import RunError
from longshort.evaluation import Baseline
from longshort.evaluation.baselines import MAJORITY
from longshort.plain import Plain

__all__ = ["TrainedOn"]


@dataclass(frozen=True)
class TrainedOn:
    """The splits in a run's `metrics.json`; none for a model without its run.

    Args:
        parts: facts about each, by name.
    """

    parts: Plain

    @classmethod
    def of(cls, run: Path | str) -> TrainedOn:
        """Read a run directory, or a model's own folder in it."""
        found = RunDirectory.around(run)
        try:
            parts = found.read_metrics()["data"]["parts"] if found else {}
        except (OSError, RunError, KeyError, TypeError):  # a model is whole without its run
            parts = {}
        return cls(parts if isinstance(parts, dict) else {})

    def rows(self, fingerprint: str) -> int:
        """How many rows of the data with this fingerprint the training has seen; 0 if that is not known."""
        parts = [self.parts.get(name) for name in ("train", "validation")]
        return sum(
            part["rows"]
            for part in parts
            if isinstance(part, dict) and part.get("fingerprint") == fingerprint and isinstance(part.get("rows"), int)
        )

    def majority(self, labels: Sequence[str], rows: int) -> Baseline | None:
        """What answers all of `rows` with the shares of the classes in training; None if they are not known."""
        train = self.parts.get("train")
        counts, total = (train.get("class_counts"), train.get("rows")) if isinstance(train, dict) else (None, None)
        if not isinstance(counts, list) or len(counts) != len(labels) or not isinstance(total, int) or total < 1:
            return None
        if not all(isinstance(each, int) and 0 <= each <= total for each in counts):
            return None
        return Baseline(name=MAJORITY, probabilities=np.tile(np.array(counts) / total, (rows, 1)), seconds=0.0)
