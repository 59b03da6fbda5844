"""What it was trained on: its parts, classes and lengths, unknown words, and texts that stand in two parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from longshort.figures.interactive import class_chart, length_chart
from longshort.runs import pages
from longshort.runs.reporting.chart import Chart
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import OF_CLASSES, Section, render

__all__ = ["CLASSES", "SECTION", "lengths_chart"]

CLASSES = 200
"""Classes that a table shows, at most; beyond it the weakest are shown."""

DRAWN = 30
"""Classes up to which their shares are drawn."""


def _build(evidence: Evidence) -> Markup:
    metrics = evidence.metrics
    return render(
        "data",
        metrics=metrics,
        parts=pages.parts(metrics),
        classes=pages.weakest(evidence.test["classes"], CLASSES),
        places={label: place for place, label in enumerate(evidence.test["labels"])},
        fingerprints=pages.fingerprints(metrics),
        lengths=lengths_chart(metrics),
        shares=_shares(metrics),
    )


def lengths_chart(metrics: Mapping[str, Any]) -> Chart | None:
    """The lengths of the training texts; None where the run did not keep them."""
    found = metrics["data"]["parts"]["train"].get("lengths")
    if not found:
        return None
    word = pages.words(metrics)
    summary = (
        f"Lengths of the training {word.example}s: half have at most {found['median']:,.0f} {word.step}s, 95 in 100 "
        f"at most {found['p95']:,.0f}; the longest has {found['longest']:,}."
    )
    pairs = zip(found["edges"][:-1], found["edges"][1:], found["counts"], strict=True)
    return Chart(
        "lengths",
        length_chart(found["edges"], found["counts"], found["median"], example=word.example, step=word.step),
        summary,
        f"{summary} The last bar holds all that are longer.",
        title="Lengths",
        columns=(f"{word.step}s", f"{word.example}s"),
        rows=[(f"{low:,} to {high - 1:,}", count) for low, high, count in pairs],
    )


def _shares(metrics: Mapping[str, Any]) -> Chart | None:
    """The classes part by part; None where there are too many to draw."""
    labels = metrics["data"]["labels"]
    if len(labels) > DRAWN:
        return None
    counts = {part.name: part.class_counts for part in pages.parts(metrics)}
    train = counts["train"]
    most, least = (max if large else min for large in (True, False))
    largest, smallest = most(range(len(train)), key=train.__getitem__), least(range(len(train)), key=train.__getitem__)
    summary = (
        f"Share of each class in each part. Of the training {pages.words(metrics).example}s {train[largest]:,} are "
        f"{labels[largest]!r}, the most frequent, and {train[smallest]:,} are {labels[smallest]!r}, the least frequent."
    )
    return Chart("classes", class_chart(labels, counts), summary, "How the classes are spread.", title="Classes")


SECTION = Section("data", "Data", _build, tasks=OF_CLASSES)
