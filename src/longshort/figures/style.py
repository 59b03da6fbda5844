"""How every figure looks: the one home of sizes, colours and lines.

Each line differs from its neighbour in lightness, dash and marker as well as in hue, so that a figure reads the same in
grey, and to eyes that do not distinguish the hues. Nothing here touches matplotlib's global settings.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from longshort.plain import Plain

__all__ = [
    "GRID",
    "INK",
    "MAIN_LINE",
    "MUTED",
    "OTHER_LINE",
    "PALE",
    "SHADES",
    "LineStyle",
    "new_figure",
    "save",
    "tidy",
]

INK = "#1f2933"
MUTED = "#5f6b76"
GRID = "#d9dee3"
PALE = "#b9cfe3"
SHADES = "Blues"
"""Colour map of the confusion matrix: its lightness falls steadily."""

DPI = 150

_UNDATED = {"png": ("Software",), "svg": ("Date", "Creator"), "pdf": ("CreationDate", "Creator", "Producer")}
"""What would make the bytes of a file depend on the day, or on the version of matplotlib."""


@dataclass(frozen=True)
class LineStyle:
    """Colour, dash and marker of one line."""

    color: str
    dash: str
    marker: str

    def arguments(self, points: int) -> Plain:
        """Arguments of `Axes.plot`; markers are left out where they would touch each other."""
        marker = self.marker if points <= 40 else ""
        return {"color": self.color, "linestyle": self.dash, "marker": marker, "markersize": 4.5, "linewidth": 1.8}


MAIN_LINE = LineStyle("#12436d", "-", "o")
OTHER_LINE = LineStyle("#e07b00", "--", "s")


def new_figure(width: float, height: float) -> Figure:
    """An empty figure, sizes in inches."""
    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def tidy(axes: Axes, *, title: str = "", x: str = "", y: str = "", grid: bool = True) -> None:
    """Titles, axis names and quiet frames."""
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.set_xlabel(x, fontsize=10, color=MUTED)
    axes.set_ylabel(y, fontsize=10, color=MUTED)
    axes.tick_params(labelsize=9, colors=MUTED, labelcolor=INK, length=3)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(MUTED)
    if grid:
        axes.grid(axis="y", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)


def save(figure: Figure, path: Path | str | BinaryIO) -> None:
    """Write the figure as a PNG file of 150 dots per inch, or as SVG or PDF where the name ends so.

    The same figure gives the same bytes. Characters that the font lacks are drawn as boxes.

    Raises:
        OSError: the file cannot be written.
    """
    kind = Path(path).suffix.lower().removeprefix(".") if isinstance(path, Path | str) else ""
    kind = kind if kind in _UNDATED else "png"
    with warnings.catch_warnings():
        # A class name in a script that the font lacks must not fill the terminal; the numbers stand in metrics.json.
        warnings.filterwarnings("ignore", message="Glyph .* missing from", category=UserWarning)
        with rc_context({"svg.hashsalt": "longshort"}):
            figure.savefig(path, dpi=DPI, format=kind, metadata=dict.fromkeys(_UNDATED[kind]))
