"""How good a model is, as tables: it and its opponents, each class, and what was taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longshort.cli import console

__all__ = ["interval", "show_forecast", "show_metrics", "show_regression", "show_results"]

CLASSES = 20
"""Classes that a table shows, at most; all of them stand in the JSON form and in the run's report."""

CONFUSED = 10
"""Classes that fit side by side in a terminal."""

Metrics = Mapping[str, Any]


def show_metrics(metrics: Metrics, baselines: Mapping[str, Metrics], *, on: str) -> None:
    """Print all tables to stdout.

    Args:
        metrics: the model's, as `ClassificationMetrics.to_dict` gives them.
        baselines: those of its opponents on the same rows, by name; may be empty.
        on: what the rows are called, for example "test texts".
    """
    console.out(f"On {metrics['examples']:,} {on}:")
    _show_summary({"this model": metrics, **baselines})
    console.out()
    _show_classes(metrics)
    if not metrics["multi_label"] and len(metrics["labels"]) <= CONFUSED:
        console.out()
        _show_confusion(metrics)


def show_results(task: str, metrics: Metrics, baselines: Mapping[str, Metrics], *, on: str = "") -> None:
    """Print all tables of a task to stdout.

    Args:
        task: what was learnt.
        metrics: the model's.
        baselines: those of its opponents on the same rows, by name; may be empty.
        on: what the rows are besides texts or sequences, for example "test".
    """
    if task == "forecast":
        show_forecast(metrics, baselines)
        return
    show = show_regression if task == "sequence-regression" else show_metrics
    show(metrics, baselines, on=f"{on} {'texts' if task == 'text-classification' else 'sequences'}".strip())


def show_regression(metrics: Metrics, baselines: Mapping[str, Metrics], *, on: str) -> None:
    """Print how near the answers are, beside the opponents', to stdout.

    Args:
        metrics: the model's, as `RegressionMetrics.to_dict` gives them.
        baselines: those of its opponents on the same sequences, by name.
        on: what the sequences are called.
    """
    console.out(f"On {metrics['examples']:,} {on}:")
    headers = ("", "MAE", "RMSE", "R²", "bias")
    ranked = sorted(baselines.items(), key=lambda item: float(item[1]["mae"]))
    rows = ((name, *_distances(each)) for name, each in [("this model", metrics), *ranked])
    console.table(headers, rows, right=headers[1:], wrap=headers[:1])


def _distances(metrics: Metrics) -> tuple[str, ...]:
    r2 = "-" if metrics["r2"] is None else f"{metrics['r2']:.3f}"
    return f"{metrics['mae']:,.4g}", f"{metrics['rmse']:,.4g}", r2, f"{metrics['bias']:,.3g}"


def show_forecast(metrics: Metrics, baselines: Mapping[str, Metrics]) -> None:
    """Print how good a forecast is, beside its opponents, to stdout.

    Args:
        metrics: the model's, as `ForecastMetrics.to_dict` gives them.
        baselines: those of its opponents from the same origins, by name.
    """
    console.out(f"On {metrics['forecasts']:,} forecasts of {metrics['horizon']:,} steps:")
    headers = ("", "MAE", "MASE", "sMAPE", "CRPS")
    ranked = sorted(baselines.items(), key=lambda item: float(item[1]["mae"]))
    rows = ((name, *_errors(each)) for name, each in [("this model", metrics), *ranked])
    console.table(headers, rows, right=headers[1:], wrap=headers[:1])
    held = ", ".join(f"{100 * share:.1f} % within the {_band(said)}" for said, share in metrics["coverage"].items())
    if held:
        console.out(f"What came lay {held}.")


def _band(said: str) -> str:
    return f"{100 * float(said):.3g} % band"


def _errors(metrics: Metrics) -> tuple[str, ...]:
    mase = "-" if metrics["mase"] is None else f"{metrics['mase']:.3f}"
    return f"{metrics['mae']:,.4g}", mase, f"{metrics['smape']:.3f}", f"{metrics['crps']:,.4g}"


def interval(ends: tuple[float, float]) -> str:
    """A 95 % interval of shares, for example "0.873 to 0.898"."""
    return f"{ends[0]:.3f} to {ends[1]:.3f}"


def _show_summary(models: Mapping[str, Metrics]) -> None:
    headers = ("", "accuracy", "95 % interval", "macro F1", "ROC-AUC", "loss", "calibration error")
    rows = ((name, *_summary(metrics)) for name, metrics in models.items())
    console.table(headers, rows, right=headers[1:], wrap=headers[:1])


def _summary(metrics: Metrics) -> tuple[str, ...]:
    return (
        f"{metrics['accuracy']:.3f}",
        interval(metrics["accuracy_interval"]),
        f"{metrics['macro_f1']:.3f}",
        "-" if metrics["roc_auc"] is None else f"{metrics['roc_auc']:.3f}",
        f"{metrics['loss']:.3f}",
        f"{metrics['calibration_error']:.3f}",
    )


def _show_classes(metrics: Metrics) -> None:
    headers = ("class", "precision", "recall", "F1", "rows")
    shown = metrics["classes"][:CLASSES]
    rows = (
        (each["label"], *(f"{each[key]:.3f}" for key in ("precision", "recall", "f1")), f"{each['support']:,}")
        for each in shown
    )
    console.table(headers, rows, right=headers[1:], wrap=headers[:1])
    if len(metrics["classes"]) > len(shown):
        console.out(f"... and {len(metrics['classes']) - len(shown)} more classes")


def _show_confusion(metrics: Metrics) -> None:
    labels = metrics["labels"]
    rows = ((f"is {label}", *map(str, counts)) for label, counts in zip(labels, metrics["confusion"], strict=True))
    answers = [f"called {label}" for label in labels]
    console.table(("", *answers), rows, right=answers, wrap=("", *answers))
