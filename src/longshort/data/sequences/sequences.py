"""`Sequences`: sequences of numbers, one after another, never padded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final

import numpy as np
import numpy.typing as npt

from longshort.errors import DataError

__all__ = ["Floats", "Integers", "Sequences", "checked", "steps_of"]

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@final
@dataclass(frozen=True, eq=False, repr=False)
class Sequences:
    """Sequences of numbers with what should be answered, where that is known.

    Args:
        values: `(steps, channels)` float64, all sequences one after another; NaN if a value is missing.
        lengths: `(sequences,)` int64, each at least 1.
        channels: their names.
        origins: where each sequence stands, for messages: "line 12 of x.ts", "index 3".
        targets: the class of each, as text; or the number of each, `(sequences,)` float64; or None.
        groups: the subject or source of each, which is never split across parts; or None.
        name: what the data are called.
        fingerprint: hex SHA-256 of the whole source; empty for what came from memory.
        notes: sentences for the user.
    """

    values: Floats
    lengths: Integers
    channels: tuple[str, ...]
    origins: tuple[str, ...]
    targets: tuple[str, ...] | Floats | None = None
    groups: tuple[str, ...] | None = None
    name: str = "sequences"
    fingerprint: str = ""
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lengths)

    def __repr__(self) -> str:
        return f"Sequences({len(self)} of {len(self.channels)} channels, {len(self.values)} steps)"

    @cached_property
    def offsets(self) -> Integers:
        """`(sequences + 1,)`: sequence i is `values[offsets[i]:offsets[i + 1]]`."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    def sequence(self, index: int) -> Floats:
        """`(length, channels)`, a view."""
        return self.values[self.offsets[index] : self.offsets[index + 1]]

    def arrays(self) -> list[Floats]:
        """All sequences, each `(length, channels)`, as views."""
        return [self.sequence(index) for index in range(len(self))]

    def __getitem__(self, rows: Any) -> Sequences:
        """Those at some places, in their order, as a copy.

        Args:
            rows: `(rows,)` int, a mask, or a slice.
        """
        chosen = np.arange(len(self))[rows]
        lengths = self.lengths[chosen]
        places = chosen.tolist()
        return replace(
            self,
            values=self.values[steps_of(self.offsets[chosen], lengths)],
            lengths=lengths,
            origins=tuple(self.origins[row] for row in places),
            targets=self.targets_of(chosen),
            groups=None if self.groups is None else tuple(self.groups[row] for row in places),
        )

    def targets_of(self, rows: Integers) -> tuple[str, ...] | Floats | None:
        """The targets of those at some places, `(rows,)` int, in their order; None if there are none."""
        if self.targets is None or isinstance(self.targets, np.ndarray):
            return None if self.targets is None else self.targets[rows]
        return tuple(self.targets[row] for row in rows.tolist())


def steps_of(starts: Integers, lengths: Integers) -> Integers:
    """`(sum of lengths,)`: the steps from each start on, as many as its length, one run after another."""
    ends = np.cumsum(lengths)
    first = np.repeat(starts - (ends - lengths), lengths)
    return np.asarray(np.arange(len(first)) + first, dtype=np.int64)


def checked(sequences: Sequences) -> Sequences:
    """The same, if every sequence has a step and every value is finite or missing.

    Raises:
        DataError: one has none, or there is an infinite value; with its place.
    """
    empty = np.flatnonzero(sequences.lengths == 0)
    if len(empty):
        raise DataError(
            f"{sequences.name}: each sequence must have at least one step. That at {sequences.origins[empty[0]]} has "
            "none.",
            "Leave it out.",
        )
    infinite = np.argwhere(np.isinf(sequences.values))
    if len(infinite):
        step, channel = (int(each) for each in infinite[0])
        row = int(np.searchsorted(sequences.offsets, step, side="right")) - 1
        raise DataError(
            f"{sequences.name}: values must be finite numbers. Got {sequences.values[step, channel]} at "
            f"{sequences.origins[row]}, step {step - sequences.offsets[row] + 1}, channel "
            f"{sequences.channels[channel]!r}.",
            "A missing value is NaN, or an empty cell.",
        )
    return sequences
