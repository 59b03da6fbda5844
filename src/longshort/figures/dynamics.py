"""How far the weights moved at an update, and how the gates stood, during a training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from longshort.errors import DataError
from longshort.evaluation.findings.layers import layer_names, layer_norms, layers_of
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, OTHER_LINE, LineStyle, new_figure, tidy
from longshort.plain import PlainMapping

__all__ = ["dynamics"]

RULE_OF_THUMB = 1e-3
"""An update of about a thousandth of the weights is neither timid nor wild (Karpathy, Johnson & Li, notes to CS231n,
"Ratio of weights:updates")."""

GATES = {"input": "how much comes in", "forget": "how much stays", "output": "how much is shown"}

STYLES = (MAIN_LINE, OTHER_LINE, LineStyle("#3f9b8a", "-.", "^"), LineStyle("#8e2c6b", ":", "D"))
"""Up to four lines differ in lightness, dash and marker; of more, the lightness follows their order."""

SHADES = "viridis"
"""For more lines: from dark to light, and so readable in grey."""

Moment = Mapping[str, Any]


def dynamics(history: Sequence[PlainMapping]) -> Figure:
    """Update per weight of each layer, and the mean opening of the gates of each LSTM layer, over the updates.

    Args:
        history: one mapping per epoch; what `longshort.training.statistics` put into any of them as `dynamics` is
            drawn.

    Raises:
        DataError: no update was measured.
    """
    recorded = [row["dynamics"] for row in history if row.get("dynamics")]
    moments = [moment for each in recorded for moment in each["moments"]]
    if not moments:
        raise DataError(
            "A figure of the dynamics needs an update that was measured. Got none.",
            "Train with statistics=True.",
        )
    layers = layers_of(recorded[0]["groups"])
    places = [layer for layer in dict.fromkeys(layers.values()) if layer not in layers]
    names = {layer: layer for layer in layers.values()} | layer_names(places)
    styles = dict(zip(names, _styles(len(names)), strict=True))
    figure = new_figure(10, 6.6) if places else new_figure(5.4, 4.2)
    figure.set_layout_engine("constrained", wspace=0.06, hspace=0.06)
    side = 2 if places else 1
    _draw_ratios(figure.add_subplot(side, side, 1), moments, layers, styles, names)
    for position, gate in enumerate(GATES if places else (), start=2):
        _draw_gate(figure.add_subplot(side, side, position), gate, moments, places, styles)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(
        handles,
        labels,
        loc="outside lower center",
        ncols=min(len(labels), 5),
        fontsize=9,
        labelcolor=INK,
        edgecolor=GRID,
    )
    return figure


def _styles(count: int) -> list[LineStyle]:
    if count <= len(STYLES):
        return list(STYLES[:count])
    shades = colormaps[SHADES]
    return [
        LineStyle(to_hex(shades(0.9 * place / (count - 1))), *_dash_and_marker(place % len(STYLES)))
        for place in range(count)
    ]


def _dash_and_marker(place: int) -> tuple[str, str]:
    return STYLES[place].dash, STYLES[place].marker


def _draw_ratios(
    axes: Axes,
    moments: Sequence[Moment],
    layers: Mapping[str, str],
    styles: Mapping[str, LineStyle],
    names: Mapping[str, str],
) -> None:
    tidy(axes, title="How far an update moves the weights", x="update", y="update / weights (norms)")
    axes.set_yscale("log")
    norms = [tuple(layer_norms(each, layers, key) for key in ("update", "weight")) for each in moments]
    for layer, style in styles.items():
        # On a scale of powers there is no 0: a learning rate that has come down to 0 has no point.
        points = [
            (each["step"], update[layer] / weight[layer])
            for each, (update, weight) in zip(moments, norms, strict=True)
            if update[layer] and weight[layer]
        ]
        x, y = zip(*points, strict=True) if points else ((), ())
        axes.plot(x, y, label=names[layer], **style.arguments(len(points)))
    axes.axhline(RULE_OF_THUMB, color=MUTED, linewidth=1.2, zorder=1, label="a thousandth, a rule of thumb")
    _count_updates(axes, moments)


def _draw_gate(
    axes: Axes, gate: str, moments: Sequence[Moment], places: Sequence[str], styles: Mapping[str, LineStyle]
) -> None:
    tidy(axes, title=f"{gate.capitalize()} gate: {GATES[gate]}", x="update", y="mean opening")
    axes.set_ylim(0, 1)
    for place in places:
        points = [(each["step"], each["gates"][place][gate]["mean"]) for each in moments if place in each["gates"]]
        x, y = zip(*points, strict=True) if points else ((), ())
        axes.plot(x, y, **styles[place].arguments(len(points)))
    _count_updates(axes, moments)


def _count_updates(axes: Axes, moments: Sequence[Moment]) -> None:
    first, last = moments[0]["step"], moments[-1]["step"]
    margin = max(0.5, 0.03 * (last - first))
    axes.set_xlim(first - margin, last + margin)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7, min_n_ticks=1))
    axes.xaxis.set_major_formatter("{x:,.0f}")
