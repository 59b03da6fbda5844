"""What the gates did while one sequence was read, as a stack of heat maps that zoom together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike, NDArray

from longshort.errors import DataError
from longshort.figures.gates import GATE_PANELS, SIGNED, order_units
from longshort.figures.interactive.style import INK, MUTED, axis, inert, new_chart
from longshort.figures.names import name_token
from longshort.plain import Plain

__all__ = ["SEQUENTIAL", "STEPS_OF_COLOUR", "gate_chart", "quantised"]

AnyArray = NDArray[Any]
"""An array of numbers of any type."""

SEQUENTIAL = [[0, "#f7fbff"], [0.25, "#c6dbef"], [0.5, "#6baed6"], [0.75, "#2171b5"], [1, "#08306b"]]
"""Blues: its lightness falls steadily."""

STEPS_OF_COLOUR = 255
"""A value is kept in a byte: half a step of 1/255 is less than an eye sees or a decision depends on."""

PANEL, GAP, BELOW, ABOVE = 132, 32, 94, 24
"""Pixels of a panel, between two panels with the title of the lower one, of the words below the last one, and of the
buttons above the first."""

UNITS: dict[str, Any] = {
    "type": "category",
    "autorange": "reversed",
    "fixedrange": False,
    "showticklabels": False,
    "showgrid": False,
    "ticks": "",
    "title": {"text": "units", "font": {"color": MUTED, "size": 12}, "standoff": 4},
    "automargin": False,
}
"""The axis of each panel."""

TOKENS: dict[str, Any] = {
    "type": "category",
    "fixedrange": False,
    "tickangle": -90,
    "ticks": "",
    "tickfont": {"color": INK, "size": 11},
    "showgrid": False,
    "showline": True,
    "automargin": False,
}
"""The axis that all panels share; its names stand below the last one."""


def gate_chart(values: Mapping[str, ArrayLike], tokens: Sequence[str], units: Sequence[str]) -> go.Figure:
    """A heat map for each gate and for the cell state: tokens from left to right, units downwards.

    Units that do alike stand together, in one order for all. Values are bytes: 0 to 255 from `meta["low"]` to
    `meta["high"]` of each trace, which the page turns into numbers again.

    Args:
        values: `input_gate`, `forget_gate`, `output_gate`, `cell_gate` and `cell`, each `(step, unit)`.
        tokens: what stands at each step.
        units: the name of each unit.

    Raises:
        DataError: there are no steps or units, or shapes do not agree.
    """
    panels = {name: np.asarray(values[name], dtype=np.float32) for name in GATE_PANELS}
    shapes = {panel.shape for panel in panels.values()}
    if shapes != {(len(tokens), len(units))} or not len(tokens) or not len(units):
        raise DataError(
            f"Each panel must be (step, unit) for {len(tokens)} tokens and {len(units)} units. Got {shapes}."
        )
    order = order_units(panels)
    height = len(panels) * (PANEL + GAP) + BELOW
    names = {
        "x": [f"{step} {inert(name_token(token, 16))}" for step, token in enumerate(tokens)],
        "y": [inert(units[place]) for place in order],
    }
    traces: list[go.Heatmap] = []
    headings: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for row, (name, panel) in enumerate(panels.items()):
        number = str(row + 1) if row else ""
        top = 1 - (row * (PANEL + GAP) + GAP) / height
        place = (top - PANEL / height, top)
        traces.append(_heat(name, panel[:, order].T, f"y{number}", place, names))
        axes[f"yaxis{number}"] = axis("") | UNITS | {"domain": place}
        headings.append(_heading(name, top))
    figure = new_chart(
        height + ABOVE,
        dragmode="zoom",
        meta={"ticks": "tokens"},
        margin={"l": 26, "r": 8, "t": ABOVE, "b": 0},
        xaxis=axis("") | TOKENS | {"anchor": f"y{len(panels)}"},
        annotations=headings,
        **axes,
    )
    return figure.add_traces(traces)


def quantised(panel: AnyArray, low: float, high: float) -> NDArray[np.uint8]:
    """Values from `low` to `high` as 0 to 255; what lies beyond is at the end."""
    scaled = (np.clip(panel, low, high) - low) / (high - low) * STEPS_OF_COLOUR
    return np.asarray(np.round(scaled), dtype=np.uint8)


def _heat(
    name: str, panel: AnyArray, axis: str, place: tuple[float, float], names: Mapping[str, list[str]]
) -> go.Heatmap:
    """One panel `(unit, step)` with its colour bar, between two heights from 0 to 1."""
    title, _, bounds = GATE_PANELS[name]
    largest = max(float(np.abs(panel).max()), 1e-6)
    low, high = bounds or (-largest, largest)
    return go.Heatmap(
        z=quantised(panel, low, high),
        **names,
        yaxis=axis,
        name=title,
        meta={"low": low, "high": high},
        zmin=low,
        zmax=high,
        colorscale=_colours() if low < 0 else SEQUENTIAL,
        colorbar=_bar(low, high, sum(place) / 2, place[1] - place[0]),
        hovertemplate=title + "<br>%{x}<br>%{y}: %{z:.2f}<extra></extra>",
    )


def _heading(name: str, top: float) -> Plain:
    title, meaning, _ = GATE_PANELS[name]
    place = {"x": 0, "y": top, "xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "bottom"}
    return {**place, "text": f"<b>{title}</b>  {meaning}", "font": {"size": 13}, "showarrow": False}


def _bar(low: float, high: float, middle: float, length: float) -> Plain:
    ticks = [low, (low + high) / 2, high]
    return {
        "y": middle,
        "len": length,
        "lenmode": "fraction",
        "thickness": 10,
        "outlinewidth": 0,
        "tickvals": ticks,
        "ticktext": [f"{tick:.2g}".replace("-", "\N{MINUS SIGN}") for tick in ticks],
        "tickfont": {"size": 11},
        "x": 1.01,
        "ypad": 0,
    }


def _colours() -> list[list[object]]:
    """matplotlib's colours for what can be below zero, in nine steps."""
    return [[place / 8, _hex(SIGNED(place / 8))] for place in range(9)]


def _hex(color: Sequence[float]) -> str:
    return "#" + "".join(f"{round(255 * part):02x}" for part in color[:3])
