"""The LSTM cell with the numbers of one step flowing through it: gates as valves, the cell state as the line."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from longshort.errors import DataError
from longshort.figures.names import name_token
from longshort.figures.strip import STRIP_TOP, draw_strip, strip_height
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, OTHER_LINE
from longshort.figures.svg import Drawing, Point
from longshort.plain import PlainMapping

__all__ = ["cell_diagram"]

WIDTH = 1120.0
CELL_LINE = 170.0
"""Height of the line that the cell state runs along."""

BUS = 452.0
"""Height of the line on which the input and the hidden state before come to the gates."""

BOXES = 366.0
"""Height of the upper edge of the gates' boxes."""

BOX_WIDTH, BOX_HEIGHT = 122.0, 64.0
END = 1080.0
"""Where the cell and the hidden state leave."""

FORGET, INPUT, CANDIDATE, OUTPUT, SHOW = 270.0, 404.0, 538.0, 672.0, 806.0
"""Where the four boxes stand from left to right, and the pipe that leads to the hidden state."""

INPUT_VALVE, OUTPUT_VALVE, TANH = 282.0, 318.0, 240.0
RADIUS, PIPE = 21.0, 20.0
EQUATIONS = 536.0
FLOW = 12.0
"""Width of a flow of 1; a flow beyond 1 narrows all of them."""

Step = Mapping[str, Any]


def cell_diagram(step: Step, series: PlainMapping, tokens: list[str] | tuple[str, ...] | None = None) -> str:
    """An SVG drawing of one step, its six equations, and what the gates and the cell do over the whole input.

    A valve is as open as its gate: dark slides leave a gap of that share. A flow is as wide as its number is large,
    dark blue and solid above zero, orange and dashed below.

    Args:
        step: as `CellStep.to_dict` gives it.
        series: `input_gate`, `forget_gate`, `output_gate` and `cell` over all steps, `(step,)` each.
        tokens: what stands at each step; its number when not given.

    Raises:
        DataError: the series are of different lengths, or do not have that step.
    """
    names = [str(place) for place in range(len(series["cell"]))] if tokens is None else list(tokens)
    lengths = {len(names), *(len(series[name]) for name in ("input_gate", "forget_gate", "output_gate", "cell"))}
    if len(lengths) > 1 or not step["step"] < len(names):
        raise DataError(f"The series and tokens must have one length, with step {step['step']} in it. Got {lengths}.")
    drawing = Drawing(WIDTH, STRIP_TOP + strip_height(len(names)), _title(step), _description(step, series, names))
    _head(drawing, step, len(names))
    _inputs(drawing, step)
    _pipes(drawing, step)
    _gates(drawing, step)
    _equations(drawing, step)
    draw_strip(drawing, {name: np.asarray(each, dtype=float) for name, each in series.items()}, names, step)
    return drawing.to_string()


# --- words ---


def _number(value: float) -> str:
    text = f"{value:.3f}"
    return ("0.000" if text == "-0.000" else text).replace("-", "\N{MINUS SIGN}")


def _who(step: Step) -> str:
    return f"the mean of all {step['units']} units" if step["unit"] is None else f"unit {step['unit']}"


def _what(step: Step) -> str:
    if step["token"] is None:
        return f"step {step['step']}"
    return f"\N{LEFT DOUBLE QUOTATION MARK}{name_token(step['token'])}\N{RIGHT DOUBLE QUOTATION MARK}"


def _title(step: Step) -> str:
    return f"The LSTM cell reading {_what(step)}: {_who(step)}, layer {step['layer']}, {step['direction']}"


def _description(step: Step, series: PlainMapping, names: list[str]) -> str:
    gates = {name: step[f"{name}_gate"]["value"] for name in ("forget", "input", "output", "cell")}
    said = [
        f"Step {step['step']} of {len(names)}, {_what(step)}; {_who(step)}.",
        f"The cell state before is {_number(step['cell_before'])}.",
        f"The forget gate is {gates['forget']:.0%} open, so {_number(step['kept'])} of it stays.",
        f"The candidate is {_number(gates['cell'])}; the input gate is {gates['input']:.0%} open, so "
        f"{_number(step['added'])} comes in.",
        f"The cell state is then {_number(step['cell'])}.",
        f"The output gate is {gates['output']:.0%} open, so {_number(step['hidden'])} is shown.",
        "In numbers: " + "; ".join(_equation_words(each) for each in step["equations"]) + ".",
        f"Over the whole input the cell state goes from {_number(float(np.min(series['cell'])))} to "
        f"{_number(float(np.max(series['cell'])))}.",
    ]
    return " ".join(said)


def _equation_words(equation: PlainMapping) -> str:
    return f"{equation['name']} = {equation['numbers']} = {_number(equation['value'])}".replace("-", "\N{MINUS SIGN}")


def _math(words: str) -> str:
    """As in print: minus and times signs, and the state of another step with its step below."""
    words = words.replace("sigmoid", "\N{GREEK SMALL LETTER SIGMA}").replace(" * ", "\N{MIDDLE DOT}")
    words = re.sub(r"([Wb])_(\w+)", r"\1_{\2}", words).replace("-", "\N{MINUS SIGN}")
    return re.sub(r"c_\((t.1)\)", r"c_{\1}", words)


# --- the drawing ---


def _head(drawing: Drawing, step: Step, steps: int) -> None:
    drawing.text((40, 44), _title(step), size=20, bold=True)
    mean = " Each number is a mean over the units." if step["unit"] is None else ""
    where = f"Step {step['step']} of {steps}, counted from 0."
    legend = "A valve is open as far as its gate is. A flow is as wide as its number; below zero it is dashed."
    drawing.text((40, 70), f"{where}{mean} {legend}", size=13, fill=MUTED)
    drawing.rectangle((176, 108), 806, 332, rx=18, fill="#f6f8fa", stroke=GRID, stroke_width=1.5)


def _flow(drawing: Drawing, step: Step, value: float, *points: Point) -> None:
    """A pipe with what flows in it."""
    largest = max(1.0, *(abs(step[name]) for name in ("cell_before", "kept", "added", "cell")))
    drawing.line(*points, stroke=GRID, stroke_width=PIPE, stroke_linejoin="round")
    if abs(value) < 0.0005:
        return
    below = value < 0
    style = {"stroke": (OTHER_LINE if below else MAIN_LINE).color, "stroke_linejoin": "round"}
    dashes = {"stroke_dasharray": "9 5"} if below else {}
    drawing.line(*points, stroke_width=max(FLOW * abs(value) / largest, 1.5), **style, **dashes)


def _pipes(drawing: Drawing, step: Step) -> None:
    """The cell state along the top, what comes in from below, what is shown to the right."""
    candidate = step["cell_gate"]["value"]
    _flow(drawing, step, step["cell_before"], (40, CELL_LINE), (FORGET, CELL_LINE))
    _flow(drawing, step, step["kept"], (FORGET, CELL_LINE), (CANDIDATE, CELL_LINE))
    _flow(drawing, step, candidate, (CANDIDATE, BOXES), (CANDIDATE, INPUT_VALVE))
    _flow(drawing, step, step["added"], (CANDIDATE, INPUT_VALVE), (CANDIDATE, CELL_LINE))
    _flow(drawing, step, step["cell"], (SHOW, CELL_LINE), (SHOW, TANH))
    _flow(drawing, step, step["cell"], (CANDIDATE, CELL_LINE), (END, CELL_LINE))
    _flow(drawing, step, step["shown"], (SHOW, TANH), (SHOW, OUTPUT_VALVE))
    _flow(drawing, step, step["hidden"], (SHOW, OUTPUT_VALVE), (SHOW, 392), (END, 392))
    for place in ((END, CELL_LINE), (END, 392.0)):
        _arrow(drawing, place)
    drawing.circle((CANDIDATE, CELL_LINE), 17, fill="white", stroke=INK, stroke_width=1.8)
    drawing.text((CANDIDATE, CELL_LINE + 8), "+", size=24, anchor="middle")
    drawing.rectangle((SHOW - 26, TANH - 13), 52, 26, rx=13, fill="white", stroke=INK, stroke_width=1.5)
    drawing.text((SHOW, TANH + 5), "tanh", size=13, anchor="middle")
    _pipe_labels(drawing, step)


def _arrow(drawing: Drawing, tip: Point) -> None:
    x, y = tip
    drawing.path(f"M{x - 4},{y - 15} L{x + 16},{y} L{x - 4},{y + 15} Z", fill=GRID)


def _pipe_labels(drawing: Drawing, step: Step) -> None:
    before = f"t{step['before']}".replace("-", "\N{MINUS SIGN}")
    shown = "m" if step["projected"] else "h"
    over, right = CELL_LINE - 20, SHOW + 20
    labels = [
        ((40, over), f"c_{{{before}}} = {_number(step['cell_before'])}", "start", True),
        ((FORGET + 34, over), f"kept: f\N{MIDDLE DOT}c_{{{before}}} = {_number(step['kept'])}", "start", False),
        ((END + 16, over), f"c_{{t}} = {_number(step['cell'])}", "end", True),
        ((CANDIDATE + 20, 232), f"added: i\N{MIDDLE DOT}g = {_number(step['added'])}", "start", False),
        ((CANDIDATE + 20, BOXES - 20), f"g = {_number(step['cell_gate']['value'])}", "start", False),
        ((right + 16, TANH + 5), f"tanh(c_{{t}}) = {_number(step['shown'])}", "start", False),
        ((END + 16, 392 - 20), f"{shown}_{{t}} = {_number(step['hidden'])}", "end", True),
    ]
    for place, words, anchor, bold in labels:
        drawing.text(place, words, size=15 if bold else 13, anchor=anchor, bold=bold, subscripts=True)  # type: ignore[arg-type]


def _inputs(drawing: Drawing, step: Step) -> None:
    """The input and the hidden state before, and the line on which they come to the four boxes."""
    before = f"t{step['before']}".replace("-", "\N{MINUS SIGN}")
    thin: dict[str, str | float] = {"stroke": MUTED, "stroke_width": 2}
    drawing.line((40, BUS), (OUTPUT, BUS), **thin)
    drawing.line((FORGET - 90, BUS + 44), (FORGET - 90, BUS), **thin)
    drawing.circle((FORGET - 90, BUS), 4, fill=MUTED)
    for x in (FORGET, INPUT, CANDIDATE, OUTPUT):
        drawing.line((x, BUS), (x, BOXES + BOX_HEIGHT), **thin)
    drawing.text((40, BUS - 48), f"h_{{{before}}}", size=15, bold=True, subscripts=True)
    drawing.text((40, BUS - 29), f"{step['hidden_size']} numbers,", size=12, fill=MUTED)
    drawing.text((40, BUS - 12), f"length {_number(step['hidden_norm'])}", size=12, fill=MUTED)
    if step["hidden_before"] is not None:
        own = "their mean" if step["unit"] is None else f"unit {step['unit']}:"
        drawing.text((40, BUS + 19), f"{own} {_number(step['hidden_before'])}", size=12, fill=MUTED)
    drawing.text((FORGET - 76, BUS + 40), "x_{t}", size=15, bold=True, subscripts=True)
    described = f"{_what(step)}: {step['input_size']} numbers, length {_number(step['input_norm'])}"
    drawing.text((FORGET - 48, BUS + 40), described, size=12, fill=MUTED)


def _gates(drawing: Drawing, step: Step) -> None:
    """The four boxes, the three valves, and which box turns which valve."""
    control: dict[str, str | float] = {"stroke": INK, "stroke_width": 1.6, "stroke_dasharray": "2 4"}
    drawing.line((FORGET, BOXES), (FORGET, CELL_LINE + RADIUS), **control)
    drawing.line((INPUT, BOXES), (INPUT, INPUT_VALVE), (CANDIDATE - RADIUS, INPUT_VALVE), **control)
    drawing.line((OUTPUT, BOXES), (OUTPUT, OUTPUT_VALVE), (SHOW - RADIUS, OUTPUT_VALVE), **control)
    _valve(drawing, (FORGET, CELL_LINE), step["forget_gate"]["value"], upright=False)
    _valve(drawing, (CANDIDATE, INPUT_VALVE), step["input_gate"]["value"], upright=True)
    _valve(drawing, (SHOW, OUTPUT_VALVE), step["output_gate"]["value"], upright=True)
    sigma = "\N{GREEK SMALL LETTER SIGMA}"
    boxes = (
        (FORGET, "forget gate f", sigma, step["forget_gate"]),
        (INPUT, "input gate i", sigma, step["input_gate"]),
        (CANDIDATE, "candidate g", "tanh", step["cell_gate"]),
        (OUTPUT, "output gate o", sigma, step["output_gate"]),
    )
    for x, name, squash, gate in boxes:
        # The sigmoid of a mean is not the mean of the sigmoids.
        inner = f"mean of {squash}" if step["unit"] is None else f"{squash}({_number(gate['total'])})"
        _box(drawing, x, name, inner, gate["value"])


def _box(drawing: Drawing, x: float, name: str, inner: str, value: float) -> None:
    corner = (x - BOX_WIDTH / 2, BOXES)
    drawing.rectangle(corner, BOX_WIDTH, BOX_HEIGHT, rx=8, fill="white", stroke=INK, stroke_width=1.5)
    drawing.text((x, BOXES + 18), name, size=12, anchor="middle", fill=MUTED)
    drawing.text((x, BOXES + 36), inner, size=13, anchor="middle")
    drawing.text((x, BOXES + 55), f"= {_number(value)}", size=15, anchor="middle", bold=True)


def _valve(drawing: Drawing, centre: Point, opening: float, *, upright: bool) -> None:
    """A round window in the pipe, with two dark slides that leave a gap as wide as the gate is open."""
    (x, y), reach = centre, RADIUS * opening
    half = float(np.sqrt(max(RADIUS**2 - reach**2, 0.0)))
    drawing.circle(centre, RADIUS, fill="white", fill_opacity=0.35, stroke="none")
    for side in (-1, 1):
        sweep = 1 if (side < 0) != upright else 0
        if upright:
            start, end = (x + side * reach, y - half), (x + side * reach, y + half)
        else:
            start, end = (x - half, y + side * reach), (x + half, y + side * reach)
        drawing.path(
            f"M{start[0]:.2f},{start[1]:.2f} A{RADIUS},{RADIUS} 0 0 {sweep} {end[0]:.2f},{end[1]:.2f} Z", fill=INK
        )
    drawing.circle(centre, RADIUS, fill="none", stroke=INK, stroke_width=2.2)
    place = (x + RADIUS + 8, y + 5) if upright else (x, y + RADIUS + 20)
    words = f"{opening:.0%} open"
    drawing.text((place[0] + (0 if upright else 10), place[1]), words, size=12, bold=True)


def _equations(drawing: Drawing, step: Step) -> None:
    drawing.text((40, EQUATIONS), "The six equations with these numbers", size=15, bold=True)
    for row, equation in enumerate(step["equations"]):
        y = EQUATIONS + 28 + 23 * row
        drawing.text((40, y), f"{equation['name']} =", size=14, bold=True)
        drawing.text((72, y), _math(equation["formula"]), size=13, subscripts=True)
        drawing.text((318, y), _math(f"= {equation['numbers']}"), size=13, subscripts=True)
        drawing.text((790, y), f"= {_number(equation['value'])}", size=14, anchor="end", bold=True)
