"""How far the weights moved and how the gates stood during a training, as interactive charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import plotly.graph_objects as go

from longshort.errors import DataError
from longshort.figures.interactive.style import INK, MAIN, MUTED, OTHER, inert, new_chart
from longshort.plain import Plain

__all__ = ["gate_openings", "update_ratios"]

COLORS, DASHES, SYMBOLS = (
    (MAIN, OTHER, INK, MUTED),
    ("solid", "dash", "dot", "dashdot", "longdash"),
    ("circle", "square", "diamond", "cross", "triangle-up", "x", "star"),
)
"""Dash patterns of different lengths, so that many lines differ in at least one."""

RULE_OF_THUMB = 1e-3
"""An update of about a thousandth of the weights is neither timid nor wild (Karpathy, notes to CS231n)."""

Points = Sequence[tuple[int, float]]


def update_ratios(series: Mapping[str, Points]) -> go.Figure:
    """The norm of an update over the norm of the weights, update by update.

    Args:
        series: for each layer, by what it is called, the update and the ratio.

    Raises:
        DataError: there is no point.
    """
    figure = _lines(series, "update / weights (norms)", lambda ratio: ratio > 0, ".1e")
    figure.add_hline(y=RULE_OF_THUMB, line={"color": MUTED, "width": 1.2, "dash": "dot"})
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    return figure


def gate_openings(series: Mapping[str, Points]) -> go.Figure:
    """The mean opening of each gate, from 0, shut, to 1, open, update by update.

    Args:
        series: for each gate, by what it is called, the update and the mean opening.

    Raises:
        DataError: there is no point.
    """
    figure = _lines(series, "mean opening", lambda _: True, ".3f")
    figure.update_yaxes(range=[0, 1])
    return figure


def _lines(series: Mapping[str, Points], y: str, drawn: Callable[[float], bool], form: str) -> go.Figure:
    if not any(series.values()):
        raise DataError("A chart of the dynamics needs an update that was measured. Got none.")
    figure = new_chart(340, x="update", y=y, legend=True)
    for place, (name, points) in enumerate(series.items()):
        # On a scale of powers there is no 0: a learning rate that has come down to 0 has no point.
        kept = [each for each in points if drawn(each[1])]
        figure.add_trace(
            go.Scatter(
                x=[x for x, _ in kept],
                y=[value for _, value in kept],
                name=inert(name),
                hovertemplate=f"update %{{x}}: %{{y:{form}}}<extra>%{{fullData.name}}</extra>",
                **_style(place, len(kept)),
            )
        )
    return figure


def _style(place: int, points: int) -> Plain:
    color = COLORS[place % len(COLORS)]
    return {
        "mode": "lines+markers" if points <= 40 else "lines",
        "line": {"color": color, "dash": DASHES[place % len(DASHES)], "width": 2},
        "marker": {"color": color, "symbol": SYMBOLS[place % len(SYMBOLS)], "size": 6},
    }
