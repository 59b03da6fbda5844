"""Three examples looked into: what every gate did at every step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from longshort.evaluation.findings.words import count
from longshort.figures.gates import GATE_PANELS
from longshort.figures.interactive import gate_chart
from longshort.insight.trace import Direction, Trace
from longshort.runs import pages
from longshort.runs.reporting.chart import Chart
from longshort.runs.reporting.chosen import Example, chosen_examples
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import OF_SEQUENCES, OF_TEXTS, Section, render
from longshort.runs.reporting.sequence_pictures import drawn, explained, strongest

__all__ = ["SEQUENCES", "TEXTS", "largest_change"]

MOST_UNITS = 128
"""Units of a direction that are drawn: of more, those whose cell moves most."""

MOST_STEPS = 400
"""Steps that are drawn: of a longer example, the first."""

NAMED = {"input_gate": "input", "forget_gate": "forget", "output_gate": "output"}


@dataclass(frozen=True)
class _Shown:
    """An example with a chart for each direction; of a sequence of numbers also a picture, as base64."""

    example: Example
    charts: list[Chart]
    image: str = ""
    strongest: str = ""


def _build(evidence: Evidence) -> Markup:
    examples = chosen_examples(evidence)
    shown = [_shown(each, evidence) for each in examples]
    first = examples[0].trace
    return render(
        "gates",
        examples=shown,
        layer=first.layers[-1],
        layers=len(first.layers),
        units=len(first.units),
        most_units=MOST_UNITS,
        most_steps=MOST_STEPS,
        word=pages.words(evidence.metrics).step,
        networks=evidence.metrics["training"].get("members", 1),
    )


def _shown(example: Example, evidence: Evidence) -> _Shown:
    word = pages.words(evidence.metrics).step
    charts = [_chart(example, way, word) for way in example.trace.directions]
    found = None if example.told is None else explained(example.told, evidence.bundle)
    if found is None:
        return _Shown(example, charts)
    return _Shown(example, charts, drawn(example.given, found), strongest(found))


def largest_change(part: Trace) -> tuple[int, int]:
    """Step and place of the unit whose cell changed most, in a trace of one layer and direction."""
    change = abs(part.cell[0, 0] - part.before("cell")[0, 0])
    step, place = np.unravel_index(int(change.argmax()), change.shape)
    return int(step), int(place)


def _chart(example: Example, direction: Direction, word: str) -> Chart:
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


TEXTS = Section("gates", "Three texts, looked into", _build, tasks=OF_TEXTS)
SEQUENCES = Section("gates", "Some sequences, looked into", _build, tasks=OF_SEQUENCES)
