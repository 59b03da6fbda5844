"""How every interactive chart looks, and how a text from data becomes inert in one.

A chart is a plotly figure of plain data. Its colours are names of CSS variables, such as `var(--ink)`, which the page
puts in place: light, dark or on paper. As in `figures.style`, lines differ in dash and marker as well as in hue.

plotly reads a small HTML (`<b>`, `<a href>`, `<br>`) in every text that it writes. So a text from data enters a figure
through `inert` alone, and a hover template is a constant.
"""

from __future__ import annotations

import re

import plotly.graph_objects as go

from longshort.figures.names import shorten
from longshort.plain import Plain

__all__ = [
    "BAND",
    "INK",
    "LINE",
    "MAIN",
    "MUTED",
    "OTHER",
    "PALE",
    "axis",
    "inert",
    "line_style",
    "new_chart",
    "number_axis",
]

INK, MUTED, LINE = "var(--ink)", "var(--muted)", "var(--line)"
MAIN, OTHER, PALE, BAND = "var(--main)", "var(--other)", "var(--pale)", "var(--band)"

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif'
LONGEST = 60

_DASHES = {MAIN: ("solid", "circle"), OTHER: ("dash", "square"), MUTED: ("dot", "diamond")}

# Control characters, marks that turn the direction of writing round, and halves of characters.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def inert(text: str, longest: int = LONGEST) -> str:
    """A text from data as plotly writes it letter by letter: one line, cut, its unseen characters as codes."""
    seen = _UNSEEN.sub(lambda match: " " if match[0] in "\t\n\r" else f"\\u{ord(match[0]):04x}", text)
    return shorten(seen, longest).translate(_ENTITIES)


def axis(name: str) -> Plain:
    """An axis as it is drawn unless a chart says otherwise."""
    return {
        "title": {"text": name, "font": {"color": MUTED, "size": 13}, "standoff": 8},
        "color": MUTED,
        "gridcolor": LINE,
        "linecolor": MUTED,
        "zeroline": False,
        "automargin": True,
        "tickfont": {"color": INK, "size": 12},
        "fixedrange": True,
    }


def new_chart(height: int, *, x: str = "", y: str = "", legend: bool = False, **layout: object) -> go.Figure:
    """A chart without data.

    Args:
        height: in CSS pixels; the width is that of the page.
        x: the name of the horizontal axis.
        y: the name of the vertical axis.
        legend: whether there is one, in a line above.
        layout: further parts of plotly's layout, each in place of what stands here.
    """
    plain = {
        "template": {},
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 34 if legend else 10, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 13, "color": INK},
        "showlegend": legend,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "font": {"size": 13, "color": INK}},
        "hoverlabel": {"bgcolor": "var(--raised)", "bordercolor": LINE, "font": {"color": INK, "size": 13}},
        "hovermode": "closest",
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": MUTED, "activecolor": INK},
        "dragmode": False,
        "xaxis": axis(x) | {"showgrid": False, "showline": True},
        "yaxis": axis(y),
    }
    # All at once: plotly takes ten times as long for a figure that is updated part by part.
    return go.Figure(layout=plain | layout)


def line_style(color: str, points: int) -> Plain:
    """Arguments of a line of `go.Scatter`; markers are left out where they would touch each other."""
    dash, symbol = _DASHES[color]
    return {
        "mode": "lines+markers" if points <= 40 else "lines",
        "line": {"color": color, "dash": dash, "width": 2.2},
        "marker": {"color": color, "symbol": symbol, "size": 7},
    }


def number_axis(count: int) -> Plain:
    """Ticks of an axis that counts from 1: none between two whole numbers."""
    return {"tickformat": "d", "dtick": max(1, -(-count // 10)), "range": [0.5, count + 0.5]}
