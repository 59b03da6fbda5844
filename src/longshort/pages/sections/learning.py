"""How the training went, epoch by epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from markupsafe import Markup

from longshort.evaluation.words import count
from longshort.figures.interactive import curve_chart
from longshort.pages import view as pages
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render
from longshort.plain import PlainMapping

__all__ = ["SECTION"]

_PARTS = {"train": "training", "validation": "validation"}


def _build(evidence: Evidence) -> Markup:
    training = evidence.metrics["training"]
    accuracy = evidence.history[0]["train_accuracy"] is not None
    charts = [_chart(evidence, "loss"), *([_chart(evidence, "accuracy")] if accuracy else [])]
    return render(
        "learning",
        training=training,
        inputs=pages.inputs(evidence.metrics),
        history=evidence.history,
        charts=charts,
        accuracy=accuracy,
    )


def _chart(evidence: Evidence, kind: Literal["loss", "accuracy"]) -> Chart:
    return Chart(
        f"learning-{kind}",
        curve_chart(
            evidence.history,
            kind,
            evidence.metrics["training"]["best_epoch"],
            loss=pages.words(evidence.metrics).loss,
        ),
        _words(evidence.history, kind),
        title=kind.capitalize(),
        picture=evidence.figures / "curves.png" if kind == "loss" else None,
    )


def _words(history: Sequence[PlainMapping], kind: str) -> str:
    measured = {
        name: [epoch[f"{part}_{kind}"] for epoch in history]
        for part, name in _PARTS.items()
        if history[0][f"{part}_{kind}"] is not None
    }
    if len(history) == 1:
        each = [f"{name} {values[0]:.3f}" for name, values in measured.items()]
    else:
        each = [f"{name} from {values[0]:.3f} to {values[-1]:.3f}" for name, values in measured.items()]
    return f"{kind.capitalize()} over {count(len(history), 'epoch')}: {', '.join(each)}."


SECTION = Section("learning", "Learning", _build)
