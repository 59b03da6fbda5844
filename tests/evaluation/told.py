"""Metrics and facts as plainly as a test can say them: from counts, no model needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from longshort.evaluation import (
    MAJORITY,
    TFIDF,
    ClassificationMetrics,
    Facts,
    Finding,
    classification_metrics,
    judge,
    paired_counts,
)


def metrics_of(
    confusion: Sequence[Sequence[int]], labels: Sequence[str] = ("neg", "pos"), *, confidence: float = 0.8
) -> ClassificationMetrics:
    """Metrics of a model whose answers are counted in `confusion` (rows: truth), all given with one confidence."""
    classes = len(labels)
    truth, answer = (
        np.repeat(numbers.ravel(), np.ravel(confusion)) for numbers in np.indices((classes, classes), dtype=np.int64)
    )
    probabilities = np.full((len(truth), classes), (1 - confidence) / (classes - 1))
    probabilities[np.arange(len(truth)), answer] = confidence
    return classification_metrics(probabilities, truth, labels)


def several(targets: Sequence[Sequence[int]], answers: Sequence[Sequence[int]], labels: Sequence[str]) -> Any:
    """Metrics of a model that may give several labels at once, each yes or no with a probability of 0.9."""
    return classification_metrics(np.where(np.array(answers) == 1, 0.9, 0.1), targets, labels, multi_label=True)


def history(
    train: Sequence[float], validation: Sequence[float] = (), train_accuracy: float | None = None
) -> list[dict[str, Any]]:
    """One row an epoch, counted from 1, with the accuracy of the training split in each."""
    rows = [{"epoch": epoch, "train_loss": loss} for epoch, loss in enumerate(train, start=1)]
    for row, loss in zip(rows, validation, strict=False):
        row["validation_loss"] = loss
    if train_accuracy is not None:
        for row in rows:
            row["train_accuracy"] = train_accuracy
    return rows


def against(
    only_ours: int, only_theirs: int, *, test: ClassificationMetrics, theirs: ClassificationMetrics, name: str = TFIDF
) -> Facts:
    """Facts of a model and one baseline."""
    comparison = paired_counts(only_ours=only_ours, only_theirs=only_theirs, examples=test.examples)
    return Facts(test=test, baselines={name: theirs}, comparisons={name: comparison})


def findings(facts: Facts, kind: str) -> list[Finding]:
    """What the verdict finds of one kind."""
    return [each for each in judge(facts).findings if each.kind == kind]


def finding(facts: Facts, kind: str) -> Finding:
    """The one finding of a kind."""
    (only,) = findings(facts, kind)
    return only


def the_well_known_run(**more: Any) -> Facts:
    """1,000 x 10 numbers, "is the sum above 5?", six full-batch epochs: the model answers 1 to everything."""
    counts = [114, 86]
    test = metrics_of([[0, 114], [0, 86]], ["0", "1"], confidence=0.51)
    majority = metrics_of([[114, 0], [86, 0]], ["0", "1"], confidence=0.5275)
    return Facts(
        test=test,
        train_counts=[422, 378],
        test_counts=counts,
        baselines={MAJORITY: majority},
        comparisons={MAJORITY: paired_counts(only_ours=86, only_theirs=114, examples=200)},
        history=history([0.6975, 0.6967, 0.6959, 0.6952, 0.6945, 0.6939]),
        best_epoch=6,
        schedule="constant",
        **more,
    )
