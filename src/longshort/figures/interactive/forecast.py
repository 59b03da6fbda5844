"""Forecasts as interactive charts: forecast beside actual values, and how the error grows with the distance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from longshort.errors import DataError
from longshort.figures.interactive.style import BAND, INK, MAIN, MUTED, OTHER, inert, line_style, new_chart, number_axis
from longshort.plain import PlainMapping

__all__ = ["error_by_step", "forecast_chart"]


def forecast_chart(panel: PlainMapping, levels: Sequence[float], *, target: str = "value") -> go.Figure:
    """History, median and the widest band of quantiles of one series, and the truth if it is known.

    Args:
        panel: as `longshort.figures.forecast.forecast` takes it; of the past, all is drawn.
        levels: rising, 0.5 among them.
        target: what the axis is called.

    Raises:
        DataError: quantiles that are not `(steps ahead, levels)`.
    """
    table, times = np.asarray(panel["quantiles"], dtype=np.float64), list(panel["times"])
    if table.shape != (len(times), len(levels)):
        raise DataError(f"Quantiles must be {(len(times), len(levels))}, steps ahead and levels. Got {table.shape}.")
    figure = new_chart(340, y=inert(target, 40), legend=True, hovermode="x unified")
    low, high = table[:, 0], table[:, -1]
    if len(levels) > 1:
        name = f"{100 * (levels[-1] - levels[0]):.3g} % band"
        edge: dict[str, Any] = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        figure.add_trace(go.Scatter(x=times, y=low, showlegend=False, **edge))
        figure.add_trace(go.Scatter(x=times, y=high, name=name, fill="tonexty", fillcolor=BAND, **edge))
    hover = "%{y:.5g}<extra>%{fullData.name}</extra>"
    past = list(panel["past"])
    quiet = {"mode": "lines", "line": {"color": MUTED, "width": 1.6}}
    figure.add_trace(go.Scatter(x=list(panel["past_times"]), y=past, name="history", hovertemplate=hover, **quiet))
    median = table[:, list(levels).index(0.5)]
    style = line_style(MAIN, len(times))
    figure.add_trace(go.Scatter(x=times, y=median, name="forecast (median)", hovertemplate=hover, **style))
    if panel.get("truth") is not None:
        came = {"mode": "lines", "line": {"color": INK, "dash": "dash", "width": 1.8}}
        figure.add_trace(go.Scatter(x=times, y=list(panel["truth"]), name="actual", hovertemplate=hover, **came))
    return figure


def error_by_step(errors: Mapping[str, ArrayLike], *, unit: str = "value") -> go.Figure:
    """Mean absolute error over the steps ahead, of the model and of its baselines.

    Args:
        errors: `(horizon,)` each, by name; the first is the model's.
        unit: what the error is counted in.

    Raises:
        DataError: there is none.
    """
    if not errors:
        raise DataError("Errors by step need at least one forecast. Got none.")
    figure = new_chart(320, x="steps ahead", y=f"mean absolute error, {inert(unit, 30)}", legend=True)
    shades = [MAIN, OTHER, MUTED]
    for place, (name, values) in enumerate(errors.items()):
        found = np.asarray(values, dtype=np.float64)
        style = line_style(shades[min(place, 2)], len(found))
        if place > 2:
            style["marker"] |= {"symbol": ("cross", "x", "triangle-up")[(place - 3) % 3]}
        figure.add_trace(
            go.Scatter(
                x=np.arange(1, len(found) + 1),
                y=found,
                name=inert(name),
                hovertemplate="%{x} ahead: %{y:.4g}<extra>%{fullData.name}</extra>",
                **style,
            )
        )
    figure.update_xaxes(**number_axis(max(len(np.asarray(values)) for values in errors.values())))
    figure.update_yaxes(rangemode="tozero")
    return figure
