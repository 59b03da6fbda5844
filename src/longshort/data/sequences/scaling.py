"""Means and scales of channels, and what stands for a missing value."""

from __future__ import annotations

import numpy as np

from longshort.data.sequences.sequences import Floats, Integers

__all__ = ["filled", "measured"]

FLAT = 1e-12
"""A channel whose deviation is below this share of its mean is constant but for rounding."""


def measured(values: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each channel over its observed values, in float64.

    Args:
        values: `(steps, channels)`, NaN if a value is missing.

    Returns:
        Means `(channels,)`, 0 if nothing was observed; scales `(channels,)`, 1 if nothing was or all is constant.
    """
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=0), 1)
    # A power of two that is near the largest value: exact to divide by, and no square overflows.
    largest = np.abs(np.where(known, values, 0.0)).max(axis=0, initial=0.0)
    unit = np.where(largest > 0, np.ldexp(1.0, np.maximum(np.frexp(largest)[1] - 1, -1022)), 1.0)
    means = np.where(known, values / unit, 0.0).sum(axis=0) / count
    squares = np.where(known, values / unit - means, 0.0) ** 2
    deviations = np.sqrt(squares.sum(axis=0) / count)
    scales = np.where(deviations > FLAT * np.abs(means), deviations * unit, 0.0)
    return means * unit, np.where(scales > 0, scales, 1.0)


def filled(values: Floats, starts: Integers, before: Floats) -> Floats:
    """The values with the last one of the channel in place of each that is missing.

    Args:
        values: `(steps, channels)`, NaN if a value is missing.
        starts: `(steps,)`: the first step of the sequence of each.
        before: `(channels,)`: what stands before the first step of every sequence.
    """
    missing = np.isnan(values)
    if not missing.any():
        return values
    steps = np.arange(len(values))[:, None]
    last = np.maximum.accumulate(np.where(missing, -1, steps), axis=0)
    found = np.take_along_axis(values, np.maximum(last, 0), axis=0)
    return np.where(last >= starts[:, None], found, before)
