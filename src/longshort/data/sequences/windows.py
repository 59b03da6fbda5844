"""Windows: parts of sequences, cut at even distances."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from longshort.data.sequences.sequences import Integers, Sequences, steps_of
from longshort.data.sequences.splitting import digests
from longshort.errors import SettingError

__all__ = ["windows"]


def windows(sequences: Sequences, size: int, stride: int | None = None) -> Sequences:
    """Windows of `size` steps, each with the target of its sequence, whose windows become a group where it has none.

    A sequence that is shorter than a window is kept as it is. What is left at the end of one, where no window would
    have it otherwise, becomes a window that ends there; so every step is in a window, unless the stride is above the
    size.

    Args:
        sequences: to be cut.
        size: steps of a window, at least 1.
        stride: steps between the beginnings of windows, at least 1; `size` when not given.

    Raises:
        SettingError: the size or the stride is below 1.
    """
    stride = size if stride is None else stride
    for name, number in (("window", size), ("stride", stride)):
        if number < 1:
            raise SettingError(f"{name} must be a number of steps, at least 1. Got {number}.", "Leave it out for none.")
    found = [_starts(length, size, stride) for length in sequences.lengths.tolist()]
    rows = np.repeat(np.arange(len(sequences)), [len(each) for each in found])
    starts = np.concatenate([np.empty(0, dtype=np.int64), *found])
    lengths = np.minimum(sequences.lengths[rows], size)
    groups = sequences.groups or tuple(digest.decode() for digest in digests(sequences).tolist())
    return replace(
        sequences,
        values=sequences.values[steps_of(sequences.offsets[rows] + starts, lengths)],
        lengths=lengths,
        origins=tuple(
            f"{sequences.origins[row]}, steps {start + 1} to {start + length}"
            for row, start, length in zip(rows.tolist(), starts.tolist(), lengths.tolist(), strict=True)
        ),
        targets=sequences.targets_of(rows),
        groups=tuple(groups[row] for row in rows.tolist()),
    )


def _starts(length: int, size: int, stride: int) -> Integers:
    starts = np.arange(0, max(length - size, 0) + 1, stride, dtype=np.int64)
    return np.append(starts, length - size) if starts[-1] + size < length else starts
