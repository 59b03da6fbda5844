"""An interactive chart as a part of a page, with the words and the numbers that say the same without it."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
from markupsafe import Markup, escape
from plotly.utils import PlotlyJSONEncoder

from longshort.pages import view as pages

__all__ = ["Chart", "figure_html", "script_json"]

DOTS_PER_INCH = 150
"""The resolution of the PNG files; a browser's pixel is a 96th of an inch."""

ROAM = "Point at a cell for its step, its unit and the value of every gate; the arrow keys move from cell to cell."

_INERT = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"})


@dataclass(frozen=True)
class Chart:
    """One chart.

    Args:
        name: different from that of any other chart of the page.
        figure: of `figures.interactive`.
        summary: what it shows, in words, with the numbers that matter.
        caption: stands below it.
        title: stands above it; nothing if the heading of the section says it.
        columns: of the table of its numbers.
        rows: of that table; there is none without rows.
        picture: a PNG file that shows the same, for a browser that runs no script.
        roams: whether the keyboard moves a cursor over it, value by value.
    """

    name: str
    figure: go.Figure
    summary: str
    caption: str = ""
    title: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[Any]] = field(default=())
    picture: Path | None = None
    roams: bool = False


def figure_html(chart: Chart) -> Markup:
    """The chart as a `<figure>`: its data as JSON, its words, and its numbers as a table to unfold."""
    height = chart.figure.layout.height
    role = "application" if chart.roams else "img"
    summary = pages.visible(chart.summary)
    parts = [
        Markup('<figure class="chart">'),
        Markup("<h4>{}</h4>").format(pages.visible(chart.title)) if chart.title else "",
        Markup(
            '<div class="plot" id="plot-{}" data-chart="data-{}" style="height:{}px" tabindex="0" role="{}" '
            'aria-label="{}"></div>'
        ).format(chart.name, chart.name, height, role, summary),
        Markup('<output class="readout" id="read-{}" for="plot-{}">{}</output>').format(chart.name, chart.name, ROAM)
        if chart.roams
        else "",
        Markup('<script type="application/json" id="data-{}">{}</script>').format(
            chart.name, script_json(chart.figure)
        ),
        _picture(chart.picture, summary) if chart.picture and chart.picture.is_file() else _words(summary),
        Markup("<figcaption>{}</figcaption>").format(pages.visible(chart.caption)) if chart.caption else "",
        _table(chart),
        Markup("</figure>\n"),
    ]
    return Markup("\n").join(part for part in parts if part)


def script_json(figure: go.Figure) -> Markup:
    """A figure as JSON that cannot end the script element that it stands in, nor be taken for HTML."""
    content = json.dumps(figure.to_plotly_json(), cls=PlotlyJSONEncoder, separators=(",", ":"))
    return Markup(content.translate(_INERT))


def _picture(path: Path, words: object) -> Markup:
    content = path.read_bytes()
    # A PNG file has its width in the bytes 16 to 19.
    pixels = int.from_bytes(content[16:20], "big")
    return Markup('<noscript><img src="data:image/png;base64,{}" width="{}" alt="{}"></noscript>').format(
        base64.b64encode(content).decode(), round(pixels * 96 / DOTS_PER_INCH), words
    )


def _words(words: object) -> Markup:
    return Markup("<noscript><p>{}</p></noscript>").format(words)


def _table(chart: Chart) -> Markup:
    if not chart.rows:
        return Markup("")
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(column) for column in chart.columns)
    body = Markup("\n").join(_row(row) for row in chart.rows)
    return Markup(
        '<details class="numbers"><summary>In numbers</summary>\n<div class="scroll" tabindex="0" role="region" '
        'aria-label="In numbers: {}">\n<table><thead><tr>{}</tr></thead>\n<tbody>\n{}\n</tbody></table>\n'
        "</div></details>"
    ).format(chart.name.replace("-", " "), head, body)


def _row(row: Sequence[object]) -> Markup:
    first, *rest = row
    cells = Markup("").join(_cell(each) for each in rest)
    return Markup('<tr><th scope="row"><bdi>{}</bdi></th>{}</tr>').format(_text(first), cells)


def _cell(value: object) -> Markup:
    if isinstance(value, str):
        return Markup("<td><bdi>{}</bdi></td>").format(_text(value))
    return Markup('<td class="n">{}</td>').format(_text(value))


def _text(value: object) -> Markup:
    if value is None:
        return Markup("–")
    if isinstance(value, float):
        return escape(f"{value:.4g}")
    return escape(f"{value:,}" if isinstance(value, int) else pages.visible(value))
