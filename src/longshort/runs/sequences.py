"""The run of a classifier of sequences of numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import numpy as np
from torch import nn

from longshort.config import SequenceRunSettings
from longshort.data.sequences import Sequences, copies
from longshort.evaluation import classification_metrics
from longshort.evaluation.sequence_baselines import classification_baselines
from longshort.runs.classified import answers_table, class_counts, draw_answers, list_errors, tell_answers
from longshort.runs.sequence_fit import FittedSequences, PreparedSequences, describe_inputs, fit_sequences
from longshort.runs.sequence_reading import can_be_read, describe_part, prepare_sequences, with_values
from longshort.runs.typical import first_of, typical_answers
from longshort.runs.weighing import training_facts, weigh
from longshort.runs.work import Judgement, KeptEpoch
from longshort.tasks import predict_logits
from longshort.training import Checkpoints, Listener

__all__ = ["SequenceWork"]

Array = np.ndarray[Any, Any]


@final
class SequenceWork(KeptEpoch):
    """Sequences of numbers with a class each; see `runs.work.Work`."""

    def prepare(
        self, data: Any, validation: Any, test: Any, settings: SequenceRunSettings, listener: Listener
    ) -> PreparedSequences:
        """Read, check and split."""
        return prepare_sequences(data, validation, test, settings, listener, numbers=False)

    def fit(
        self,
        prepared: PreparedSequences,
        settings: SequenceRunSettings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[Any, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedSequences:
        """Measure the channels of the training part alone, and train; `folder` is not needed."""
        return fit_sequences(prepared, settings, listener, on_better=on_better, checkpoints=checkpoints)

    def judge(
        self, fitted: FittedSequences, prepared: PreparedSequences, settings: SequenceRunSettings, listener: Listener
    ) -> Judgement:
        """Beside the majority, logistic regression on summaries and on the resampled series, and the nearest one."""
        part = "test" if "test" in prepared.parts else "validation"
        held, train = prepared.parts[part].sequences, prepared.parts["train"].sequences
        listener.stage(f"Judging on {len(held):,} {part} sequences")
        targets = fitted.examples[part].targets
        probabilities = _probabilities(fitted, part)
        listener.stage(f"Fitting the baselines on {len(train):,} training sequences, for the same {len(held):,}")
        opponents = classification_baselines(
            train.arrays(), fitted.examples["train"].targets, held.arrays(), prepared.labels
        )
        known = classification_metrics(
            _probabilities(fitted, "train"), fitted.examples["train"].targets, prepared.labels
        )
        counts = {name: class_counts(each.targets, len(prepared.labels)) for name, each in fitted.examples.items()}
        weighed = weigh(
            probabilities,
            targets,
            prepared.labels,
            opponents,
            copies=copies(held),
            train=known,
            duplicates=prepared.overlaps,
            **training_facts(fitted.result, settings.training, counts, part),
        )
        return Judgement(
            part=part,
            metrics=weighed.metrics,
            train_metrics=known.to_dict(),
            baselines=weighed.baselines,
            verdict=weighed.verdict,
            errors=with_values(
                list_errors(held.origins, probabilities, targets, prepared.labels, multi_label=False), held
            ),
            tables={
                "predictions.parquet": answers_table(
                    {"row": prepared.parts[part].rows, "origin": list(held.origins)},
                    probabilities,
                    targets,
                    prepared.labels,
                    multi_label=False,
                )
            },
            figures=draw_answers(weighed.metrics),
            examples=_examples(held, probabilities, targets, prepared.labels),
        )

    def describe_parts(self, prepared: PreparedSequences, fitted: FittedSequences) -> dict[str, dict[str, Any]]:
        """Source, sequences, classes, lengths, steps, and the share of values that are missing."""
        return {
            name: describe_part(part)
            | {"class_counts": class_counts(fitted.examples[name].targets, len(prepared.labels))}
            for name, part in prepared.parts.items()
        }

    def describe_inputs(self, fitted: FittedSequences) -> dict[str, Any]:
        """The channels, and how many networks read them."""
        return describe_inputs(fitted)


def _examples(held: Sequences, probabilities: Array, targets: Array, labels: list[str]) -> list[dict[str, Any]]:
    """The sequences that the report looks into."""
    truth = probabilities[np.arange(len(targets)), targets]
    right = probabilities.argmax(axis=1) == targets
    chosen = typical_answers(probabilities, right, truth, first_of(can_be_read(held)))
    told = tell_answers([each.place for each in chosen], held.origins, probabilities, targets, labels)
    return with_values([each._asdict() | answer for each, answer in zip(chosen, told, strict=True)], held)


def _probabilities(fitted: FittedSequences, part: str) -> Array:
    logits = predict_logits(fitted.network, fitted.examples[part])
    return np.asarray(fitted.task.objective.probabilities(logits.double()).numpy())
