"""What it was trained on: its parts, classes and lengths, unknown words, and texts that stand in two parts."""

from __future__ import annotations

from markupsafe import Markup

from longshort.figures.interactive import class_chart
from longshort.pages import view as pages
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.lengths import lengths_chart
from longshort.pages.section import Section, render
from longshort.plain import PlainMapping

__all__ = ["CLASSES", "SECTION"]

CLASSES = 200
"""Classes that a table shows, at most; beyond it the weakest are shown."""

DRAWN = 30
"""Classes up to which their shares are drawn."""


def _build(evidence: Evidence) -> Markup:
    metrics = evidence.metrics
    return render(
        "kinds/classes/data",
        metrics=metrics,
        parts=pages.parts(metrics),
        classes=pages.weakest(evidence.test["classes"], CLASSES),
        places={label: place for place, label in enumerate(evidence.test["labels"])},
        fingerprints=pages.fingerprints(metrics),
        lengths=lengths_chart(metrics, pages.words(metrics)),
        shares=_shares(metrics),
    )


def _shares(metrics: PlainMapping) -> Chart | None:
    """The classes part by part; None if there are too many to draw."""
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


SECTION = Section("data", "Data", _build)
