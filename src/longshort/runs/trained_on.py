"""What a finished run says that its model was trained on, for whoever judges it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longshort.data.series import SeriesSet
from longshort.errors import RunError, UserError
from longshort.evaluation import Baseline
from longshort.evaluation.baselines import MAJORITY
from longshort.runs.ahead import kept_series
from longshort.runs.bundle import Bundle
from longshort.runs.directory import RunDirectory

__all__ = ["TrainedOn", "steps_seen"]


@dataclass(frozen=True)
class TrainedOn:
    """The parts that a run's `metrics.json` tells of; none for a model without its run.

    Args:
        parts: facts about each, by name.
    """

    parts: dict[str, Any]

    @classmethod
    def of(cls, run: Path | str) -> TrainedOn:
        """Of a run directory, or of a model's own folder in it."""
        found = RunDirectory.around(run)
        try:
            parts = found.read_metrics()["data"]["parts"] if found else {}
        except (OSError, RunError, KeyError, TypeError):  # a model is whole without its run
            parts = {}
        return cls(parts if isinstance(parts, dict) else {})

    def rows(self, fingerprint: str) -> int:
        """How many rows of the data with this fingerprint the training has seen; 0 where that is not known."""
        parts = [self.parts.get(name) for name in ("train", "validation")]
        return sum(
            part["rows"]
            for part in parts
            if isinstance(part, dict) and part.get("fingerprint") == fingerprint and isinstance(part.get("rows"), int)
        )

    def majority(self, labels: Sequence[str], rows: int) -> Baseline | None:
        """What answers all of `rows` with the shares of the classes in training; None where they are not known."""
        train = self.parts.get("train")
        counts, total = (train.get("class_counts"), train.get("rows")) if isinstance(train, dict) else (None, None)
        if not isinstance(counts, list) or len(counts) != len(labels) or not isinstance(total, int) or total < 1:
            return None
        if not all(isinstance(each, int) and 0 <= each <= total for each in counts):
            return None
        return Baseline(name=MAJORITY, probabilities=np.tile(np.array(counts) / total, (rows, 1)), seconds=0.0)


def steps_seen(run: Path | str, bundle: Bundle, series: SeriesSet, starts: np.ndarray[Any, Any]) -> int:
    """How many steps from `starts` on the training has seen: they lie in its period, and have the same values.

    Args:
        run: a run directory, or a model's own folder in it.
        bundle: its model.
        series: that it is judged on.
        starts: `(series,)` int64: where the part begins that it is judged on.
    """
    data = bundle.settings.data
    try:
        kept = kept_series(run, bundle)
        if kept is None:
            return 0
        ends = kept.holdout(share=data.test_share, steps=data.test_steps, least=bundle.task.encoding.horizon)
    except UserError:  # damaged: what is known no longer is no reason not to judge
        return 0
    trained = {each.name: each.until(int(end)) for each, end in zip(kept, ends, strict=True)}
    seen = 0
    for each, start in zip(series, starts, strict=True):
        known = trained.get(each.name)
        if known is not None:
            first = max(each.start + int(start), known.start)
            last = max(min(each.start + len(each), known.start + len(known)), first)
            mine, theirs = (one.values[first - one.start : last - one.start] for one in (each, known))
            seen += int((mine == theirs).sum())
    return seen
