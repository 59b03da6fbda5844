"""What was trained on, as interactive charts: how long the sequences are, and how many there are of each class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import plotly.graph_objects as go

from longshort.errors import DataError
from longshort.figures.interactive.style import MAIN, MUTED, OTHER, PALE, inert, new_chart

__all__ = ["class_chart", "length_chart"]

_SHADES = (MAIN, OTHER, MUTED)
_FILLS = (PALE, "rgba(0,0,0,0)", "rgba(0,0,0,0)")
_PATTERNS = ("", "/", ".")


def length_chart(
    edges: Sequence[float], counts: Sequence[int], median: float, *, example: str = "text", step: str = "token"
) -> go.Figure:
    """A histogram of the lengths. A last bin that is wider than the others is drawn as wide as they are.

    Args:
        edges: ascending, one more than there are bins.
        counts: sequences of each bin, of at least its lower edge and less than its upper one.
        median: to mark.
        example: what has the lengths, in one word.
        step: what they are counted in.

    Raises:
        DataError: the numbers of edges and bins do not fit.
    """
    if len(edges) != len(counts) + 1 or not counts:
        raise DataError(f"Bins have one edge more than counts. Got {len(edges)} edges and {len(counts)} counts.")
    figure = new_chart(280, x=f"{step}s", y=f"{example}s")
    pairs = list(pairwise(edges))
    width = pairs[0][1] - pairs[0][0]
    figure.add_trace(
        go.Bar(
            x=[low + width / 2 for low, _ in pairs],
            y=list(counts),
            width=width,
            customdata=[[low, high - 1] for low, high in pairs],
            marker={"color": PALE, "line": {"color": MAIN, "width": 1}},
            hovertemplate=f"%{{customdata[0]:,}} to %{{customdata[1]:,}} {step}s: %{{y:,}} {example}s<extra></extra>",
        )
    )
    figure.add_vline(
        x=median,
        line={"color": MUTED, "dash": "dot", "width": 1.6},
        annotation={"text": f"median {median:,.0f}", "font": {"color": MUTED, "size": 12}, "yanchor": "bottom"},
        annotation_position="top right",
    )
    figure.update_layout(margin={"t": 22}, bargap=0)
    return figure


def class_chart(labels: Sequence[str], counts: Mapping[str, Sequence[int]]) -> go.Figure:
    """How many sequences there are of each class, part by part, as shares of the part.

    Args:
        labels: the classes.
        counts: sequences of each class, in the order of the labels, by the name of the part; three parts at most.
    """
    figure = new_chart(90 + 22 * len(labels) * max(len(counts), 1), x="share of the part", legend=len(counts) > 1)
    names = _names(labels)
    for (part, each), color, fill, pattern in zip(counts.items(), _SHADES, _FILLS, _PATTERNS, strict=False):
        total = max(sum(each), 1)
        figure.add_trace(
            go.Bar(
                x=[count / total for count in each],
                y=names,
                orientation="h",
                name=part,
                customdata=list(each),
                marker={
                    "color": fill,
                    "line": {"color": color, "width": 1},
                    "pattern": {"shape": pattern, "fgcolor": color, "bgcolor": fill, "size": 6},
                },
                hovertemplate="%{y}: %{customdata:,} texts, %{x:.1%}<extra>%{fullData.name}</extra>",
            )
        )
    figure.update_xaxes(tickformat=".0%", rangemode="tozero", showgrid=True)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False)
    return figure


def _names(labels: Sequence[str]) -> list[str]:
    """The labels as an axis shows them; with their numbers where two would be the same, for they would share a bar."""
    names = [inert(label, 24) for label in labels]
    if len(set(names)) == len(names):
        return names
    return [f"{place + 1} {name}" for place, name in enumerate(names)]
