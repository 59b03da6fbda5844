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
    regression,
    results,
    sequence_errors,
    settings,
    units,
)
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import Section

__all__ = ["SECTIONS"]

SECTIONS: tuple[Section[Evidence], ...] = (
    results.SECTION,
    regression.RESULTS,
    forecast.RESULTS,
    forecast.FORECASTS,
    settings.SECTION,
    data.SECTION,
    regression.DATA,
    forecast.DATA,
    learning.SECTION,
    answers.SECTION,
    calibration.SECTION,
    regression.ANSWERS,
    errors.SECTION,
    sequence_errors.CLASSES,
    sequence_errors.NUMBERS,
    gates.TEXTS,
    gates.SEQUENCES,
    memory.SECTION,
    units.SECTION,
    diagram.SECTION,
    dynamics.SECTION,
)
