"""Evaluate a stored classifier on other data."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from longshort.evaluation import classification_metrics, majority
from longshort.evaluation.weighing import Plainly, weigh
from longshort.kinds.classes.tables import class_counts
from longshort.runs.trained_on import TrainedOn

__all__ = ["evaluate_classes"]

Numbers = npt.NDArray[np.float64]


def evaluate_classes(
    probabilities: Numbers,
    targets: npt.NDArray[np.int64],
    labels: list[str],
    trained: TrainedOn,
    *,
    multi_label: bool = False,
    **known: Any,
) -> Plainly:
    """Measure the model beside the most frequent class of its training data, and reach a verdict.

    Args:
        probabilities: `(rows, classes)`.
        targets: `(rows,)` class numbers, or `(rows, labels)` of 0 and 1.
        labels: the classes.
        trained: what the model was trained on.
        multi_label: whether a row may have several labels.
        known: further facts for the verdict.
    """
    baseline = trained.majority(labels, len(targets))
    known["test_counts"] = class_counts(targets, len(labels))
    if baseline is not None:
        return weigh(probabilities, targets, labels, [baseline], multi_label=multi_label, **known).plainly()
    weighed = weigh(probabilities, targets, labels, [], multi_label=multi_label, **known).plainly()
    own = majority(targets, labels, len(targets), multi_label=multi_label)
    shown = classification_metrics(own.probabilities, targets, labels, multi_label=multi_label).to_dict()
    return weighed._replace(baselines={f"{own.name} of these": shown})
