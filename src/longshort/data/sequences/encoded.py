"""`EncodedSequences`: what a network takes, in batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from longshort.data.sequences.sequences import Floats, Integers, steps_of
from longshort.ragged import Ragged

__all__ = ["EncodedSequences", "SequenceBatch"]

AnyArray = npt.NDArray[Any]
"""An array of numbers of any type."""


class SequenceBatch(NamedTuple):
    """Some encoded sequences.

    Fields:
        inputs: `(steps, features)` float32.
        targets: `(batch,)` int64 class numbers, or float32 standardised numbers.
        rows: `(batch,)` int64: where they stand in their source.
    """

    inputs: Ragged
    targets: Tensor
    rows: Integers


@final
@dataclass(frozen=True, eq=False)
class EncodedSequences:
    """Encoded sequences that can be taken in batches.

    Args:
        values: `(steps, features)` float32.
        lengths: `(sequences,)` int64.
        targets: `(sequences,)` int64 class numbers or float32 standardised numbers; zeros if they are not known.
        missing: `(channels,)`: the share of values that were missing.
        notes: sentences for the user about values that were missing.
    """

    values: npt.NDArray[np.float32]
    lengths: Integers
    targets: npt.NDArray[Any]
    missing: Floats
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def offsets(self) -> Integers:
        """`(sequences + 1,)`: sequence i is `values[offsets[i]:offsets[i + 1]]`."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    def batch(self, indices: AnyArray) -> SequenceBatch:
        """The sequences at `indices`, in that order."""
        rows = np.asarray(indices, dtype=np.int64)
        lengths = self.lengths[rows]
        values = self.values[steps_of(self.offsets[rows], lengths)]
        inputs = Ragged(torch.from_numpy(values), torch.from_numpy(lengths))
        return SequenceBatch(inputs, torch.from_numpy(self.targets[rows]), rows)
