"""How good the model is, beside the baselines."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from longshort.pages import view as pages
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render

__all__ = ["SECTION"]


def _build(evidence: Evidence) -> Markup:
    models = pages.models(evidence.metrics)
    scale = _scale([model.metrics["accuracy_interval"] for model in models])
    return render("kinds/classes/results", metrics=evidence.metrics, test=evidence.test, models=models, scale=scale)


def _scale(intervals: Sequence[Sequence[float]]) -> tuple[float, float]:
    """The tenths that enclose all intervals: where the axis of the accuracies begins and ends."""
    low = math.floor(10 * min(low for low, _ in intervals)) / 10
    high = math.ceil(10 * max(high for _, high in intervals)) / 10
    return low, max(high, low + 0.1)


SECTION = Section("results", "Results", _build)
