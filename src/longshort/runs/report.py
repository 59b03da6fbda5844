"""The report of a run: one HTML file that opens anywhere, also offline, and executes nothing."""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from longshort.evaluation.findings.words import count
from longshort.runs import pages

__all__ = ["report_html"]

CLASSES = 200
"""Classes that a table shows, at most; beyond it the weakest are shown."""

CONFUSED = 25
"""Classes up to which the confusion matrix is a table; beyond it, as many of its largest errors are listed."""

BEGINNING = 400
"""Characters of a text that are shown at once."""

LONGEST = 20_000
"""Characters of a text that can be unfolded: a page with ten whole books would not open."""

DOTS_PER_INCH = 150
"""The resolution of the figures; a browser's pixel is a 96th of an inch."""

Metrics = Mapping[str, Any]


@dataclass(frozen=True)
class _Picture:
    """A PNG file: its content in base64, its width in CSS pixels, and what it shows, in words."""

    content: str
    width: int
    words: str


@dataclass(frozen=True)
class _Error:
    """One wrong answer: the labels with their probabilities, and the text in three pieces."""

    truth: list[tuple[str, float]]
    answer: list[tuple[str, float]]
    beginning: str
    rest: str
    characters_left_out: int


def report_html(metrics: Metrics, history: Sequence[Metrics], figures: Path) -> str:
    """One self-contained HTML page: verdict, results, learning, answers, worst errors, data, settings.

    It has no scripts, loads nothing, and forbids its texts to do either.

    Args:
        metrics: what `metrics.json` holds.
        history: one record per epoch.
        figures: the folder with `curves.png`, `confusion.png` and `calibration.png`; those that exist are shown.
    """
    template = pages.environment(autoescape=True, finalize=pages.visible).get_template("report.html.j2")
    test = metrics["test"]
    classes = pages.weakest(test["classes"], CLASSES)
    words = {"curves": _curves(history), "confusion": _confusion(test), "calibration": _calibration(test)}
    found = {name: figures / f"{name}.png" for name in words}
    return template.render(
        metrics=metrics,
        history=history,
        models=pages.models(metrics),
        scale=_scale([model.metrics["accuracy_interval"] for model in pages.models(metrics)]),
        pictures={name: _picture(path, words[name]) for name, path in found.items() if path.is_file()},
        classes=classes,
        confusion=None if test["multi_label"] or len(test["labels"]) > CONFUSED else test["confusion"],
        mistaken=[] if test["multi_label"] else _mistaken(test)[:CONFUSED],
        errors=[_error(each) for each in metrics["worst_errors"]],
        parts=pages.parts(metrics),
        fingerprints=pages.fingerprints(metrics),
        places={label: place for place, label in enumerate(test["labels"])},
        settings=pages.settings(metrics),
    )


def _picture(path: Path, words: str) -> _Picture:
    content = path.read_bytes()
    # A PNG file has its width in the bytes 16 to 19.
    pixels = int.from_bytes(content[16:20], "big")
    return _Picture(base64.b64encode(content).decode(), round(pixels * 96 / DOTS_PER_INCH), words)


def _scale(intervals: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The tenths that enclose all intervals: where the axis of the accuracies begins and ends."""
    low = math.floor(10 * min(low for low, _ in intervals)) / 10
    high = math.ceil(10 * max(high for _, high in intervals)) / 10
    return low, max(high, low + 0.1)


# --- what the figures say, in words ---


def _curves(history: Sequence[Metrics]) -> str:
    names = {
        "train_loss": "training loss",
        "validation_loss": "validation loss",
        "train_accuracy": "training accuracy",
        "validation_accuracy": "validation accuracy",
    }
    measured = {name: [epoch[key] for epoch in history] for key, name in names.items() if history[0][key] is not None}
    if len(history) == 1:
        each = [f"{name} {values[0]:.3f}" for name, values in measured.items()]
    else:
        each = [f"{name} from {values[0]:.3f} to {values[-1]:.3f}" for name, values in measured.items()]
    return f"Learning curves over {count(len(history), 'epoch')}: {', '.join(each)}."


def _confusion(test: Metrics) -> str:
    if test["multi_label"]:
        return ""
    right = sum(row[place] for place, row in enumerate(test["confusion"]))
    start = f"Confusion matrix of {len(test['labels'])} classes: {right:,} of {test['examples']:,} answers are right"
    mistaken = _mistaken(test)
    if not mistaken:
        return f"{start}."
    truth, answer, times = mistaken[0]
    return f"{start}; the most frequent error is '{answer}' where '{truth}' is true, {count(times, 'time')}."


def _calibration(test: Metrics) -> str:
    bins = [each for each in test["calibration"] if each["count"]]
    each = [f"{row['accuracy']:.2f} at {row['confidence']:.2f}" for row in bins]
    return (
        f"Calibration: accuracy at each confidence, {', '.join(each)}; "
        f"expected calibration error {test['calibration_error']:.3f}."
    )


# --- answers ---


def _mistaken(test: Metrics) -> list[tuple[str, str, int]]:
    """Truth, answer and how often, of every error in the confusion matrix, the most frequent first."""
    labels = test["labels"]
    found = [
        (labels[row], labels[column], times)
        for row, counts in enumerate(test["confusion"])
        for column, times in enumerate(counts)
        if times and row != column
    ]
    return sorted(found, key=lambda each: -each[2])


def _error(error: Metrics) -> _Error:
    def with_probabilities(labels: Sequence[str]) -> list[tuple[str, float]]:
        return [(label, error["probabilities"][label]) for label in labels]

    text = error["text"]
    # A text that is only a little longer is shown whole: there would be nothing to unfold.
    cut = len(text) if len(text) <= 1.25 * BEGINNING else BEGINNING
    return _Error(
        truth=with_probabilities(error["truth"]),
        answer=with_probabilities(error["answer"]),
        beginning=text[:cut],
        rest=text[cut:LONGEST],
        characters_left_out=max(0, len(text) - LONGEST),
    )
