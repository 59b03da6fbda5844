"""How long an LSTM remembers: its gradient by lag, and the half-lives of its cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from longshort.errors import DataError
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, OTHER_LINE, PALE, LineStyle, new_figure, tidy

__all__ = ["memory_figure"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""

_STYLES: dict[str, LineStyle] = {
    "trained": MAIN_LINE,
    "start": LineStyle("#5a8fc0", "-.", "^"),
    "plain": OTHER_LINE,
    "plain_orthogonal": LineStyle("#b35c00", ":", "D"),
}

FLOOR = 1e-6
"""Shares below it are not drawn: nothing is learnt from them."""

BINS = 22
TICKS = 6

MARKS = {0.5: "half", 0.01: "1 %"}

Row = Mapping[str, Any]


def memory_figure(reaches: Sequence[Row], models: Mapping[str, str], *, unit: str = "token", title: str = "") -> Figure:
    """One row per layer and direction: the gradient by lag on the left, the half-lives of the cells on the right.

    Args:
        reaches: one mapping each: `layer`, `direction`, `curves` (by model: `share_median`, `share_low`, `share_high`,
            a number per lag or None) and `half_lives` (by model: a number per unit, None if it is infinite).
        models: the name of each model that is shown, by its key in `curves`.
        unit: what a step is called.
        title: over the whole figure.

    Raises:
        DataError: nothing to draw.
    """
    if not reaches:
        raise DataError("A figure of memory needs at least one layer. Got none.")
    figure = new_figure(10.5, 3.5 * len(reaches) + (1.0 if title else 0.6))
    grid, edges = figure.subplots(len(reaches), 2, squeeze=False, width_ratios=[1.7, 1]), _edges(reaches)
    for (left, right), reach in zip(grid, reaches, strict=True):
        where = "" if len(reaches) == 1 else f" (layer {reach['layer']}, {reach['direction']})"
        _gradient(left, reach["curves"], models)
        tidy(left, title=f"How fast the gradient fades{where}", x=f"{unit}s back", y=f"share of the last {unit}'s")
        _half_lives(right, reach["half_lives"], models, edges)
        tidy(right, title="How long the cells hold on", x=f"half-life, {unit}s", y="cells")
    handles, labels = grid[0][0].get_legend_handles_labels()
    arguments: dict[str, Any] = {"loc": "outside lower center", "ncols": len(labels), "fontsize": 9}
    figure.legend(handles, labels, labelcolor=INK, edgecolor=GRID, **arguments)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    return figure


def _gradient(axes: Axes, curves: Mapping[str, Row], models: Mapping[str, str]) -> None:
    """Medians as lines, the quartiles of the trained model as a band."""
    for key, label in models.items():
        low, median, high = (_drawable(curves[key][f"share_{part}"]) for part in ("low", "median", "high"))
        lags = np.arange(len(median))
        style = _STYLES[key]
        axes.plot(lags, median, label=label, **style.arguments(len(lags)))
        if key == "trained":
            axes.fill_between(lags, low, high, color=PALE, alpha=0.7, linewidth=0, label="half of the examples")
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(_percent))
    drawn = [value for line in curves.values() for value in line["share_median"] if value]
    axes.set_ylim(min(max(FLOOR, 0.5 * min(drawn, default=1.0)), 0.005), 1.6 * max(1.0, *drawn))
    axes.minorticks_off()
    _marks(axes)


def _marks(axes: Axes) -> None:
    for share, name in MARKS.items():
        axes.axhline(share, color=MUTED, linewidth=0.9, linestyle=(0, (1, 3)))
        axes.annotate(
            name, (1, share), xycoords=("axes fraction", "data"), xytext=(-2, 2), textcoords="offset points",
            ha="right", va="bottom", fontsize=8, color=MUTED,
        )  # fmt: skip


def _edges(reaches: Sequence[Row]) -> list[float]:
    """Edges of the bins of all histograms: the same, so that they can be compared."""
    known = [each for reach in reaches for lives in reach["half_lives"].values() for each in lives if each]
    first, last = (0.95 * min(known), 1.05 * max(known)) if known else (1.0, 10.0)
    edges: list[float] = np.geomspace(first, last, BINS + 1).tolist()
    return edges


def _half_lives(
    axes: Axes, lives: Mapping[str, Sequence[float | None]], models: Mapping[str, str], edges: list[float]
) -> None:
    for key, values in lives.items():
        style = _STYLES[key]
        shape: dict[str, Any] = (
            {"histtype": "stepfilled", "facecolor": PALE, "edgecolor": style.color}
            if key == "trained"
            else {"histtype": "step", "edgecolor": style.color, "linestyle": style.dash, "linewidth": 1.6}
        )
        axes.hist([each for each in values if each], bins=edges, label=models[key], **shape)
    axes.set_xscale("log")
    ticks = np.geomspace(edges[0], edges[-1], TICKS).tolist()
    axes.set_xticks(ticks, [f"{tick:.2g}" if tick < 100 else f"{tick:,.0f}" for tick in ticks])
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.minorticks_off()


def _drawable(values: Sequence[float | None]) -> AnyArray:
    """What a logarithmic axis takes: gaps if there is no number, or none above 0."""
    found = np.array([np.nan if each is None else each for each in values], dtype=float)
    found[found <= 0] = np.nan
    return found


def _percent(value: float, _: object) -> str:
    return f"{100 * value:.6g} %"
