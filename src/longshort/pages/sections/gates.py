"""What every gate did at every step of some examples."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from longshort.evaluation.words import count
from longshort.figures.gates import GATE_PANELS
from longshort.figures.interactive import gate_chart
from longshort.insight.trace import Direction, Trace
from longshort.pages import view as pages
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Section, render
from longshort.pages.sections.examples import Choose, TracedExample

__all__ = ["gates_section", "largest_change"]

MOST_UNITS = 128
"""Units of a direction that are drawn: of more, those whose cell moves most."""

MOST_STEPS = 400
"""Steps that are drawn: of a longer example, the first."""

NAMED = {"input_gate": "input", "forget_gate": "forget", "output_gate": "output"}


@dataclass(frozen=True)
class _Shown:
    """An example with a chart for each direction."""

    example: TracedExample
    charts: list[Chart]


def gates_section(title: str, choose: Choose) -> Section[Evidence]:
    """Return the section about the gates.

    Args:
        title: its heading.
        choose: chooses the examples.
    """
    return Section("gates", title, partial(_build, choose=choose))


def _build(evidence: Evidence, choose: Choose) -> Markup:
    examples = choose(evidence)
    word = pages.words(evidence.metrics).step
    first = examples[0].trace
    return render(
        "gates",
        examples=[_Shown(each, [_chart(each, way, word) for way in each.trace.directions]) for each in examples],
        layer=first.layers[-1],
        layers=len(first.layers),
        units=len(first.units),
        most_units=MOST_UNITS,
        most_steps=MOST_STEPS,
        word=word,
        networks=evidence.metrics["training"].get("members", 1),
    )


def largest_change(part: Trace) -> tuple[int, int]:
    """Step and place of the unit whose cell changed most, in a trace of one layer and direction."""
    change = abs(part.cell[0, 0] - part.before("cell")[0, 0])
    step, place = np.unravel_index(int(change.argmax()), change.shape)
    return int(step), int(place)


def _chart(example: TracedExample, direction: Direction, word: str) -> Chart:
    part = example.trace.select(layer=example.trace.layers[-1], direction=direction)
    tokens = example.steps[:MOST_STEPS]
    kept = _liveliest(part.cell[0, 0])
    values = {name: getattr(part, name)[0, 0][:MOST_STEPS][:, kept] for name in GATE_PANELS}
    rows = _rows(part, tokens)
    means = ", ".join(f"{name} gate {getattr(part, gate).mean():.2f}" for gate, name in NAMED.items())
    step, place = largest_change(part)
    summary = (
        f"Gates and cell of {len(kept)} units at {count(len(tokens), word)}, read {_way(direction, word)}. "
        f"Mean opening: {means}. The cell changes most at {word} {step}{_named(part, step)}, in unit "
        f"{part.units[place]}."
    )
    return Chart(
        f"gates-{example.key}-{direction}",
        gate_chart(values, tokens, [f"unit {part.units[place]}" for place in kept]),
        summary,
        summary,
        columns=("step", "token" if part.tokens else "value", *NAMED.values(), "largest change of a cell", "in unit"),
        rows=rows,
        roams=True,
    )


def _way(direction: Direction, word: str) -> str:
    return f"from the first {word} to the last" if direction == "forward" else f"from the last {word} to the first"


def _named(part: Trace, step: int) -> str:
    return f", {part.tokens[step]!r}," if part.tokens else ""


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
