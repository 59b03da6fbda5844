"""Report sections that serve every kind of task."""

from __future__ import annotations

from longshort.pages.evidence import Evidence
from longshort.pages.section import Section
from longshort.pages.sections import data, dynamics, learning, results, settings

__all__ = ["COMMON"]

COMMON: tuple[Section[Evidence], ...] = (
    results.SECTION,
    settings.SECTION,
    data.SECTION,
    learning.SECTION,
    dynamics.SECTION,
)
"""The report of a kind that adds nothing of its own."""
