"""How long a model remembers, as interactive charts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from longshort.errors import DataError
from longshort.figures.interactive.style import BAND, INK, MAIN, MUTED, OTHER, PALE, new_chart
from longshort.plain import PlainMapping

__all__ = ["half_life_chart", "horizon_chart"]

_LINES: dict[str, dict[str, Any]] = {
    "trained": {"color": MAIN, "width": 2.6, "dash": "solid"},
    "start": {"color": OTHER, "width": 2.2, "dash": "dash"},
    "plain": {"color": INK, "width": 1.8, "dash": "dot"},
    "plain_orthogonal": {"color": MUTED, "width": 1.8, "dash": "dashdot"},
}

LEAST = 1e-8
"""Shares below are not drawn: nothing is left there."""

BINS = 24

TICKS = [part * 10.0**power for power in range(-4, 7) for part in (1, 2, 5)]


def horizon_chart(curves: Mapping[str, PlainMapping], names: Mapping[str, str]) -> go.Figure:
    """What is left of the gradient, lag by lag, on a scale of powers of ten.

    Args:
        curves: for each model `share_median`, `share_low` and `share_high`, a number or None for each lag.
        names: what each model is called.

    Raises:
        DataError: there is no curve.
    """
    shown = {name: curve for name, curve in curves.items() if name in _LINES}
    if not shown:
        raise DataError("A chart of the horizon needs the curve of a model. Got none.")
    figure = new_chart(400, x="tokens back", y="share of the gradient that is left", legend=True)
    for name, curve in shown.items():
        if name == "trained":
            _add_band(figure, curve)
        median = _drawn(curve["share_median"])
        figure.add_trace(
            go.Scatter(
                x=list(range(len(median))),
                y=median,
                name=names[name],
                mode="lines",
                line=_LINES[name],
                hovertemplate="%{x} back: %{y:.2%}<extra>%{fullData.name}</extra>",
            )
        )
    figure.update_yaxes(type="log", exponentformat="power", dtick=1)
    figure.update_xaxes(rangemode="tozero")
    return figure


def _add_band(figure: go.Figure, curve: PlainMapping) -> None:
    """The quartiles, as an area behind the lines."""
    low, high = _drawn(curve["share_low"]), _drawn(curve["share_high"])
    pairs = [(lag, ends) for lag, ends in enumerate(zip(low, high, strict=True)) if None not in ends]
    lags = [lag for lag, _ in pairs]
    figure.add_trace(
        go.Scatter(
            x=[*lags, *reversed(lags)],
            y=[*(ends[0] for _, ends in pairs), *(ends[1] for _, ends in reversed(pairs))],
            fill="toself",
            fillcolor=BAND,
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            name="half of the texts",
        )
    )


def _drawn(shares: Sequence[float | None]) -> list[float | None]:
    return [share if share is not None and share > LEAST else None for share in shares]


def half_life_chart(half_lives: Mapping[str, Sequence[float | None]], names: Mapping[str, str]) -> go.Figure:
    """How many units hold on for how long, as trained and at the start.

    Args:
        half_lives: steps, one for each unit, by model; None for one that never forgets.
        names: what each model is called.

    Raises:
        DataError: there is no finite half-life.
    """
    finite = {name: [each for each in lives if each] for name, lives in half_lives.items()}
    every = [each for lives in finite.values() for each in lives]
    if not every:
        raise DataError("A chart of half-lives needs one that is finite and not 0. Got none.")
    low, high = math.floor(4 * math.log10(min(every))) / 4, math.ceil(4 * math.log10(max(every))) / 4
    edges = np.logspace(low, max(high, low + 0.25), BINS + 1)
    figure = new_chart(300, x="half-life, tokens", y="units", legend=len(finite) > 1)
    for (name, lives), (color, fill) in zip(finite.items(), ((MAIN, PALE), (OTHER, "rgba(0,0,0,0)")), strict=False):
        counts = np.histogram(lives, edges)[0]
        figure.add_trace(
            go.Scatter(
                x=np.repeat(edges, 2)[1:-1],
                y=np.repeat(counts, 2),
                name=names[name],
                mode="lines",
                fill="tozeroy",
                fillcolor=fill,
                line={"color": color, "width": 1.8, "dash": "solid" if color == MAIN else "dash"},
                hovertemplate="about %{x:.2g} tokens: %{y} units<extra>%{fullData.name}</extra>",
            )
        )
    ticks = [tick for tick in TICKS if edges[0] * 0.999 <= tick <= edges[-1] * 1.001]
    figure.update_xaxes(type="log", tickvals=ticks, ticktext=[f"{tick:,g}" for tick in ticks])
    return figure
