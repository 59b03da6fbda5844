"""Three texts looked into: what every gate did at every token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from longshort.figures.gates import GATE_PANELS
from longshort.figures.interactive import gate_chart
from longshort.insight.trace import Direction, Trace
from longshort.runs.reporting.chart import Chart
from longshort.runs.reporting.chosen import Example, chosen_examples
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import OF_TEXTS, Section, render

__all__ = ["SECTION", "largest_change"]

MOST_UNITS = 128
"""Units of a direction that are drawn: of more, those whose cell moves most."""

MOST_STEPS = 400
"""Tokens that are drawn: of a longer text, the first."""

NAMED = {"input_gate": "input", "forget_gate": "forget", "output_gate": "output"}


@dataclass(frozen=True)
class _Shown:
    """An example with a chart for each direction."""

    example: Example
    charts: list[Chart]


def _build(evidence: Evidence) -> Markup:
    examples = chosen_examples(evidence)
    shown = [_Shown(each, [_chart(each, way) for way in each.trace.directions]) for each in examples]
    first = examples[0].trace
    return render(
        "gates",
        examples=shown,
        layer=first.layers[-1],
        layers=len(first.layers),
        units=len(first.units),
        most_units=MOST_UNITS,
        most_steps=MOST_STEPS,
    )


def largest_change(part: Trace) -> tuple[int, int]:
    """Step and place of the unit whose cell changed most, in a trace of one layer and direction."""
    change = abs(part.cell[0, 0] - part.before("cell")[0, 0])
    step, place = np.unravel_index(int(change.argmax()), change.shape)
    return int(step), int(place)


def _chart(example: Example, direction: Direction) -> Chart:
    part = example.trace.select(layer=example.trace.layers[-1], direction=direction)
    tokens = list(part.tokens or ())[:MOST_STEPS]
    kept = _liveliest(part.cell[0, 0])
    values = {name: getattr(part, name)[0, 0][:MOST_STEPS][:, kept] for name in GATE_PANELS}
    rows = _rows(part, tokens)
    means = ", ".join(f"{name} gate {getattr(part, gate).mean():.2f}" for gate, name in NAMED.items())
    step, place = largest_change(part)
    summary = (
        f"Gates and cell of {len(kept)} units at {len(tokens)} tokens, read {_way(direction)}. Mean opening: {means}. "
        f"The cell changes most at token {step}, {(part.tokens or ())[step]!r}, in unit {part.units[place]}."
    )
    return Chart(
        f"gates-{example.key}-{direction}",
        gate_chart(values, tokens, [f"unit {part.units[place]}" for place in kept]),
        summary,
        summary,
        columns=("step", "token", *NAMED.values(), "largest change of a cell", "in unit"),
        rows=rows,
        roams=True,
    )


def _way(direction: Direction) -> str:
    return "from the first token to the last" if direction == "forward" else "from the last token to the first"


def _liveliest(cell: npt.NDArray[np.float32]) -> list[int]:
    """All units of `(step, unit)`, or those that move most, in the order of their numbers."""
    moved = cell.std(axis=0, dtype=np.float64)
    return sorted(np.argsort(-moved, kind="stable")[:MOST_UNITS].tolist())


def _rows(part: Trace, tokens: list[str]) -> list[tuple[object, ...]]:
    change = part.cell[0, 0] - part.before("cell")[0, 0]
    most = abs(change).argmax(axis=1)
    means = {gate: getattr(part, gate)[0, 0].mean(axis=1) for gate in NAMED}
    return [
        (
            str(step),
            token,
            *(round(float(mean[step]), 3) for mean in means.values()),
            round(float(change[step, most[step]]), 3),
            str(part.units[most[step]]),
        )
        for step, token in enumerate(tokens)
    ]


SECTION = Section("gates", "Three texts, looked into", _build, tasks=OF_TEXTS)
