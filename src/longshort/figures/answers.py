"""How the answers are: which classes are taken for which, and what their confidence is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from longshort.errors import DataError
from longshort.figures.names import shorten
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, PALE, SHADES, new_figure, tidy

__all__ = ["calibration", "confusion"]

AnyArray = NDArray[Any]
"""An array of numbers of any type."""

# Up to here a cell has room for its count and its share; up to the second, for the count.
SHARES_FIT = 8
COUNTS_FIT = 30
# Beyond it, only every so many-th class name is written.
NAMES_FIT = 40
LARGEST_SIDE = 13.0


def confusion(matrix: ArrayLike, labels: Sequence[str]) -> Figure:
    """The confusion matrix: rows are the truth, columns the answers, shaded by the share of the row.

    Args:
        matrix: counts, `(classes, classes)` int.
        labels: names of the classes.

    Raises:
        DataError: the matrix is not `(classes, classes)`.
    """
    counts = np.asarray(matrix)
    size = len(labels)
    if size == 0 or counts.shape != (size, size):
        raise DataError(
            f"A confusion matrix of {size} labels must have the shape {(size, size)}; got {counts.shape}.",
            "Several labels per example have one matrix per label: draw them one by one.",
        )
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    side = min(LARGEST_SIDE, 2.0 + (1.0 if size <= SHARES_FIT else 0.48) * max(size, 2))
    figure = new_figure(side + 1.2, side)
    axes = figure.add_subplot()
    image = axes.imshow(shares, cmap=SHADES, vmin=0, vmax=1)
    tidy(axes, title="Confusion matrix", x="answer", y="truth", grid=False)
    _name_classes(axes, labels)
    if size <= COUNTS_FIT:
        _write_cells(axes, counts, shares)
    bar = figure.colorbar(image, ax=axes, shrink=0.8, ticks=[0, 0.5, 1])
    bar.ax.set_yticklabels(["0 %", "50 %", "100 %"])
    bar.ax.tick_params(labelsize=9, colors=MUTED, labelcolor=INK)
    bar.set_label("share of the true class", fontsize=9, color=MUTED)
    bar.outline.set_visible(False)
    return figure


def _name_classes(axes: Axes, labels: Sequence[str]) -> None:
    every = -(-len(labels) // NAMES_FIT)
    places = range(0, len(labels), every)
    names = [shorten(labels[place]) for place in places]
    slanted = max(len(name) for name in names) > 6 or len(labels) > SHARES_FIT
    # A dollar in a class name is a dollar, not the start of a formula.
    turned: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if slanted else {}
    axes.set_xticks(places, names, parse_math=False, **turned)
    axes.set_yticks(places, names, parse_math=False)


def _write_cells(axes: Axes, counts: AnyArray, shares: AnyArray) -> None:
    few = len(counts) <= SHARES_FIT
    for row, column in np.ndindex(*counts.shape):
        if not few and not counts[row, column]:
            continue
        text = f"{counts[row, column]:,}"
        if few:
            text += f"\n{100 * shares[row, column]:.1f} %"
        ink = "white" if shares[row, column] > 0.55 else INK
        axes.text(column, row, text, ha="center", va="center", fontsize=10 if few else 7, color=ink)


def calibration(bins: Sequence[Mapping[str, float]]) -> Figure:
    """What the confidence is worth: accuracy over confidence above, the number of answers below.

    Args:
        bins: mappings of `lower`, `upper`, `count`, `confidence` and `accuracy`, all but `count` from 0 to 1.

    Raises:
        DataError: no bin holds an answer.
    """
    filled = [each for each in bins if each["count"]]
    if not filled:
        raise DataError("A calibration figure needs at least one answer; got none.", "Give the bins of a test split.")
    figure = new_figure(5.2, 5.4)
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    start = max(0.0, min(each["lower"] for each in filled) - 0.02)
    above.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1.4, label="as sure as it is right")
    _bars(above, filled, "accuracy", color=PALE)
    where, height = ([each[key] for each in filled] for key in ("confidence", "accuracy"))
    above.plot(where, height, label="what it reaches", **MAIN_LINE.arguments(len(filled)))
    above.set(xlim=(start, 1.02), ylim=(0, 1.02))
    tidy(above, title="Calibration", y="accuracy")
    above.legend(fontsize=9, labelcolor=INK, edgecolor=GRID, loc="upper left")
    _bars(below, filled, "count", color=PALE)
    tidy(below, x="confidence", y="answers")
    return figure


def _bars(axes: Axes, bins: Sequence[Mapping[str, float]], key: str, **style: Any) -> None:
    axes.bar(
        [each["lower"] for each in bins],
        [each[key] for each in bins],
        width=[each["upper"] - each["lower"] for each in bins],
        align="edge",
        edgecolor="white",
        linewidth=1,
        **style,
    )
