"""What one unit's gates and cell do over a whole input: bars for each token, row under row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from longshort.figures.names import name_token
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, OTHER_LINE, PALE
from longshort.figures.svg import Drawing
from longshort.plain import PlainMapping

__all__ = ["STRIP_TOP", "draw_strip", "strip_height"]

AnyArray = NDArray[Any]
"""An array of numbers of any type."""

STRIP_TOP = 728.0
LEFT, WIDTH = 120.0, 920.0
PER_ROW, MOST_ROWS = 40, 10
"""Tokens side by side, and rows of them; a longer input is drawn as lines, in one row and without its words."""

LANE, CELL_LANE, GAP, WORDS = 26.0, 58.0, 7.0, 74.0
LANES = {"forget_gate": "forget f", "input_gate": "input i", "output_gate": "output o"}
ROW_HEIGHT = len(LANES) * (LANE + GAP) + CELL_LANE + WORDS

Series = Mapping[str, NDArray[Any]]


def strip_height(steps: int) -> float:
    """Height of the strip of an input of so many steps, with its heading."""
    rows = -(-steps // PER_ROW)
    return 30 + ROW_HEIGHT * (rows if rows <= MOST_ROWS else 1)


def draw_strip(drawing: Drawing, series: Series, names: Sequence[str], step: PlainMapping) -> None:
    """Draw it at `STRIP_TOP`.

    Args:
        drawing: to draw on.
        series: the three gates and `cell`, `(step,)` each.
        names: of the steps.
        step: which one stands out, and how it was reached, as in `cell_diagram`.
    """
    way = "read from the left" if step["direction"] == "forward" else "read from the right"
    drawing.text((40, STRIP_TOP), "The whole input", size=15, bold=True)
    drawing.text((188, STRIP_TOP), f"{way}; gates from shut to open, the cell state around zero", size=13, fill=MUTED)
    largest = max(float(np.abs(series["cell"]).max()), 1e-6)
    rows = -(-len(names) // PER_ROW)
    per_row = PER_ROW if rows <= MOST_ROWS else len(names)
    width = min(WIDTH / min(per_row, max(len(names), 1)), 44.0)
    for row, start in enumerate(range(0, len(names), per_row)):
        part = range(start, min(start + per_row, len(names)))
        top = STRIP_TOP + 22 + row * ROW_HEIGHT
        _row(drawing, series, part, top, width, largest, step["step"])
        if rows <= MOST_ROWS:
            _words(drawing, names, part, top + ROW_HEIGHT - WORDS + 14, width, step["step"])


def _row(drawing: Drawing, series: Series, part: range, top: float, width: float, largest: float, chosen: int) -> None:
    """Some steps of the strip: a lane for each gate, and one for the cell."""
    end = LEFT + width * len(part)
    if chosen in part:
        x = LEFT + width * (chosen - part.start)
        thin = width < 4
        shade: dict[str, Any] = {"fill": MUTED} if thin else {"fill": PALE, "fill_opacity": 0.55}
        drawing.rectangle((x, top - 4), max(width, 2), ROW_HEIGHT - WORDS + 8, **shade)
    for lane, (name, label) in enumerate(LANES.items()):
        base = top + lane * (LANE + GAP) + LANE
        drawing.text((LEFT - 10, base - 8), label, size=12, anchor="end", fill=MUTED)
        drawing.line((LEFT, base - LANE), (end, base - LANE), stroke=GRID, stroke_width=1)
        drawing.line((LEFT, base), (end, base), stroke=MUTED, stroke_width=1)
        _bars(drawing, series[name][part.start : part.stop], base, LANE, width)
    zero = top + len(LANES) * (LANE + GAP) + CELL_LANE / 2
    drawing.text((LEFT - 10, zero + 4), "cell c", size=12, anchor="end", fill=INK, bold=True)
    drawing.text((end + 6, zero - CELL_LANE / 2 + 8), f"{largest:.2f}", size=10, fill=MUTED)
    drawing.text((end + 6, zero + CELL_LANE / 2), f"\N{MINUS SIGN}{largest:.2f}", size=10, fill=MUTED)
    drawing.line((LEFT, zero), (end, zero), stroke=MUTED, stroke_width=1)
    _bars(drawing, series["cell"][part.start : part.stop] / largest, zero, CELL_LANE / 2, width)


def _bars(drawing: Drawing, values: AnyArray, base: float, height: float, width: float) -> None:
    """Upwards above zero and downwards below, where the bars are hollow too; lines where they would be hair-thin."""
    if width < 4:
        points = [(LEFT + width * (place + 0.5), base - height * float(each)) for place, each in enumerate(values)]
        drawing.line(*points, stroke=MAIN_LINE.color, stroke_width=1)
        return
    for place, each in enumerate(values.tolist()):
        corner = (LEFT + width * place + 0.12 * width, base - height * max(each, 0.0))
        below = {"fill": "#fbe3c8", "stroke": OTHER_LINE.color, "stroke_width": 1.2}
        style: dict[str, Any] = below if each < 0 else {"fill": MAIN_LINE.color}
        drawing.rectangle(corner, 0.76 * width, height * abs(each), **style)


def _words(drawing: Drawing, names: Sequence[str], part: range, y: float, width: float, chosen: int) -> None:
    for place in part:
        x = LEFT + width * (place - part.start + 0.5)
        word = name_token(names[place], 11)
        drawing.text((x - 3, y), word, size=12, turned=50, bold=place == chosen, fill=INK)
