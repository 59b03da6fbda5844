"""The run of a regression: a number for each sequence of numbers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, final

import numpy as np
from torch import nn

from longshort.config import SequenceRunSettings
from longshort.data.sequences import Sequences
from longshort.evaluation.regression import regression_metrics
from longshort.evaluation.sequence_baselines import RegressionBaseline, regression_baselines
from longshort.figures.regression import answers
from longshort.runs.sequence_fit import FittedSequences, PreparedSequences, SequencePart, describe_inputs, fit_sequences
from longshort.runs.sequence_reading import can_be_read, describe_part, prepare_sequences, with_values
from longshort.runs.typical import first_of, typical_numbers
from longshort.runs.weighing import weigh_numbers
from longshort.runs.work import Judgement, KeptEpoch
from longshort.tasks import predict_logits
from longshort.training import Checkpoints, Listener

__all__ = ["RegressionWork", "answer_numbers", "worst_answers"]

Array = np.ndarray[Any, Any]

WORST = 10


@final
class RegressionWork(KeptEpoch):
    """Sequences of numbers with a number each; see `runs.work.Work`."""

    def prepare(
        self, data: Any, validation: Any, test: Any, settings: SequenceRunSettings, listener: Listener
    ) -> PreparedSequences:
        """Read, check and split."""
        return prepare_sequences(data, validation, test, settings, listener, numbers=True)

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
        """Measure channels and targets of the training part alone, and train; `folder` is not needed."""
        return fit_sequences(prepared, settings, listener, on_better=on_better, checkpoints=checkpoints)

    def judge(
        self, fitted: FittedSequences, prepared: PreparedSequences, settings: SequenceRunSettings, listener: Listener
    ) -> Judgement:
        """Beside the mean, ridge regression on summaries and on the resampled series, and the nearest one."""
        part = "test" if "test" in prepared.parts else "validation"
        held, train = prepared.parts[part].sequences, prepared.parts["train"].sequences
        listener.stage(f"Judging on {len(held):,} {part} sequences")
        truth = np.asarray(held.targets, dtype=np.float64)
        given = answer_numbers(fitted.task, fitted.network, fitted.examples[part])
        listener.stage(f"Fitting the baselines on {len(train):,} training sequences, for the same {len(held):,}")
        known = np.asarray(train.targets, dtype=np.float64)
        opponents = regression_baselines(train.arrays(), known, held.arrays())
        again = regression_metrics(answer_numbers(fitted.task, fitted.network, fitted.examples["train"]), known)
        weighed = weigh_numbers(
            given,
            truth,
            opponents,
            judged_on=part,
            train=again,
            duplicates=prepared.overlaps,
            history=fitted.result.history,
            best_epoch=fitted.result.best_epoch,
            stopped_early=fitted.result.ended == "patience",
            schedule=settings.training.schedule,
        )
        return Judgement(
            part=part,
            metrics=weighed.metrics,
            train_metrics=again.to_dict(),
            baselines=weighed.baselines,
            verdict=weighed.verdict,
            errors=with_values(worst_answers(held.origins, given, truth), held),
            tables={"predictions.parquet": _table(prepared.parts[part], truth, given, opponents)},
            figures={"answers.png": partial(answers, truth, given)},
            examples=_examples(held, given, truth),
        )

    def describe_parts(self, prepared: PreparedSequences, fitted: FittedSequences) -> dict[str, dict[str, Any]]:
        """Source, sequences, lengths, steps, the share of missing values, and mean and deviation of the targets."""
        return {
            name: describe_part(part)
            | {
                "target_mean": float(np.mean(np.asarray(part.sequences.targets, dtype=np.float64))),
                "target_deviation": float(np.std(np.asarray(part.sequences.targets, dtype=np.float64))),
            }
            for name, part in prepared.parts.items()
        }

    def describe_inputs(self, fitted: FittedSequences) -> dict[str, Any]:
        """The channels, and how many networks read them."""
        return describe_inputs(fitted)


def answer_numbers(task: Any, network: nn.Module, examples: Any) -> Array:
    """`(sequences,)` float64: the network's answers, in the unit of the targets."""
    return np.asarray(task.objective.answers(predict_logits(network, examples).double()).numpy())


def _table(part: SequencePart, truth: Array, given: Array, opponents: list[RegressionBaseline]) -> dict[str, Any]:
    """One row per sequence: where it stands, the truth, the answer, and what each baseline says."""
    return {
        "row": part.rows,
        "origin": list(part.sequences.origins),
        "truth": truth,
        "answer": given,
        **{each.name: each.predictions for each in opponents},
    }


def _examples(held: Sequences, given: Array, truth: Array) -> list[dict[str, Any]]:
    """The sequences that the report looks into."""
    chosen = typical_numbers(np.abs(given - truth), first_of(can_be_read(held)))
    told = _tell([each.place for each in chosen], held.origins, given, truth)
    return with_values([each._asdict() | answer for each, answer in zip(chosen, told, strict=True)], held)


def worst_answers(known_by: Any, given: Array, truth: Array) -> list[dict[str, Any]]:
    """The ten that are furthest off, as plain data: place, what each is known by, the truth and the answer."""
    worst = np.argsort(-np.abs(given - truth), kind="stable")[:WORST]
    return _tell(worst.tolist(), known_by, given, truth)


def _tell(places: list[int], known_by: Any, given: Array, truth: Array) -> list[dict[str, Any]]:
    return [{"place": i, "text": known_by[i], "truth": float(truth[i]), "answer": float(given[i])} for i in places]
