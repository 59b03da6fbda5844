"""The run of a text classifier."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

from torch import nn

from longshort.config import Settings
from longshort.data import EncodingStatistics
from longshort.runs.classified import class_counts
from longshort.runs.fit import Fitted, fit
from longshort.runs.judging import judge_run
from longshort.runs.prepare import Prepared, prepare
from longshort.runs.reporting.lengths import describe_lengths
from longshort.runs.work import Judgement, KeptEpoch
from longshort.training import Checkpoints, Listener

__all__ = ["TextWork"]


@final
class TextWork(KeptEpoch):
    """Texts with a label or several; see `runs.work.Work`."""

    def prepare(self, data: Any, validation: Any, test: Any, settings: Settings, listener: Listener) -> Prepared:
        """Read, check and split."""
        return prepare(data, validation, test, settings, listener)

    def fit(
        self,
        prepared: Prepared,
        settings: Settings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[Any, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> Fitted:
        """Fit tokenizer and network."""
        return fit(prepared, settings, listener, folder=folder, on_better=on_better, checkpoints=checkpoints)

    def judge(self, fitted: Fitted, prepared: Prepared, settings: Settings, listener: Listener) -> Judgement:
        """Beside the majority class, and TF-IDF with logistic regression."""
        return judge_run(fitted, prepared, settings, listener)

    def describe_parts(self, prepared: Prepared, fitted: Fitted) -> dict[str, dict[str, Any]]:
        """Source, rows, classes, lengths, and what became of the texts."""
        return {
            name: {
                "source": part.source.name,
                "fingerprint": part.fingerprint,
                "rows": len(part.rows),
                "class_counts": class_counts(fitted.examples[name].targets, len(prepared.labels)),
                "lengths": describe_lengths(fitted.examples[name].lengths),
                **_statistics(fitted.examples[name].statistics),
            }
            for name, part in prepared.parts.items()
        }

    def describe_inputs(self, fitted: Fitted) -> dict[str, Any]:
        """The size of the vocabulary."""
        return {"vocabulary": fitted.task.encoding.vocabulary_size}


def _statistics(statistics: EncodingStatistics) -> dict[str, Any]:
    shares = {"unknown_share": statistics.unknown_share, "truncated_share": statistics.truncated_share}
    return dataclasses.asdict(statistics) | shares
