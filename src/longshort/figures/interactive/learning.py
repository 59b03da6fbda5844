"""How a training went, epoch by epoch, as interactive charts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import plotly.graph_objects as go

from longshort.errors import DataError
from longshort.figures.history import measured
from longshort.figures.interactive.style import MAIN, MUTED, OTHER, inert, line_style, new_chart, number_axis

__all__ = ["curve_chart", "overlaid_curves"]

_LOSS = "nats per example"
_AXES = {"loss": f"loss, {_LOSS}", "accuracy": "share of right answers"}
_PARTS = {"train": ("training", OTHER), "validation": ("validation", MAIN)}

History = Sequence[Mapping[str, Any]]


def curve_chart(
    history: History, kind: Literal["loss", "accuracy"], best_epoch: int, *, loss: str = _LOSS
) -> go.Figure:
    """Loss or accuracy per epoch of the training and the validation part; what was not measured is not drawn.

    Args:
        history: one mapping per epoch: `epoch`, `train_loss` and so on; a value may be None.
        kind: which of them.
        best_epoch: the epoch to mark.
        loss: what the loss is counted in.

    Raises:
        DataError: nothing of that kind was measured.
    """
    lines = {part: measured(history, f"{part}_{kind}") for part in _PARTS}
    if not any(lines.values()):
        raise DataError(f"A learning curve needs an epoch whose {kind} was measured. Got none.")
    figure = new_chart(300, x="epoch", y=f"loss, {loss}" if kind == "loss" else _AXES[kind], legend=True)
    for part, points in lines.items():
        if points:
            name, color = _PARTS[part]
            figure.add_trace(_line(points, name, color))
    figure.add_vline(x=best_epoch, line={"color": MUTED, "dash": "dot", "width": 1.4})
    figure.update_xaxes(**number_axis(max(epoch["epoch"] for epoch in history)))
    return figure


def overlaid_curves(runs: Sequence[tuple[str, History]], key: str) -> go.Figure:
    """One quantity of several runs, epoch by epoch, in one chart.

    Args:
        runs: two of them: a name, and the history.
        key: which quantity, such as "validation_loss".

    Raises:
        DataError: no run has measured it.
    """
    lines = [(name, measured(history, key)) for name, history in runs]
    if not any(points for _, points in lines):
        raise DataError(f"A comparison of curves needs a run that has measured {key}. Got none.")
    figure = new_chart(300, x="epoch", y=_AXES[key.rpartition("_")[2]], legend=True)
    for (name, points), color in zip(lines, (MAIN, OTHER), strict=True):
        figure.add_trace(_line(points, inert(name), color))
    figure.update_xaxes(**number_axis(max(len(history) for _, history in runs)))
    return figure


def _line(points: Sequence[tuple[int, float]], name: str, color: str) -> go.Scatter:
    x, y = zip(*points, strict=True) if points else ((), ())
    return go.Scatter(
        x=x,
        y=y,
        name=name,
        hovertemplate="epoch %{x}: %{y:.4f}<extra>%{fullData.name}</extra>",
        **line_style(color, len(points)),
    )
