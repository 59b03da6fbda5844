"""How the answers are, as interactive charts: what is taken for what, and what a confidence is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import ArrayLike

from longshort.errors import DataError
from longshort.figures.interactive.gates import SEQUENTIAL
from longshort.figures.interactive.style import MAIN, MUTED, PALE, inert, line_style, new_chart
from longshort.plain import Plain

__all__ = ["answers_chart", "calibration_chart", "confusion_chart"]

NAMES_FIT = 40
"""Classes up to which each has its name beside the matrix."""


def confusion_chart(matrix: ArrayLike, labels: Sequence[str]) -> go.Figure:
    """The confusion matrix: rows are the truth, columns the answers, shaded by the share of the row.

    Args:
        matrix: counts, `(classes, classes)` int.
        labels: names of the classes.

    Raises:
        DataError: the matrix is not `(classes, classes)`.
    """
    counts, size = np.asarray(matrix), len(labels)
    if size == 0 or counts.shape != (size, size):
        raise DataError(f"A confusion matrix of {size} labels must have the shape {(size, size)}. Got {counts.shape}.")
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, totals, out=np.zeros(counts.shape), where=totals > 0)
    # A number keeps apart what two long names have in common.
    names = [f"{place + 1} {inert(label, 22)}" for place, label in enumerate(labels)]
    figure = new_chart(min(160 + 26 * size, 900), x="answer", y="truth", dragmode="zoom")
    figure.add_trace(
        go.Heatmap(
            z=np.round(shares, 4),
            x=names,
            y=names,
            customdata=counts,
            zmin=0,
            zmax=1,
            colorscale=SEQUENTIAL,
            hovertemplate="truth %{y}<br>answer %{x}<br>%{customdata:,} texts, %{z:.1%} of the row<extra></extra>",
            colorbar=_share_bar(),
        )
    )
    figure.update_xaxes(type="category", fixedrange=False, showticklabels=size <= NAMES_FIT, tickangle=-45)
    figure.update_yaxes(type="category", fixedrange=False, showticklabels=size <= NAMES_FIT, autorange="reversed")
    return figure


def _share_bar() -> Plain:
    return {"thickness": 12, "outlinewidth": 0, "tickformat": ".0%", "tickvals": [0, 0.5, 1], "len": 0.8}


def calibration_chart(bins: Sequence[Mapping[str, float]]) -> go.Figure:
    """What a confidence is worth: accuracy over confidence above, the number of answers below.

    Args:
        bins: mappings of `lower`, `upper`, `count`, `confidence` and `accuracy`, all but `count` from 0 to 1.

    Raises:
        DataError: no bin holds an answer.
    """
    filled = [each for each in bins if each["count"]]
    if not filled:
        raise DataError("A calibration chart needs at least one answer. Got none.", "Give the bins of a test split.")
    figure = new_chart(380, y="accuracy", legend=True)
    start = max(0.0, min(each["lower"] for each in filled) - 0.02)
    ideal = {"mode": "lines", "line": {"color": MUTED, "dash": "dot", "width": 1.6}, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=[start, 1], y=[start, 1], name="as sure as it is right", **ideal))
    figure.add_trace(
        go.Scatter(
            x=[each["confidence"] for each in filled],
            y=[each["accuracy"] for each in filled],
            customdata=[each["count"] for each in filled],
            name="what it reaches",
            hovertemplate="%{customdata:,} answers: %{x:.3f} sure, %{y:.3f} right<extra></extra>",
            **line_style(MAIN, len(filled)),
        )
    )
    figure.add_trace(_answers(filled))
    figure.update_layout(
        xaxis={"range": [start, 1.02], "anchor": "y2", "title": {"text": "confidence"}},
        yaxis={"domain": [0.36, 1], "range": [-0.02, 1.04], "tickformat": ".1f"},
        yaxis2={**figure.layout.yaxis.to_plotly_json(), "domain": [0, 0.24], "nticks": 3},
    )
    figure.layout.yaxis2.title.text = "answers"
    return figure


def _answers(filled: Sequence[Mapping[str, float]]) -> go.Bar:
    return go.Bar(
        x=[(each["lower"] + each["upper"]) / 2 for each in filled],
        y=[each["count"] for each in filled],
        width=[0.94 * (each["upper"] - each["lower"]) for each in filled],
        yaxis="y2",
        marker={"color": PALE, "line": {"color": MAIN, "width": 1}},
        showlegend=False,
        hovertemplate="%{y:,} answers<extra></extra>",
    )


def answers_chart(truth: ArrayLike, answered: ArrayLike, names: Sequence[str]) -> go.Figure:
    """Each answer of a regression over its truth.

    Args:
        truth: `(examples,)`.
        answered: `(examples,)`.
        names: what each example is known by.

    Raises:
        DataError: not one answer and name for each truth, or none.
    """
    came, said = np.asarray(truth, dtype=np.float64), np.asarray(answered, dtype=np.float64)
    if came.ndim != 1 or came.shape != said.shape or len(names) != len(came) or not len(came):
        raise DataError(f"Answers need a truth and a name each. Got {said.shape}, {came.shape} and {len(names)} names.")
    figure = new_chart(420, x="truth", y="answer")
    ends = [float(min(came.min(), said.min())), float(max(came.max(), said.max()))]
    ideal = {"mode": "lines", "line": {"color": MUTED, "dash": "dot", "width": 1.6}, "hoverinfo": "skip"}
    figure.add_trace(go.Scatter(x=ends, y=ends, **ideal))
    figure.add_trace(
        go.Scatter(
            x=came,
            y=said,
            mode="markers",
            marker={"color": MAIN, "size": 6, "opacity": min(1.0, max(0.2, 100 / len(came)))},
            text=[inert(name) for name in names],
            hovertemplate="%{text}<br>truth %{x:.5g}<br>answer %{y:.5g}<extra></extra>",
        )
    )
    return figure
