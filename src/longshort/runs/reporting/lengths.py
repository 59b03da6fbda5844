"""How long the sequences of a part are, in few numbers: what a histogram is drawn from."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["describe_lengths"]

BINS = 30

SHOWN = 99.0
"""Per cent of the sequences that have bins of one width; the few that are longer share the last one."""


def describe_lengths(lengths: npt.NDArray[Any]) -> dict[str, Any] | None:
    """Median, 95th percentile, longest, and a histogram, as JSON holds them; None where there is no sequence.

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
