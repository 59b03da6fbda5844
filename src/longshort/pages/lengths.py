"""How long the examples of a split are: a few numbers, and a histogram drawn from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from longshort.kinds.words import Words
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    from longshort.pages.chart import Chart

__all__ = ["describe_lengths", "lengths_chart"]

BINS = 30

SHOWN = 99.0
"""Per cent of the sequences that have bins of one width; the few that are longer share the last one."""


def describe_lengths(lengths: npt.NDArray[np.int64]) -> Plain | None:
    """Median, 95th percentile, longest, and a histogram, as JSON holds them; None if there is no sequence.

    Args:
        lengths: `(sequences,)` int, in tokens.
    """
    if not len(lengths):
        return None
    longest = int(lengths.max())
    most = max(int(np.percentile(lengths, SHOWN)), 1)
    width = -(-(most + 1) // BINS)
    edges = list(range(0, most + width, width))
    edges[-1] = max(edges[-1], most + 1)
    if longest >= edges[-1]:
        edges.append(longest + 1)
    return {
        "median": float(np.median(lengths)),
        "p95": float(np.percentile(lengths, 95)),
        "longest": longest,
        "edges": edges,
        "counts": np.histogram(lengths, edges)[0].tolist(),
    }


def lengths_chart(metrics: PlainMapping, word: Words) -> Chart | None:
    """The lengths of the training texts; None if the run did not keep them."""
    from longshort.figures.interactive import length_chart
    from longshort.pages.chart import Chart

    found = metrics["data"]["parts"]["train"].get("lengths")
    if not found:
        return None
    summary = (
        f"Lengths of the training {word.example}s: half have at most {found['median']:,.0f} {word.step}s, 95 in 100 "
        f"at most {found['p95']:,.0f}; the longest has {found['longest']:,}."
    )
    pairs = zip(found["edges"][:-1], found["edges"][1:], found["counts"], strict=True)
    return Chart(
        "lengths",
        length_chart(found["edges"], found["counts"], found["median"], example=word.example, step=word.step),
        summary,
        f"{summary} The last bar holds all that are longer.",
        title="Lengths",
        columns=(f"{word.step}s", f"{word.example}s"),
        rows=[(f"{low:,} to {high - 1:,}", count) for low, high, count in pairs],
    )
