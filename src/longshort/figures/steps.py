"""What each step of a sequence of numbers contributes to an answer: the series, coloured by it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from longshort.errors import DataError
from longshort.figures.names import shorten
from longshort.figures.style import INK, MAIN_LINE, MUTED, OTHER_LINE, new_figure, tidy

__all__ = ["step_contributions"]

MOST_CHANNELS = 6
_AGAINST_FOR = LinearSegmentedColormap.from_list("against-for", [OTHER_LINE.color, "#ffffff", MAIN_LINE.color])


def step_contributions(
    values: ArrayLike, contributions: ArrayLike, channels: Sequence[str], *, scale: str = "the score"
) -> Figure:
    """Each channel over its steps; behind it how much each value contributes: for the answer, or against it.

    Args:
        values: `(steps, channels)`; NaN if a value is missing.
        contributions: `(steps, channels)`.
        channels: their names; of more than six, those with the strongest contributions are drawn.
        scale: what the contributions are shares of.

    Raises:
        DataError: shapes that do not fit, or no step.
    """
    drawn, shares = np.asarray(values, dtype=np.float64), np.asarray(contributions, dtype=np.float64)
    if drawn.ndim != 2 or not drawn.size or drawn.shape != shares.shape or drawn.shape[1] != len(channels):
        raise DataError(
            f"Contributions are drawn over values (steps, channels); got {shares.shape}, {drawn.shape} and "
            f"{len(channels)} names.",
            "Take them from one explanation.",
        )
    strongest = np.argsort(-np.abs(shares).sum(axis=0), kind="stable")[:MOST_CHANNELS]
    largest = float(np.abs(shares).max()) or 1.0
    colors = ScalarMappable(Normalize(-largest, largest), _AGAINST_FOR)
    figure = new_figure(8.5, 0.9 + 1.5 * len(strongest))
    axes = figure.subplots(len(strongest), 1, sharex=True, squeeze=False)[:, 0]
    for each, channel in zip(axes, sorted(strongest), strict=True):
        _draw(each, drawn[:, channel], shares[:, channel], largest)
        tidy(each, y=shorten(channels[channel], 16), grid=False)
    axes[0].set_title("What each step contributes", loc="left", fontsize=11, fontweight="bold", color=INK)
    axes[-1].set_xlabel("step", fontsize=10, color=MUTED)
    bar = figure.colorbar(colors, ax=list(axes), shrink=0.9, ticks=[-largest, 0, largest])
    bar.ax.set_yticklabels([f"against: {-largest:.2g}", "0", f"for: {largest:+.2g}"])
    bar.ax.tick_params(labelsize=9, colors=MUTED, labelcolor=INK)
    bar.set_label(f"part of {shorten(scale, 40)}", fontsize=9, color=MUTED)
    bar.outline.set_visible(False)
    if len(channels) > len(strongest):
        figure.supxlabel(f"and {len(channels) - len(strongest)} channels that contribute less", fontsize=9, color=MUTED)
    return figure


def _draw(axes: Axes, values: np.ndarray, shares: np.ndarray, largest: float) -> None:
    seen = values[np.isfinite(values)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    room = 0.08 * (high - low) or 0.5
    extent = (-0.5, len(values) - 0.5, low - room, high + room)
    axes.imshow(shares[None, :], cmap=_AGAINST_FOR, vmin=-largest, vmax=largest, aspect="auto", extent=extent)
    marker = "o" if len(values) <= 60 else ""
    axes.plot(np.arange(len(values)), values, color=INK, linewidth=1.3, marker=marker, markersize=2.5)
