"""Evaluate a regression on sequences of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import nn

from longshort.artifacts.bundle import Bundle
from longshort.data.sequences import EncodedSequences, Sequences
from longshort.evaluation.regression import regression_metrics
from longshort.evaluation.sequence_baselines import MEAN, RegressionBaseline, regression_baselines
from longshort.evaluation.typical import first_of, typical_numbers
from longshort.evaluation.weighing import weigh_numbers
from longshort.figures.regression import answers
from longshort.kinds.seam import Evaluation, Judgement
from longshort.kinds.sequences.fitting import FittedSequences
from longshort.kinds.sequences.preparing import (
    PreparedSequences,
    SequencePart,
    can_be_read,
    read_for_evaluation,
    with_values,
)
from longshort.kinds.sequences.settings import RegressionRunSettings
from longshort.kinds.sequences.tasks import SequenceRegression
from longshort.networks import predict_logits
from longshort.plain import Plain
from longshort.runs.trained_on import TrainedOn
from longshort.training import Listener

__all__ = ["answer_numbers", "evaluate", "judge_run"]

Array = npt.NDArray[np.float64]

WORST = 10


def judge_run(
    fitted: FittedSequences[SequenceRegression],
    prepared: PreparedSequences,
    settings: RegressionRunSettings,
    listener: Listener,
) -> Judgement:
    """Evaluate beside the mean, ridge regressions and the nearest neighbour; see `Kind.judge`."""
    part = "test" if "test" in prepared.parts else "validation"
    held, train = prepared.parts[part].sequences, prepared.parts["train"].sequences
    listener.stage(f"Evaluating on {len(held):,} {part} sequences")
    truth = np.asarray(held.targets, dtype=np.float64)
    given = answer_numbers(fitted.task, fitted.network, fitted.examples[part])
    listener.stage(f"Fitting the baselines on {len(train):,} training sequences, to compare on the same {len(held):,}")
    known = np.asarray(train.targets, dtype=np.float64)
    baselines = regression_baselines(train.arrays(), known, held.arrays())
    again = regression_metrics(answer_numbers(fitted.task, fitted.network, fitted.examples["train"]), known)
    weighed = weigh_numbers(
        given,
        truth,
        baselines,
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
        tables={"predictions.parquet": _table(prepared.parts[part], truth, given, baselines)},
        figures={"answers.png": partial(answers, truth, given)},
        examples=_examples(held, given, truth),
    )


def evaluate(
    run: Path | str,
    bundle: Bundle[SequenceRegression, RegressionRunSettings],
    data: object,
    settings: RegressionRunSettings,
    listener: Listener,
) -> Evaluation:
    """Evaluate a stored model on sequences with numbers, beside the mean of the targets in training."""
    task = bundle.task
    sequences, examples = read_for_evaluation(task.encoding, data, settings, listener, numbers=True)
    truth = np.asarray(sequences.targets, dtype=np.float64)
    given = answer_numbers(task, bundle.network, examples)
    constant = np.full(len(truth), task.encoding.target_mean)
    mean = RegressionBaseline(name=MEAN, predictions=constant, seconds=0.0)
    duplicates = {"test": TrainedOn.of(run).rows(sequences.fingerprint)}
    judged = weigh_numbers(given, truth, [mean], duplicates=duplicates).plainly()
    return Evaluation(sequences.name, task.name, *judged, worst_answers(sequences.origins, given, truth))


def answer_numbers(task: SequenceRegression, network: nn.Module, examples: EncodedSequences) -> Array:
    """`(sequences,)` float64: the network's answers, in the unit of the targets."""
    return np.asarray(task.objective.answers(predict_logits(network, examples).double()).numpy())


def _table(part: SequencePart, truth: Array, given: Array, baselines: list[RegressionBaseline]) -> Plain:
    """One row per sequence: where it stands, the truth, the answer, and what each baseline says."""
    return {
        "row": part.rows,
        "origin": list(part.sequences.origins),
        "truth": truth,
        "answer": given,
        **{each.name: each.predictions for each in baselines},
    }


def _examples(held: Sequences, given: Array, truth: Array) -> list[Plain]:
    """The sequences that the report analyses."""
    chosen = typical_numbers(np.abs(given - truth), first_of(can_be_read(held)))
    answers = _tell([each.place for each in chosen], held.origins, given, truth)
    return with_values([each._asdict() | answer for each, answer in zip(chosen, answers, strict=True)], held)


def worst_answers(known_by: Sequence[str], given: Array, truth: Array) -> list[Plain]:
    """The ten that are furthest off, as plain data: place, what each is known by, the truth and the answer."""
    worst = np.argsort(-np.abs(given - truth), kind="stable")[:WORST]
    return _tell(worst.tolist(), known_by, given, truth)


def _tell(places: list[int], known_by: Sequence[str], given: Array, truth: Array) -> list[Plain]:
    return [{"place": i, "text": known_by[i], "truth": float(truth[i]), "answer": float(given[i])} for i in places]
