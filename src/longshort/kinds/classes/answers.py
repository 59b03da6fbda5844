"""What was answered: each class, and what was taken for what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from longshort.evaluation.words import count
from longshort.figures.interactive import confusion_chart
from longshort.kinds.classes.data import CLASSES
from longshort.pages import view as pages
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render

__all__ = ["SECTION"]

CONFUSED = 25
"""Classes up to which the confusion matrix is a table; beyond it, as many of its largest errors are listed."""

DRAWN = 120
"""Classes up to which a matrix that is no table is a chart."""

Metrics = Mapping[str, Any]


def _build(evidence: Evidence) -> Markup:
    test, several = evidence.test, evidence.metrics["data"]["multi_label"]
    size = len(test["labels"])
    return render(
        "kinds/classes/answers",
        test=test,
        multi_label=several,
        word=pages.words(evidence.metrics).example,
        classes=pages.weakest(test["classes"], CLASSES),
        places={label: place for place, label in enumerate(test["labels"])},
        confusion=test["confusion"] if not several and size <= CONFUSED else None,
        mistaken=[] if several else _mistaken(test)[:CONFUSED],
        chart=_chart(evidence) if not several and CONFUSED < size <= DRAWN else None,
        summary="" if several else _summary(test),
    )


def _chart(evidence: Evidence) -> Chart:
    test, picture = evidence.test, evidence.figures / "confusion.png"
    summary = _summary(test)
    return Chart("confusion", confusion_chart(test["confusion"], test["labels"]), summary, summary, picture=picture)


def _summary(test: Metrics) -> str:
    right = sum(row[place] for place, row in enumerate(test["confusion"]))
    start = f"{right:,} of {test['examples']:,} answers are right"
    mistaken = _mistaken(test)
    if not mistaken:
        return f"{start}."
    truth, answer, times = mistaken[0]
    return f"{start}; the most frequent error is '{answer}' where '{truth}' is true, {count(times, 'time')}."


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


SECTION = Section("answers", "Answers", _build)
