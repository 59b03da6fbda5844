"""What a run keeps of the answers of a classifier: every one of them, the worst, and pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from longshort.evaluation import worst_errors
from longshort.figures import calibration, confusion
from longshort.plain import Plain, PlainMapping

__all__ = ["answer_of", "answers_table", "class_counts", "describe_answers", "draw_answers", "list_errors", "names_of"]

Array = np.ndarray[Any, Any]


def answers_table(
    known_by: PlainMapping, probabilities: Array, targets: Array, labels: list[str], *, multi_label: bool
) -> Plain:
    """One row per example: what it is known by, the truth, the answer, every probability; several labels with "|".

    Args:
        known_by: columns such as where it stands and its text.
        probabilities: `(rows, classes)`.
        targets: class numbers, or zeros and ones.
        labels: names of the classes.
        multi_label: whether a row may have several.
    """
    answers = [answer_of(row, multi_label=multi_label) for row in probabilities]
    return {
        **known_by,
        "truth": ["|".join(names_of(target, labels)) for target in targets],
        "answer": ["|".join(names_of(answer, labels)) for answer in answers],
        **{f"p({label})": probabilities[:, i] for i, label in enumerate(labels)},
    }


def draw_answers(metrics: PlainMapping) -> dict[str, Callable[[], Figure]]:
    """What draws the calibration and, where each example has one class, the confusion matrix.

    Args:
        metrics: `ClassificationMetrics` as plain data.
    """
    drawn: dict[str, Callable[[], Figure]] = {"calibration.png": partial(calibration, metrics["calibration"])}
    if not metrics["multi_label"]:
        drawn["confusion.png"] = partial(confusion, metrics["confusion"], metrics["labels"])
    return drawn


def list_errors(
    texts: Sequence[str], probabilities: Array, targets: Array, labels: list[str], *, multi_label: bool
) -> list[Plain]:
    """The ten worst errors, as `describe_answers` describes them; the arguments are the same."""
    worst = worst_errors(probabilities, targets, 10, multi_label=multi_label)
    return describe_answers(worst, texts, probabilities, targets, labels, multi_label=multi_label)


def describe_answers(
    places: Iterable[int],
    texts: Sequence[str],
    probabilities: Array,
    targets: Array,
    labels: list[str],
    *,
    multi_label: bool = False,
) -> list[Plain]:
    """Answers as plain data: place, text, what was true, what was answered, and the probabilities.

    Args:
        places: the rows to describe.
        texts: or what else a reader knows each row by.
        probabilities: `(rows, classes)`.
        targets: class numbers, or zeros and ones.
        labels: names of the classes.
        multi_label: whether a row may have several.
    """
    return [
        {
            "place": int(index),
            "text": texts[index],
            "truth": names_of(targets[index], labels),
            "answer": names_of(answer_of(probabilities[index], multi_label=multi_label), labels),
            "probabilities": dict(zip(labels, probabilities[index].tolist(), strict=True)),
        }
        for index in places
    ]


def answer_of(probabilities: Array, *, multi_label: bool) -> Array:
    """The most probable class as a number `()`; with several labels, zeros and ones `(labels,)`."""
    return np.asarray((probabilities >= 0.5).astype(np.int64) if multi_label else probabilities.argmax())


def names_of(target: Array, labels: list[str]) -> list[str]:
    """Labels for a class number `()`, or for zeros and ones `(labels,)`."""
    return [labels[int(target)]] if np.ndim(target) == 0 else [labels[i] for i in np.flatnonzero(target)]


def class_counts(targets: Array, classes: int) -> list[int]:
    """How many examples have each class or label: of `(rows,)` class numbers, or `(rows, labels)` zeros and ones."""
    counts = targets.sum(axis=0) if targets.ndim == 2 else np.bincount(targets, minlength=classes)
    return [int(count) for count in counts]
