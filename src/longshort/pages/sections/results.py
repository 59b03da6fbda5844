"""How good the model is beside the baselines, by the metrics of its kind."""

from __future__ import annotations

from markupsafe import Markup

from longshort.kinds.registry import kind_of
from longshort.pages import view
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render

__all__ = ["SECTION"]


def _build(evidence: Evidence) -> Markup:
    metrics = evidence.metrics
    measure = kind_of(metrics["task"]).measure
    return render("results", metrics=metrics, test=evidence.test, models=view.models(metrics), measure=measure)


SECTION = Section("results", "Results", _build)
