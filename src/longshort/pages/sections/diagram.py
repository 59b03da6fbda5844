"""One step of one cell, drawn with its own numbers."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from longshort.figures.diagram import cell_diagram
from longshort.insight.cellstep import cell_step
from longshort.pages import view as pages
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render
from longshort.pages.sections.examples import Choose
from longshort.pages.sections.gates import largest_change

__all__ = ["diagram_section"]


def diagram_section(choose: Choose) -> Section[Evidence]:
    """Return the section that draws one step of the first example."""
    return Section("diagram", "One step of the cell", partial(_build, choose=choose))


def _build(evidence: Evidence, choose: Choose) -> Markup:
    example = choose(evidence)[0]
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
