"""Cut a batch of different lengths along time, with little padding and few segments.

With the rows sorted by length, longest first, the rows active at any step are the first ones. A segment `[start, end)`
runs all rows that are active at its start up to its end: it computes `(end - start) * rows` cells and has some
overhead. Cutting at every length avoids all padding but has the most overhead; not cutting has it once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

__all__ = ["OVERHEAD", "Plan", "Segment", "cut"]

OVERHEAD = 512
"""Cost of a segment in cells: the fixed cost of a call of torch's CPU kernel."""


@dataclass(frozen=True)
class Segment:
    """Steps `start` to `end` of the first `rows` rows of a sorted batch; the first `survivors` continue after it."""

    start: int
    end: int
    rows: int
    survivors: int

    @property
    def cells(self) -> int:
        """Computed row steps, padding included."""
        return (self.end - self.start) * self.rows


def cut(lengths: Tensor, overhead: int = OVERHEAD) -> list[Segment]:
    """Find the cheapest segments for rows of these lengths, `(batch,)`, in any order; none if no row has a step.

    Cuts are useful only where a row ends. With `ends` the distinct lengths and `alive` the rows longer than each, the
    smallest cost up to an end is best[j] = min over i < j of best[i] + alive[i] * (ends[j] - ends[i]) + overhead.
    """
    ends, counts = np.unique(np.append(lengths.numpy(), 0), return_counts=True)
    alive = len(lengths) + 1 - counts.cumsum()
    best, came_from = np.zeros(len(ends), dtype=np.int64), np.zeros(len(ends), dtype=np.int64)
    for j in range(1, len(ends)):
        costs = best[:j] + alive[:j] * (ends[j] - ends[:j]) + overhead
        came_from[j] = costs.argmin()
        best[j] = costs[came_from[j]]
    segments, j = [], len(ends) - 1
    while j > 0:
        i = int(came_from[j])
        segments.append(Segment(int(ends[i]), int(ends[j]), int(alive[i]), int(alive[j])))
        j = i
    return segments[::-1]


@dataclass(frozen=True)
class Plan:
    """The mapping between the values of a batch and the cells of its segments.

    Fields:
        segments: in order of time.
        order: `(batch,)` int64, the rows from longest to shortest.
        restore: `(batch,)` int64, the position of each row in `order`.
        take: `(cells,)` int64, the value in each cell of each segment, time by row; the number of values for
            padding.
        back: `(tokens,)` int64, the cell of each value.
    """

    segments: list[Segment]
    order: Tensor
    restore: Tensor
    take: Tensor
    back: Tensor

    @classmethod
    def of(cls, lengths: Tensor, *, reverse: bool = False) -> Plan:
        """Make the plan for sequences of these lengths, `(batch,)` int64, each read from its end if `reverse`."""
        order = lengths.argsort(descending=True, stable=True)
        segments = cut(lengths)
        ends = lengths.cumsum(0)
        tokens = int(ends[-1])
        first, length = (ends - lengths)[order], lengths[order]
        pieces = []
        for segment in segments:
            time = torch.arange(segment.start, segment.end, device="cpu")[:, None]
            rows = slice(segment.rows)
            value = first[rows] + (length[rows] - 1 - time if reverse else time)
            pieces.append(torch.where(time < length[rows], value, tokens).flatten())
        take = torch.cat(pieces)
        back = torch.empty(tokens + 1, dtype=torch.int64, device="cpu")
        back[take] = torch.arange(len(take), device="cpu")
        return cls(segments, order, order.argsort(), take, back[:tokens])
