"""One step of one cell, drawn with its own numbers."""

from __future__ import annotations

from markupsafe import Markup

from longshort.figures.diagram import cell_diagram
from longshort.insight.cellstep import cell_step
from longshort.runs import pages
from longshort.runs.reporting.chosen import chosen_examples
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.gates import largest_change
from longshort.runs.reporting.section import OF_SEQUENCES, OF_TEXTS, Section, render

__all__ = ["SECTION"]


def _build(evidence: Evidence) -> Markup:
    example = chosen_examples(evidence)[0]
    whole = example.trace
    layer, direction = whole.layers[-1], whole.directions[0]
    part = whole.select(layer=layer, direction=direction)
    step, place = largest_change(part)
    unit = whole.units[place]
    found = cell_step(evidence.bundle, example.given, step, layer=layer, direction=direction, unit=unit)
    series = part.series(layer=layer, direction=direction, unit=unit)
    # It is drawn by an XML writer, which escapes whatever stands in it.
    drawing = Markup(cell_diagram(found.to_dict(), series, whole.tokens))
    return render("diagram", drawing=drawing, step=found, title=example.title, words=pages.words(evidence.metrics))


SECTION = Section("diagram", "One step of the cell", _build, tasks=OF_TEXTS | OF_SEQUENCES)
