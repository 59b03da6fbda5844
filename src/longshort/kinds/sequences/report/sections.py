"""The reports of models of sequences of numbers."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from longshort.insight.tracing import trace
from longshort.kinds.classes import answers, calibration, data, results
from longshort.kinds.sequences.report import errors, regression
from longshort.kinds.sequences.report.pictures import drawn, explained, strongest, words_of
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section
from longshort.pages.sections import dynamics, learning, settings
from longshort.pages.sections.diagram import diagram_section
from longshort.pages.sections.examples import TracedExample
from longshort.pages.sections.gates import gates_section

__all__ = ["CLASSIFICATION", "REGRESSION"]


def _examples(evidence: Evidence) -> list[TracedExample]:
    """The sequences that the run keeps for the report.

    Raises:
        Missing: it keeps none.
    """
    found = evidence.once(
        "examples", lambda _: [_traced(evidence, each) for each in evidence.metrics.get("examples", ())]
    )
    if not found:
        raise Missing("No sequence that it was judged on is kept, or short enough to be looked into step by step.")
    return found


def _traced(evidence: Evidence, kept: Mapping[str, object]) -> TracedExample:
    values = np.array(kept["values"], dtype=np.float64)
    answer, truth = words_of(kept)
    found = explained(kept, evidence.bundle)
    return TracedExample(
        key=str(kept["key"]),
        title=str(kept["title"]),
        verdict=f"Answered {answer}; the truth is {truth} ({kept['text']}).",
        text="",
        given=values,
        trace=trace(evidence.bundle, values),
        steps=[f"{each[0]:.3g}" if len(each) == 1 else "" for each in values],
        image="" if found is None else drawn(values, found),
        strongest="" if found is None else strongest(found),
    )


_INSIDE: tuple[Section[Evidence], ...] = (
    gates_section("Some sequences, looked into", _examples),
    diagram_section(_examples),
    dynamics.SECTION,
)

CLASSIFICATION: tuple[Section[Evidence], ...] = (
    results.SECTION,
    settings.SECTION,
    data.SECTION,
    learning.SECTION,
    answers.SECTION,
    calibration.SECTION,
    errors.CLASSES,
    *_INSIDE,
)

REGRESSION: tuple[Section[Evidence], ...] = (
    regression.RESULTS,
    settings.SECTION,
    regression.DATA,
    learning.SECTION,
    regression.ANSWERS,
    errors.NUMBERS,
    *_INSIDE,
)
