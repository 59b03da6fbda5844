"""Evaluate a classifier of sequences of numbers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt

from longshort.artifacts.bundle import Bundle
from longshort.data.sequences import Sequences, copies
from longshort.evaluation import classification_metrics
from longshort.evaluation.sequence_baselines import classification_baselines
from longshort.evaluation.typical import first_of, typical_answers
from longshort.evaluation.weighing import training_facts, weigh
from longshort.kinds.classes.evaluating import evaluate_classes
from longshort.kinds.classes.probabilities import probabilities_of
from longshort.kinds.classes.tables import answers_table, class_counts, describe_answers, draw_answers, list_errors
from longshort.kinds.seam import Evaluation, Judgement
from longshort.kinds.sequences.fitting import FittedSequences
from longshort.kinds.sequences.preparing import PreparedSequences, can_be_read, read_for_evaluation, with_values
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.sequences.tasks import SequenceClassification
from longshort.plain import Plain
from longshort.runs.trained_on import TrainedOn
from longshort.training import Listener

__all__ = ["evaluate", "judge_run"]

Array = npt.NDArray[np.float64]


def judge_run(
    fitted: FittedSequences[SequenceClassification],
    prepared: PreparedSequences,
    settings: SequenceRunSettings,
    listener: Listener,
) -> Judgement:
    """Evaluate beside the majority class, logistic regressions and the nearest neighbour; see `Kind.judge`."""
    part = "test" if "test" in prepared.parts else "validation"
    held, train = prepared.parts[part].sequences, prepared.parts["train"].sequences
    listener.stage(f"Evaluating on {len(held):,} {part} sequences")
    targets = fitted.examples[part].targets
    probabilities = _probabilities(fitted, part)
    listener.stage(f"Fitting the baselines on {len(train):,} training sequences, to compare on the same {len(held):,}")
    baselines = classification_baselines(
        train.arrays(), fitted.examples["train"].targets, held.arrays(), prepared.labels
    )
    known = classification_metrics(_probabilities(fitted, "train"), fitted.examples["train"].targets, prepared.labels)
    counts = {name: class_counts(each.targets, len(prepared.labels)) for name, each in fitted.examples.items()}
    weighed = weigh(
        probabilities,
        targets,
        prepared.labels,
        baselines,
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
        errors=with_values(list_errors(held.origins, probabilities, targets, prepared.labels, multi_label=False), held),
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


def evaluate(
    run: Path | str,
    bundle: Bundle[SequenceClassification, SequenceRunSettings],
    data: object,
    settings: SequenceRunSettings,
    listener: Listener,
) -> Evaluation:
    """Evaluate a stored model on labelled sequences; see `Kind.evaluate`."""
    task, trained, labels = bundle.task, TrainedOn.of(run), list(bundle.task.encoding.labels)
    sequences, examples = read_for_evaluation(task.encoding, data, settings, listener, numbers=False)
    probabilities = probabilities_of(task, bundle.network, examples)
    duplicates = {"test": trained.rows(sequences.fingerprint)}
    judged = evaluate_classes(
        probabilities, examples.targets, labels, trained, copies=copies(sequences), duplicates=duplicates
    )
    errors = list_errors(sequences.origins, probabilities, examples.targets, labels, multi_label=False)
    return Evaluation(sequences.name, task.name, *judged, errors)


def _examples(held: Sequences, probabilities: Array, targets: npt.NDArray[np.int64], labels: list[str]) -> list[Plain]:
    """The sequences that the report analyses."""
    truth = probabilities[np.arange(len(targets)), targets]
    right = probabilities.argmax(axis=1) == targets
    chosen = typical_answers(probabilities, right, truth, first_of(can_be_read(held)))
    answers = describe_answers([each.place for each in chosen], held.origins, probabilities, targets, labels)
    return with_values([each._asdict() | answer for each, answer in zip(chosen, answers, strict=True)], held)


def _probabilities(fitted: FittedSequences[SequenceClassification], part: str) -> Array:
    return probabilities_of(fitted.task, fitted.network, fitted.examples[part])
