"""How good the answers are: each number of a classification report, computed in one place."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import (
    confusion_matrix,
    multilabel_confusion_matrix,
    precision_recall_fscore_support,
    roc_auc_score,
)

from longshort.errors import DataError
from longshort.evaluation.arrays import (
    Floats,
    Integers,
    answers,
    checked_probabilities,
    checked_targets,
    is_correct,
    truth_table,
)
from longshort.evaluation.comparison import share_interval
from longshort.plain import Plain

__all__ = ["CalibrationBin", "ClassMetrics", "ClassificationMetrics", "classification_metrics", "worst_errors"]

AnyArray = NDArray[Any]
"""An array of numbers of any type."""

# As many as in Guo et al. 2017, so that the numbers can be compared with theirs.
CALIBRATION_BINS = 15


@dataclass(frozen=True, kw_only=True)
class ClassMetrics:
    """One class: precision, recall and F1 (0 if they have no denominator), and how often it is true and answered.

    Attributes:
        label: its name.
        support: examples of the test split that are of this class.
        predicted_share: share of all examples for which this class is the answer.
    """

    label: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted_share: float


@dataclass(frozen=True, kw_only=True)
class CalibrationBin:
    """The answers whose confidence lies in `(lower, upper]`.

    Attributes:
        count: how many they are.
        confidence: their mean confidence, 0 for none.
        accuracy: the share of them that is right, 0 for none.
    """

    lower: float
    upper: float
    count: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class ClassificationMetrics:
    """How good a classifier's answers are.

    Attributes:
        labels: names of the classes, in the order of the columns.
        multi_label: whether an example may have several labels.
        examples: number of examples.
        accuracy: share of right answers; with several labels, of examples with every label right (exact match).
        accuracy_interval: its 95 % Wilson interval.
        loss: mean cross-entropy in nats; with several labels, mean binary cross-entropy over examples and labels.
        macro_precision, macro_recall, macro_f1: plain means over the classes that are true or answered at least once.
        classes: the same per class.
        roc_auc: area under the ROC curve; of the second class for two, else the mean of each class against the rest.
        roc_auc_reason: why there is none; empty if there is.
        calibration_error: expected calibration error, 0 to 1, over 15 bins of equal width (Guo et al. 2017).
        calibration: those bins. Confidence is the probability of the answer; with several labels, of each yes or no.
        confusion: counts, rows are the truth, columns the answers: `(classes, classes)`; with several labels
            `(classes, 2, 2)`, one table per label.
    """

    labels: tuple[str, ...]
    multi_label: bool
    examples: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    loss: float
    macro_precision: float
    macro_recall: float
    macro_f1: float
    classes: tuple[ClassMetrics, ...]
    roc_auc: float | None
    roc_auc_reason: str
    calibration_error: float
    calibration: tuple[CalibrationBin, ...]
    confusion: tuple[Any, ...]

    def to_dict(self) -> Plain:
        """The fields as JSON holds them: dictionaries, lists, texts and numbers."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


def classification_metrics(
    probabilities: ArrayLike,
    targets: ArrayLike,
    labels: Sequence[str],
    *,
    multi_label: bool = False,
    copies: ArrayLike | None = None,
) -> ClassificationMetrics:
    """Measure a classifier's answers.

    Args:
        probabilities: `(examples, classes)` float, two columns for two classes. The answer is the most probable class;
            with `multi_label`, every class of at least 0.5.
        targets: `(examples,)` int, the number of the true class; with `multi_label` `(examples, classes)` of 0 and 1.
        labels: names of the classes, in the order of the columns; at least two, or one with `multi_label`.
        multi_label: whether an example may have several labels.
        copies: `(examples,)`: equal for examples that are copies of each other, which make the accuracy less sure; all
            differ when not given.

    Raises:
        DataError: shapes that do not fit each other, no example, or numbers that are no probabilities.
    """
    if len(labels) < (1 if multi_label else 2):
        raise DataError(
            f"A classifier has at least {1 if multi_label else 2} labels; got {len(labels)}.",
            "Give the name of every class, in the order of the columns.",
        )
    truth = checked_targets(targets, len(labels), multi_label=multi_label)
    chances = checked_probabilities(probabilities, (len(truth), len(labels)), multi_label=multi_label)
    right = is_correct(chances, truth, multi_label=multi_label)
    classes = _per_class(chances, truth, labels, multi_label=multi_label)
    met = [each for each in classes if each.support or each.predicted_share]
    bins = _calibration_bins(chances, truth, multi_label=multi_label)
    auc, reason = _roc_auc(chances, truth, labels, multi_label=multi_label)
    return ClassificationMetrics(
        labels=tuple(labels),
        multi_label=multi_label,
        examples=len(truth),
        accuracy=float(right.mean()),
        accuracy_interval=share_interval(right, copies),
        loss=float(_log_loss(chances, truth, multi_label=multi_label).mean()),
        macro_precision=_mean([each.precision for each in met]),
        macro_recall=_mean([each.recall for each in met]),
        macro_f1=_mean([each.f1 for each in met]),
        classes=classes,
        roc_auc=auc,
        roc_auc_reason=reason,
        calibration_error=sum(each.count * abs(each.accuracy - each.confidence) for each in bins)
        / sum(each.count for each in bins),
        calibration=bins,
        confusion=_confusion(chances, truth, multi_label=multi_label),
    )


def worst_errors(probabilities: ArrayLike, targets: ArrayLike, k: int = 10, *, multi_label: bool = False) -> list[int]:
    """The rows of at most `k` wrong answers, those that gave the truth the lowest probability first.

    With `multi_label` the probability of the truth is the product over the labels. Shapes and errors are those of
    `classification_metrics`.
    """
    classes = np.shape(probabilities)[1] if np.ndim(probabilities) == 2 else 0
    truth = checked_targets(targets, classes, multi_label=multi_label)
    chances = checked_probabilities(probabilities, (len(truth), classes), multi_label=multi_label)
    wrong = np.flatnonzero(~is_correct(chances, truth, multi_label=multi_label))
    loss = _log_loss(chances, truth, multi_label=multi_label)
    cost = loss.sum(axis=1) if multi_label else loss
    return [int(row) for row in wrong[np.argsort(-cost[wrong], kind="stable")][:k]]


def _log_loss(chances: Floats, truth: Integers, *, multi_label: bool) -> Floats:
    """Minus the logarithm of the probability of the truth: `(examples,)`, or `(examples, classes)` for several labels.

    A probability of 0 counts as the smallest step of float64 (36 nats), as in scikit-learn: one certain error must not
    make the mean infinite.
    """
    of_truth = np.where(truth == 1, chances, 1 - chances) if multi_label else chances[np.arange(len(truth)), truth]
    loss: Floats = -np.log(np.maximum(of_truth, np.finfo(np.float64).eps))
    return loss


def _per_class(
    chances: Floats, truth: Integers, labels: Sequence[str], *, multi_label: bool
) -> tuple[ClassMetrics, ...]:
    answered = answers(chances, multi_label=multi_label)
    numbers = precision_recall_fscore_support(
        truth, answered, labels=np.arange(len(labels)), average=None, zero_division=0
    )
    shares = truth_table(answered, len(labels), multi_label=multi_label).mean(axis=0)
    return tuple(
        ClassMetrics(
            label=label,
            precision=float(precision),
            recall=float(recall),
            f1=float(f1),
            support=int(support),
            predicted_share=float(share),
        )
        for label, precision, recall, f1, support, share in zip(labels, *numbers, shares, strict=True)
    )


def _roc_auc(chances: Floats, truth: Integers, labels: Sequence[str], *, multi_label: bool) -> tuple[float | None, str]:
    table = truth_table(truth, len(labels), multi_label=multi_label)
    columns = [1] if len(labels) == 2 and not multi_label else range(len(labels))
    for column in range(len(labels)):
        if table[:, column].min() == table[:, column].max():
            which = "no" if table[0, column] == 0 else "only"
            return (
                None,
                f"ROC-AUC needs examples of every class and others; there are {which} examples of {labels[column]!r}.",
            )
    return _mean([float(roc_auc_score(table[:, column], chances[:, column])) for column in columns]), ""


def _calibration_bins(chances: Floats, truth: Integers, *, multi_label: bool) -> tuple[CalibrationBin, ...]:
    if multi_label:
        confidence = np.maximum(chances, 1 - chances).ravel()
        right = (answers(chances, multi_label=True) == truth).ravel()
    else:
        confidence, right = chances.max(axis=1), is_correct(chances, truth, multi_label=False)
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)
    # side="left" puts a confidence that equals an edge into the bin below it: bins are (lower, upper].
    home = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, CALIBRATION_BINS - 1)
    return tuple(
        _bin(edges[index : index + 2], confidence[home == index], right[home == index])
        for index in range(CALIBRATION_BINS)
    )


def _bin(edges: Floats, confidence: Floats, right: NDArray[np.bool_]) -> CalibrationBin:
    return CalibrationBin(
        lower=float(edges[0]),
        upper=float(edges[1]),
        count=len(right),
        confidence=_mean(confidence),
        accuracy=_mean(right),
    )


def _confusion(chances: Floats, truth: Integers, *, multi_label: bool) -> tuple[object, ...]:
    answered, numbers = answers(chances, multi_label=multi_label), np.arange(chances.shape[1])
    if not multi_label:
        return tuple(tuple(row) for row in confusion_matrix(truth, answered, labels=numbers).tolist())
    tables = multilabel_confusion_matrix(truth, answered, labels=numbers).tolist()
    return tuple(tuple(tuple(row) for row in table) for table in tables)


def _mean(values: Sequence[float] | AnyArray) -> float:
    """The mean, or 0 of nothing."""
    return float(np.mean(values)) if len(values) else 0.0
