"""What hidden units do: how much each is worth, when one fires, and a text coloured by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from longshort.errors import DataError
from longshort.figures.names import name_token
from longshort.figures.style import GRID, INK, MAIN_LINE, MUTED, OTHER_LINE, PALE, new_figure, tidy

__all__ = ["unit_page", "unit_ranking", "unit_strip"]

HIGH, LOW = "#f6b26b", "#8fb4dc"
"""Behind the words of high and of low values: ink is readable on both."""

MOST_BARS = 10
CHARACTERS, LINE = 112, 0.48
"""Characters per line of a strip, and its height in inches."""

MONO = "DejaVu Sans Mono"
BEFORE, AFTER = 46, 40
"""Characters shown on each side of a token in context."""

Row = Mapping[str, Any]


def unit_ranking(rows: Sequence[Row], changes: Sequence[float], *, title: str = "", top: int = 20) -> Figure:
    """How much worse the answers are without each unit: the foremost with intervals, and all of them in order.

    Args:
        rows: the ranked units, each with `unit` and an `ablation` of `loss_change`, `loss_interval` and `p_value`.
        changes: the change of the loss without each unit that was ablated.
        title: over both panels.
        top: units shown by name.

    Raises:
        DataError: nothing was ablated.
    """
    shown = [row for row in rows if row.get("ablation")][:top]
    if not shown or not len(changes):
        raise DataError("A figure of a ranking needs units that were ablated. Got none.", "Ablate them first.")
    figure = new_figure(10.5, 1.9 + 0.25 * max(len(shown), 8))
    named, every = figure.subplots(1, 2, width_ratios=[1.25, 1])
    _intervals(named, shown, changes)
    _all_changes(every, changes, len(shown))
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold", color=INK)
    return figure


def _intervals(axes: Axes, shown: Sequence[Row], changes: Sequence[float]) -> None:
    low, high = np.percentile(changes, [5, 95])
    axes.axvspan(low, high, color=GRID, zorder=0, label=f"nine in ten of {len(changes)} units")
    axes.axvline(0, color=MUTED, linewidth=1)
    for place, row in enumerate(shown):
        ablation = row["ablation"]
        certain = ablation["p_value"] < 0.05
        style = MAIN_LINE if certain else OTHER_LINE
        axes.plot(ablation["loss_interval"], [place, place], color=style.color, linewidth=1.8, zorder=2)
        marker: dict[str, Any] = {"mfc": style.color if certain else "white", "mec": style.color}
        axes.plot([ablation["loss_change"]], [place], style.marker, markersize=6, zorder=3, **marker)
    for certain, style in ((True, MAIN_LINE), (False, OTHER_LINE)):
        if any((row["ablation"]["p_value"] < 0.05) == certain for row in shown):
            face = style.color if certain else "white"
            name = "certain among so many" if certain else "may be chance"
            axes.plot([], [], color=style.color, marker=style.marker, markerfacecolor=face, label=name)
    axes.set_yticks(range(len(shown)), [row["unit"] for row in shown])
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    tidy(axes, title="The loss without each unit", x="rise of the loss, nats per text; 95 % interval", grid=False)
    axes.legend(fontsize=8.5, labelcolor=INK, edgecolor=GRID, loc="lower right")


def _all_changes(axes: Axes, changes: Sequence[float], top: int) -> None:
    ordered = np.sort(np.asarray(changes))[::-1]
    place = np.arange(1, len(ordered) + 1)
    axes.axhline(0, color=MUTED, linewidth=1)
    axes.bar(place, ordered, width=0.85, color=[MAIN_LINE.color if n <= top else PALE for n in place])
    tidy(axes, title=f"All {len(ordered)} units in order", x="rank", y="rise of the loss, nats per text")


def unit_page(report: Row, *, strip: tuple[Sequence[str], Sequence[float]] | None = None) -> Figure:
    """One unit: what it goes with, at which words it is high and low, and where it was highest and lowest.

    Args:
        report: a unit's report as plain data: `unit`, `correlations`, `high_words`, `low_words`, `highest`, `lowest`,
            `mean`, `deviation`, `ablation`.
        strip: the tokens of a text, and the unit's value at each, drawn below.
    """
    contexts = [("Its highest values", report["highest"], HIGH), ("Its lowest values", report["lowest"], LOW)]
    contexts = [each for each in contexts if each[1]]
    heights = [2.9, *(0.55 + 0.27 * len(found) for _, found, _ in contexts)]
    lines = list(_wrapped(*strip)) if strip else []
    if lines:
        heights.append(0.5 + LINE * len(lines))
    figure = new_figure(10.5, sum(heights) + 0.9)
    figure.suptitle(_heading(report), x=0.01, ha="left", fontsize=12, fontweight="bold", color=INK)
    grid = figure.add_gridspec(len(heights), 2, height_ratios=heights)
    _correlations(figure.add_subplot(grid[0, 0]), report["correlations"][:MOST_BARS])
    _words(figure.add_subplot(grid[0, 1]), report)
    for row, (name, found, color) in enumerate(contexts, start=1):
        _contexts(figure.add_subplot(grid[row, :]), name, found, color)
    if lines:
        _lines(figure.add_subplot(grid[len(heights) - 1, :]), lines, "One text, coloured by the unit")
    return figure


def _heading(report: Row) -> str:
    ablation, text = report["ablation"], f"Unit {report['unit']}"
    if ablation:
        low, high = ablation["loss_interval"]
        text += f": without it the loss changes by {ablation['loss_change']:+.4f} nats ({low:+.4f} to {high:+.4f})"
    return text


def _correlations(axes: Axes, found: Sequence[Row]) -> None:
    axes.axvline(0, color=MUTED, linewidth=1)
    for place, each in enumerate(found):
        low, high = each["interval"]
        axes.barh(place, each["r"], height=0.62, color=PALE if each["p_value"] < 0.001 else "white", edgecolor=MUTED)
        axes.plot([low, high], [place, place], color=MAIN_LINE.color, linewidth=1.6)
    axes.set_yticks(range(len(found)), [name_token(each["property"]) for each in found], parse_math=False)
    axes.set_ylim(max(len(found), 1) - 0.4, -0.6)
    axes.set_xlim(-1.02, 1.02)
    tidy(axes, title="What it goes with", x="correlation, with 95 % interval; filled where certain", grid=False)


def _words(axes: Axes, report: Row) -> None:
    high, low = list(report["high_words"]), list(report["low_words"])[::-1]
    low = [each for each in low if each not in high]
    words = [*high, *low]
    axes.axvline(report["mean"], color=MUTED, linewidth=1, linestyle="--")
    for place, each in enumerate(words):
        color = HIGH if place < len(high) else LOW
        axes.barh(place, each["mean"] - report["mean"], left=report["mean"], height=0.68, color=color, edgecolor=MUTED)
    axes.set_yticks(range(len(words)), [name_token(each["word"], 16) for each in words], parse_math=False, fontsize=8)
    axes.set_ylim(max(len(words), 1) - 0.4, -0.6)
    tidy(axes, title="At which words it is high and low", x="mean value after the word; dashed: of all", grid=False)


def _contexts(axes: Axes, name: str, found: Sequence[Row], color: str) -> None:
    _blank(axes, name, len(found))
    axes.set_xlim(-BEFORE - 9, AFTER + 20)
    for place, each in enumerate(found):
        style: dict[str, Any] = {"va": "center", "fontsize": 8.5, "parse_math": False, "family": MONO}
        token = name_token(each["token"], 18)
        box = {"facecolor": color, "edgecolor": "none", "pad": 1.6}
        axes.text(-BEFORE - 9, place, f"{each['value']:+.2f}", color=MUTED, **style)
        axes.text(-0.8, place, _tail(each["before"], BEFORE), ha="right", color=INK, **style)
        axes.text(0, place, token, color=INK, fontweight="bold", bbox=box, **style)
        axes.text(len(token) + 0.8, place, _head(each["after"], AFTER), color=INK, **style)


def unit_strip(tokens: Sequence[str], values: Sequence[float], *, title: str = "") -> Figure:
    """A text with the value of one unit at each token: a bar that points up where it is high and down where it is low.

    Args:
        tokens: as they are written.
        values: one for each, from -1 to 1.
        title: above.

    Raises:
        DataError: there are no tokens, or not as many values.
    """
    if not len(tokens) or len(tokens) != len(values):
        raise DataError(
            f"A coloured text needs a value for each of its tokens. Got {len(tokens)} tokens and {len(values)} values."
        )
    lines = list(_wrapped(tokens, values))
    figure = new_figure(10.5, 0.7 + LINE * len(lines))
    _lines(figure.add_subplot(), lines, title)
    return figure


def _wrapped(tokens: Sequence[str], values: Sequence[float]) -> Iterator[list[tuple[int, str, float]]]:
    """The tokens line by line, each with the column where it starts."""
    line: list[tuple[int, str, float]] = []
    column = 0
    for token, value in zip(tokens, values, strict=True):
        name = name_token(token, 24)
        if column + len(name) > CHARACTERS and line:
            yield line
            line, column = [], 0
        line.append((column, name, value))
        column += len(name) + 1
    if line:
        yield line


def _lines(axes: Axes, lines: Sequence[Sequence[tuple[int, str, float]]], title: str) -> None:
    largest = max(abs(value) for line in lines for _, _, value in line) or 1.0
    _blank(axes, f"{title} (from {-largest:.2f}, blue and hanging, to {largest:.2f}, orange and rising)", len(lines))
    axes.set_xlim(-0.5, CHARACTERS + 1)
    for row, line in enumerate(lines):
        for column, name, value in line:
            color = HIGH if value > 0 else LOW
            share = value / largest
            axes.add_patch(
                Rectangle((column - 0.4, row - 0.42), len(name) + 0.8, 0.5, color=color, alpha=abs(share), lw=0)
            )
            axes.add_patch(Rectangle((column - 0.1, row + 0.27), len(name) + 0.2, -0.17 * share, color=MUTED, lw=0))
            axes.text(column, row - 0.17, name, va="center", fontsize=9, family=MONO, color=INK, parse_math=False)
        axes.plot([-0.1, CHARACTERS], [row + 0.27] * 2, color=GRID, linewidth=0.8, zorder=0)


def _blank(axes: Axes, title: str, rows: int) -> None:
    """Axes that hold lines of text, from the top down."""
    axes.set_title(title, loc="left", fontsize=11, fontweight="bold", color=INK)
    axes.set_axis_off()
    axes.set_ylim(rows - 0.4, -0.6)


def _tail(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else "…" + line[-longest + 1 :]


def _head(text: str, longest: int) -> str:
    line = " ".join(text.split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
