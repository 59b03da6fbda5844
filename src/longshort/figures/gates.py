"""What the gates did: one sequence, tokens downwards, units across, a panel for each gate and for the cell state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from scipy.cluster.hierarchy import leaves_list, linkage

from longshort.errors import DataError
from longshort.figures.names import name_token
from longshort.figures.style import INK, MUTED, SHADES, new_figure, tidy
from longshort.plain import Plain

__all__ = ["GATE_PANELS", "gates", "order_units"]

AnyArray = NDArray[Any]
"""An array of numbers of any type."""

SIGNED = LinearSegmentedColormap.from_list("signed", ["#0a2351", "#3f6aa3", "#bdbfbf", "#f2c463", "#ffe61f"])
"""Colour map of values that can be negative: blue, grey at zero, yellow, ever lighter, so the sign shows in grey."""

GATE_PANELS = {
    "input_gate": ("Input gate", "how much comes in", (0.0, 1.0)),
    "forget_gate": ("Forget gate", "how much stays", (0.0, 1.0)),
    "output_gate": ("Output gate", "how much is shown", (0.0, 1.0)),
    "cell_gate": ("Candidate", "what would come in", (-1.0, 1.0)),
    "cell": ("Cell state", "what is remembered", None),
}
"""The panels in their order: the title, what it means, and the range of values, None if the data set it."""

ROW, TIGHTEST, TALLEST = 0.2, 0.045, 26.0
"""Inches per token where there are few, per token where there are many, and of all tokens at most."""

LABEL = 0.145
"""Inches between the names of two tokens, at least; where rows are closer, only some are named."""

MOST_ORDERED = 1_000
"""Units up to which the order of the clusters is the best one; it takes a cubic time."""

LONGEST_TOKEN = 16


def gates(
    values: Mapping[str, ArrayLike], tokens: Sequence[str], units: Sequence[int] | None = None, *, title: str = ""
) -> Figure:
    """A heat map for each gate and for the cell state; units that do alike stand together, in one order for all.

    Args:
        values: `input_gate`, `forget_gate`, `output_gate`, `cell_gate` and `cell`, each `(step, unit)`.
        tokens: the name of each step.
        units: the number of each unit; from 0 when not given.
        title: over all panels.

    Raises:
        DataError: a panel is missing, there are no steps or units, or shapes do not agree.
    """
    panels = {name: np.asarray(values[name], dtype=np.float32) for name in GATE_PANELS if name in values}
    _check(panels, tokens)
    steps, count = panels["cell"].shape
    numbers = list(range(count)) if units is None else list(units)
    order = order_units(panels)
    tall = min(max(steps * TIGHTEST, min(steps * ROW, 9.0)), TALLEST)
    figure = new_figure(12.6, max(tall, 1.6) + 1.7)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK, parse_math=False)
    for axes, (name, panel) in zip(figure.subplots(1, len(panels), sharey=True), panels.items(), strict=True):
        _heat(axes, name, panel[:, order], figure.get_figheight())
        _name_units(axes, [numbers[place] for place in order])
    _name_tokens(figure.axes[0], tokens, tall)
    return figure


def order_units(panels: Mapping[str, ArrayLike]) -> list[int]:
    """Units in an order in which those that do alike stand together.

    They are clustered by all that they do at every step (Ward's criterion, on the panels scaled to the range of each),
    and the clusters are turned so that neighbours are as near as can be (Bar-Joseph, Gifford & Jaakkola 2001).

    Args:
        panels: arrays `(step, unit)` by name.
    """
    parts = [np.asarray(panel, dtype=np.float64) for panel in panels.values()]
    count = parts[0].shape[1]
    if count < 3:
        return list(range(count))
    scaled = [part / max(float(np.abs(part).max(initial=0.0)), 1e-12) for part in parts]
    tree = linkage(np.concatenate(scaled).T, method="ward", optimal_ordering=count <= MOST_ORDERED)
    return [int(place) for place in leaves_list(tree)]


def _check(panels: Mapping[str, AnyArray], tokens: Sequence[str]) -> None:
    missing = [name for name in GATE_PANELS if name not in panels]
    if missing:
        raise DataError(f"A figure of the gates needs {', '.join(GATE_PANELS)}. {missing[0]} is missing.")
    shapes = {name: panel.shape for name, panel in panels.items()}
    shape = shapes["cell"]
    if len(set(shapes.values())) > 1 or len(shape) != 2 or 0 in shape or shape[0] != len(tokens):
        raise DataError(
            f"Each panel must be (step, unit), with at least one of each, for {len(tokens)} tokens. Got {shapes}.",
            "Take one layer and direction of a trace of a text that has tokens.",
        )


def _heat(axes: Axes, name: str, panel: AnyArray, tall: float) -> None:
    title, meaning, bounds = GATE_PANELS[name]
    largest = max(float(np.abs(panel).max()), 1e-6)
    low, high = bounds or (-largest, largest)
    colors = SIGNED if low < 0 else SHADES
    image = axes.imshow(panel, cmap=colors, vmin=low, vmax=high, aspect="auto", interpolation="nearest")
    tidy(axes, title=title, grid=False)
    axes.set_xlabel("unit", fontsize=9, color=MUTED)
    bar = axes.figure.colorbar(image, ax=axes, location="bottom", ticks=[low, (low + high) / 2, high], **_room(tall))
    bar.ax.set_xticklabels([f"{tick:.2g}".replace("-", "\N{MINUS SIGN}") for tick in (low, (low + high) / 2, high)])
    bar.ax.tick_params(labelsize=8, colors=MUTED, labelcolor=INK, length=2)
    bar.set_label(meaning, fontsize=9, color=MUTED)
    bar.outline.set_visible(False)


def _room(tall: float) -> Plain:
    """Place of a colour bar: a strip of the same height under panels of any height, in shares of theirs."""
    return {"fraction": 0.2 / tall, "pad": 0.06 / tall, "aspect": 18}


def _name_units(axes: Axes, numbers: Sequence[int]) -> None:
    """The number under each unit, or under some."""
    every = -(-len(numbers) // 16)
    places = list(range(0, len(numbers), every))
    axes.set_xticks(places, [str(numbers[place]) for place in places], fontsize=7, rotation=90)
    axes.tick_params(axis="y", length=0)


def _name_tokens(axes: Axes, tokens: Sequence[str], tall: float) -> None:
    every = max(1, -(-LABEL * len(tokens) // tall))
    places = list(range(0, len(tokens), int(every)))
    size = 9 if tall / len(tokens) > 0.16 else 7
    # A dollar in a text is a dollar, not the start of a formula.
    names = [name_token(tokens[place], LONGEST_TOKEN) for place in places]
    axes.set_yticks(places, names, parse_math=False, fontsize=size)
