"""How two kinds of network fare on problems of memory, beside chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from longshort.errors import DataError
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, OTHER_LINE, LineStyle, new_figure, tidy

__all__ = ["problem_curves", "problem_lengths"]

_NETWORKS: dict[str, tuple[str, LineStyle]] = {"lstm": ("LSTM", MAIN_LINE), "rnn": ("plain RNN", OTHER_LINE)}
_ROOM = 1.25
"""Limits of an axis, in multiples of chance."""

Row = Mapping[str, Any]


def problem_curves(problems: Mapping[str, Row], attempts: Sequence[Row]) -> Figure:
    """The score during each training: one row per problem, one panel per length, one line per network and seed.

    Args:
        problems: by name: `measure`, `chance`, `solved`.
        attempts: one mapping each: `problem`, `network`, `length`, `seed`, `solved`, and `points`, each a `step` and a
            `score`.

    Raises:
        DataError: no attempts.
    """
    lengths = _lengths(attempts)
    figure = new_figure(max(2.5 * len(lengths) + 0.8, 5.4), 2.5 * len(problems) + 0.9)
    grid = figure.subplots(len(problems), len(lengths), squeeze=False, sharey="row")
    for row, (name, problem) in enumerate(problems.items()):
        for column, length in enumerate(lengths):
            axes = grid[row, column]
            here = [each for each in attempts if (each["problem"], each["length"]) == (name, length)]
            _panel(axes, problem, here)
            title = f"{name.capitalize()}, length {length:,}" if column == 0 else f"length {length:,}"
            tidy(axes, title=title, x="step" if row == len(problems) - 1 else "", y=problem["measure"] * (column == 0))
    _legend(figure, grid[0, 0])
    return figure


def problem_lengths(problems: Mapping[str, Row], attempts: Sequence[Row]) -> Figure:
    """The score at the end by length, one panel per problem: the median over the seeds, and every seed as a point.

    Args:
        problems: by name: `measure`, `chance`, `solved`.
        attempts: one mapping each: `problem`, `network`, `length`, `score`.

    Raises:
        DataError: no attempts.
    """
    lengths = _lengths(attempts)
    figure = new_figure(3.8 * len(problems) + 1.2, 3.9)
    grid = figure.subplots(1, len(problems), squeeze=False)
    for axes, (name, problem) in zip(grid[0], problems.items(), strict=True):
        scores = [each["score"] for each in attempts if each["problem"] == name]
        _chance(axes, problem, highest=1.05 * max(scores))
        for network, (label, style) in _NETWORKS.items():
            own = [each for each in attempts if (each["problem"], each["network"]) == (name, network)]
            at = {size: [each["score"] for each in own if each["length"] == size] for size in lengths}
            known = {size: scores for size, scores in at.items() if scores}
            if known:
                axes.plot(list(known), [median(each) for each in known.values()], label=label, **style.arguments(1))
                spread = [(size, score) for size, scores in known.items() for score in scores]
                axes.plot(*zip(*spread, strict=True), style.marker, color=style.color, markersize=3, alpha=0.5)
        axes.set_xscale("log")
        axes.set_xticks(lengths, [f"{length:,}" for length in lengths])
        axes.minorticks_off()
        tidy(axes, title=name.capitalize(), x="length of the sequences", y=problem["measure"])
    _legend(figure, grid[0, 0])
    return figure


def _panel(axes: Axes, problem: Row, attempts: Sequence[Row]) -> None:
    _chance(axes, problem)
    for network, (label, style) in _NETWORKS.items():
        for number, each in enumerate(each for each in attempts if each["network"] == network):
            steps, scores = zip(*((point["step"], point["score"]) for point in each["points"]), strict=True)
            shown = dict(style.arguments(len(steps)), marker="", linewidth=1.4)
            axes.plot(steps, scores, label=label if number == 0 else None, **shown)
            if each["solved"]:
                axes.plot(steps[-1], scores[-1], style.marker, color=style.color, markersize=5)


def _chance(axes: Axes, problem: Row, highest: float = 0.0) -> None:
    axes.axhline(problem["chance"], color=MUTED, linestyle=":", linewidth=1.4, label="chance: no memory")
    axes.set_ylim(-0.04 * problem["chance"], max(_ROOM * problem["chance"], highest))


def _legend(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    arguments: dict[str, Any] = {"loc": "outside lower center", "ncols": len(labels), "fontsize": 9}
    figure.legend(handles, labels, labelcolor=INK, edgecolor=GRID, **arguments)


def _lengths(attempts: Sequence[Row]) -> list[int]:
    if not attempts:
        raise DataError("A figure of memory problems needs at least one attempt. Got none.")
    return sorted({each["length"] for each in attempts})
