"""A sequence of numbers as a fixed number of features: what a model without a memory can be given."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from longshort.evaluation.arrays import Floats

__all__ = ["QUANTILES", "SUMMARIES", "filled", "resampled", "summaries"]

QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)

SUMMARIES = (
    *("mean", "deviation", "lowest", "highest", "first", "last", "slope", "change", "turns"),
    *(f"quantile {each}" for each in QUANTILES),
)
"""What `summaries` says of each channel: the slope is that of a straight line over the steps from 0 to 1, the change
the mean distance from one step to the next, the turns the share of steps at which the direction changes."""


def summaries(sequences: Sequence[ArrayLike]) -> Floats:
    """`(sequences, 1 + channels * summaries)` float64: the length, then all `SUMMARIES` of each channel.

    Args:
        sequences: each `(steps, channels)` float with at least one step; a gap (NaN) holds the last value before it, or
            0 if there is none.
    """
    return np.stack([_summary(filled(each)) for each in sequences])


def resampled(sequences: Sequence[ArrayLike], steps: int) -> Floats:
    """`(sequences, steps, channels)` float64: each on straight lines between its values; gaps as in `summaries`."""
    return np.stack([_resample(filled(each), steps) for each in sequences])


def filled(sequence: ArrayLike) -> Floats:
    """`(steps, channels)` float64 without gaps."""
    values = np.array(sequence, dtype=np.float64)
    known = ~np.isnan(values)
    last = np.maximum.accumulate(np.where(known, np.arange(len(values))[:, None], -1), axis=0)
    found = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    full: Floats = np.where(last >= 0, found, 0.0)
    return full


def _summary(values: Floats) -> Floats:
    steps = len(values)
    moves = np.diff(values, axis=0)
    position = np.linspace(0, 1, steps) - (0.5 if steps > 1 else 0.0)
    slope = position @ values / max(float(position @ position), 1e-12)
    turned = (moves[1:] * moves[:-1] < 0).mean(axis=0) if steps > 2 else np.zeros(values.shape[1])
    parts = [
        *(values.mean(axis=0), values.std(axis=0), values.min(axis=0), values.max(axis=0)),
        *(values[0], values[-1], slope),
        np.abs(moves).mean(axis=0) if steps > 1 else np.zeros(values.shape[1]),
        turned,
        *np.quantile(values, QUANTILES, axis=0),
    ]
    return np.concatenate([[float(steps)], np.stack(parts, axis=1).ravel()])


def _resample(values: Floats, steps: int) -> Floats:
    if len(values) == steps:
        return values
    place = np.linspace(0, len(values) - 1, steps)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, len(values) - 1)
    share = (place - low)[:, None]
    between: Floats = values[low] * (1 - share) + values[high] * share
    return between
