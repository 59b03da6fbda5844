"""The sections of a report, in the order of the page: a new one is a file and a line."""

from __future__ import annotations

from longshort.runs.reporting import (
    answers,
    calibration,
    data,
    diagram,
    dynamics,
    errors,
    forecast,
    gates,
    learning,
    memory,
    results,
    settings,
    units,
)
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import Section

__all__ = ["SECTIONS"]

SECTIONS: tuple[Section[Evidence], ...] = (
    results.SECTION,
    forecast.RESULTS,
    forecast.FORECASTS,
    settings.SECTION,
    data.SECTION,
    forecast.DATA,
    learning.SECTION,
    answers.SECTION,
    calibration.SECTION,
    errors.SECTION,
    gates.SECTION,
    memory.SECTION,
    units.SECTION,
    diagram.SECTION,
    dynamics.SECTION,
)
