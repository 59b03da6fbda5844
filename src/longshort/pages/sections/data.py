"""What the model was trained on: its splits and their sources."""

from __future__ import annotations

from markupsafe import Markup

from longshort.pages import view
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render

__all__ = ["SECTION"]


def _build(evidence: Evidence) -> Markup:
    metrics = evidence.metrics
    return render("parts", metrics=metrics, parts=view.parts(metrics), fingerprints=view.fingerprints(metrics))


SECTION = Section("data", "Data", _build)
