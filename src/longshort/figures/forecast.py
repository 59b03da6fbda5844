"""A forecast as a picture: what was, what is expected, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from longshort.errors import DataError
from longshort.figures.names import shorten
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, new_figure, tidy
from longshort.plain import Plain

__all__ = ["forecast"]

Array = np.ndarray[Any, Any]

_BANDS = ("#dbe6f1", "#a9c4df", "#6f9bc8")
"""From the widest to the narrowest; beyond three there is no significant difference in grey."""

MOST_PANELS = 6
HISTORY_PER_STEP = 4
FEWEST_SHOWN = 36


def forecast(panels: Sequence[Plain], levels: Sequence[float], *, target: str = "value") -> Figure:
    """History, median and bands of quantiles of each series, and the truth if it is known already.

    Args:
        panels: one mapping for each series, of which the first six are drawn: `name`; `past_times` and `past`, of one
            length; `times`, a text as ISO 8601 writes it or a whole number for each step ahead; `quantiles`, `(horizon,
            levels)`; and `truth`, `(horizon,)`, if it is known. Of a long past, the last steps are drawn.
        levels: rising, 0.5 among them.
        target: what the axis is called.

    Raises:
        DataError: no series, or lengths that do not fit.
    """
    if not panels:
        raise DataError("A figure of forecasts needs at least one series; got none.", "Forecast a series first.")
    shown = panels[:MOST_PANELS]
    figure = new_figure(8.5, 1.1 + 3.0 * len(shown))
    for position, panel in enumerate(shown, start=1):
        axes = figure.add_subplot(len(shown), 1, position)
        tidy(axes, title=_title(panel, levels, target), y=shorten(target, 40))
        _draw(axes, panel, levels)
    named: dict[str, Any] = {}
    for axes in figure.axes:
        handles, names = axes.get_legend_handles_labels()
        named = dict(zip(names, handles, strict=True)) | named
    # Below all panels, where it hides nothing.
    figure.legend(
        named.values(), named.keys(), loc="outside lower left", ncols=6, fontsize=9, labelcolor=INK, edgecolor=GRID
    )
    if len(panels) > len(shown):
        figure.axes[-1].set_xlabel(f"and {len(panels) - len(shown)} more series", fontsize=9, color=MUTED)
    return figure


def _title(panel: Plain, levels: Sequence[float], target: str) -> str:
    name = shorten(str(panel.get("name") or target), 40)
    steps = len(panel["times"])
    ahead = f"{name}, {steps} {'step' if steps == 1 else 'steps'} ahead"
    pairs = _pairs(levels)
    if not pairs:
        return ahead
    low, high = pairs[0]
    band = f"the {_percent(levels[high] - levels[low])} band"
    if panel.get("truth") is None:
        return f"{ahead}, with {band}"
    table, came = _floats(panel["quantiles"]), _floats(panel["truth"])
    inside = int(((came >= table[:, low]) & (came <= table[:, high])).sum())
    return f"{ahead}: {inside} of {steps} came within {band}"


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _draw(axes: Axes, panel: Plain, levels: Sequence[float]) -> None:
    quantiles, past = _checked(panel, levels)
    kept = max(FEWEST_SHOWN, HISTORY_PER_STEP * len(quantiles))
    past, times = past[-kept:], _moments([*panel["past_times"], *panel["times"]])[-len(past[-kept:]) - len(quantiles) :]
    before, ahead = times[: len(past)], times[len(past) :]
    # Bands and median begin at the last value, which is known: no gap, no step.
    joined = [*before[-1:], *ahead]
    table = np.concatenate([np.repeat(past[-1:, None], len(levels), axis=1), quantiles])
    _bands(axes, joined, table, levels)
    axes.plot(before, past, color=MUTED, linewidth=1.4, label="history")
    median = table[:, list(levels).index(0.5)]
    marker = "o" if len(ahead) <= 40 else ""
    axes.plot(joined, median, color=MAIN_LINE.color, linewidth=1.8, label="forecast (median)")
    axes.plot(ahead, median[1:], color=MAIN_LINE.color, linestyle="", marker=marker, markersize=3.5)
    if panel.get("truth") is not None:
        came = np.concatenate([past[-1:], np.asarray(panel["truth"], dtype=np.float64)])
        axes.plot(joined, came, color=INK, linestyle=(0, (4, 2)), linewidth=1.5, label="actual")
    axes.axvline(before[-1], color=MUTED, linestyle=":", linewidth=1.2)
    axes.margins(x=0.01)
    if isinstance(times[0], datetime):
        locator = AutoDateLocator(minticks=3, maxticks=9)  # type: ignore[no-untyped-call]
        axes.xaxis.set_major_locator(locator)
        axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def _bands(axes: Axes, times: Sequence[Any], table: Array, levels: Sequence[float]) -> None:
    pairs = _pairs(levels)
    chosen = pairs if len(pairs) <= len(_BANDS) else [pairs[0], pairs[len(pairs) // 2], pairs[-1]]
    for color, (low, high) in zip(_BANDS, chosen, strict=False):
        name = f"{_percent(levels[high] - levels[low])} band"
        axes.fill_between(times, table[:, low], table[:, high], color=color, linewidth=0, label=name)


def _pairs(levels: Sequence[float]) -> list[tuple[int, int]]:
    """Levels equally far from the median, the widest pair first."""
    found = []
    for low, level in enumerate(levels):
        high = next((i for i, other in enumerate(levels) if other > 0.5 and abs(level + other - 1) < 1e-9), None)
        if level < 0.5 and high is not None:
            found.append((low, high))
    return found


def _checked(panel: Plain, levels: Sequence[float]) -> tuple[Array, Array]:
    quantiles = _floats(panel["quantiles"])
    past = _floats(panel["past"])
    if quantiles.shape != (len(panel["times"]), len(levels)) or not len(past) or not len(quantiles):
        raise DataError(
            "A series of a figure has at least one value of the past, and quantiles (horizon, levels) with a time for "
            f"each step; got {len(past)} values, {quantiles.shape} and {len(panel['times'])} times.",
            "Take them from one forecast.",
        )
    if len(panel["past_times"]) != len(past):
        raise DataError(
            f"Each value of the past has one time; got {len(past)} values and {len(panel['past_times'])} times.",
            "Take them from one series.",
        )
    return quantiles, past


def _floats(values: ArrayLike) -> Array:
    return np.asarray(values, dtype=np.float64)


def _moments(times: Sequence[object]) -> list[Any]:
    """Points in time where all are written as such; else whole numbers."""
    texts = [str(time) for time in times]
    try:
        return [int(text) for text in texts]
    except ValueError:
        return [datetime.fromisoformat(f"{text}-01" if len(text) == 7 else text) for text in texts]
