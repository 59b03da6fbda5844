"""What hidden units are worth, as an interactive chart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from longshort.errors import DataError
from longshort.figures.interactive.style import BAND, MAIN, MUTED, OTHER, inert, new_chart
from longshort.plain import PlainMapping

__all__ = ["ranking_chart"]


def ranking_chart(units: Sequence[PlainMapping], changes: Sequence[float]) -> go.Figure:
    """The rise of the loss without each unit, with its interval, beside that of nine in ten units.

    Args:
        units: the ranked ones, each with `unit`, `sentence` and an `ablation` of `loss_change`, `loss_interval` and
            `p_value`.
        changes: the change of the loss without each unit that was ablated.

    Raises:
        DataError: nothing was ablated.
    """
    shown = [unit for unit in units if unit["ablation"]]
    if not shown or not len(changes):
        raise DataError("A chart of a ranking needs units that were ablated. Got none.", "Ablate them first.")
    figure = new_chart(96 + 26 * len(shown), x="rise of the loss without it, nats per text", legend=True)
    low, high = np.percentile(changes, [5, 95])
    figure.add_vrect(x0=float(low), x1=float(high), fillcolor=BAND, line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": MUTED, "width": 1})
    for certain, name, color in ((True, "certain among so many", MAIN), (False, "may be chance", OTHER)):
        part = [unit for unit in shown if (unit["ablation"]["p_value"] < 0.05) == certain]
        if part:
            figure.add_trace(_points(part, name, color, filled=certain))
    order = [inert(unit["unit"]) for unit in shown]
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=order, autorange="reversed", showgrid=False
    )
    figure.update_xaxes(showgrid=True)
    return figure


def _points(units: Sequence[PlainMapping], name: str, color: str, *, filled: bool) -> go.Scatter:
    found = [unit["ablation"] for unit in units]
    return go.Scatter(
        x=[each["loss_change"] for each in found],
        y=[inert(unit["unit"]) for unit in units],
        error_x={
            "array": [each["loss_interval"][1] - each["loss_change"] for each in found],
            "arrayminus": [each["loss_change"] - each["loss_interval"][0] for each in found],
            "color": color,
            "thickness": 1.8,
            "width": 0,
        },
        mode="markers",
        marker={"color": color, "size": 8, "symbol": "circle" if filled else "square-open"},
        customdata=[list(each["loss_interval"]) for each in found],
        name=name,
        hovertemplate="unit %{y}: %{x:+.4f}, %{customdata[0]:+.4f} to %{customdata[1]:+.4f}<extra></extra>",
    )
