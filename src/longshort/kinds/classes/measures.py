"""How classifiers are compared, and shown on a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from longshort.kinds.words import Measure, Metric, Table
from longshort.plain import PlainMapping

__all__ = ["CLASSES", "class_tables"]

CLASSES = Measure(
    metrics=(
        Metric("accuracy", "accuracy"),
        Metric("macro_f1", "macro F1"),
        Metric("roc_auc", "ROC-AUC", shown="mean"),
        Metric("loss", "loss"),
        Metric("calibration_error", "calibration error", shown="never"),
    ),
    rises=True,
    better="more accurate",
    interval="accuracy_interval",
)

MOST = 20
"""Classes that a table shows at most; the JSON form and the run's report have all of them."""

CONFUSED = 10
"""Classes that fit side by side in a terminal."""


def class_tables(metrics: PlainMapping, baselines: Mapping[str, PlainMapping], on: str) -> Iterator[Table | str]:
    """Yield how good a classifier is: it and its baselines, each class, and the confusion matrix.

    Args:
        metrics: the model's, as `ClassificationMetrics.to_dict` returns them.
        baselines: those of each baseline on the same rows, by name; may be empty.
        on: what the rows are called, for example "test texts".
    """
    yield f"On {metrics['examples']:,} {on}:"
    yield _summary({"this model": metrics, **baselines})
    yield ""
    yield from _classes(metrics)
    if not metrics["multi_label"] and len(metrics["labels"]) <= CONFUSED:
        yield ""
        yield _confusion(metrics)


def _summary(models: Mapping[str, PlainMapping]) -> Table:
    headers = ("", "accuracy", "95 % interval", "macro F1", "ROC-AUC", "loss", "calibration error")
    rows = [(name, *_cells(metrics)) for name, metrics in models.items()]
    return Table(headers, rows, right=headers[1:], wrap=headers[:1])


def _cells(metrics: PlainMapping) -> tuple[str, ...]:
    low, high = metrics["accuracy_interval"]
    return (
        f"{metrics['accuracy']:.3f}",
        f"{low:.3f} to {high:.3f}",
        f"{metrics['macro_f1']:.3f}",
        "-" if metrics["roc_auc"] is None else f"{metrics['roc_auc']:.3f}",
        f"{metrics['loss']:.3f}",
        f"{metrics['calibration_error']:.3f}",
    )


def _classes(metrics: PlainMapping) -> Iterator[Table | str]:
    headers = ("class", "precision", "recall", "F1", "rows")
    shown = metrics["classes"][:MOST]
    rows = [
        (each["label"], *(f"{each[key]:.3f}" for key in ("precision", "recall", "f1")), f"{each['support']:,}")
        for each in shown
    ]
    yield Table(headers, rows, right=headers[1:], wrap=headers[:1])
    if len(metrics["classes"]) > len(shown):
        yield f"... and {len(metrics['classes']) - len(shown)} more classes"


def _confusion(metrics: PlainMapping) -> Table:
    labels = metrics["labels"]
    rows = [(f"is {label}", *map(str, counts)) for label, counts in zip(labels, metrics["confusion"], strict=True)]
    answers = [f"called {label}" for label in labels]
    return Table(("", *answers), rows, right=answers, wrap=("", *answers))
