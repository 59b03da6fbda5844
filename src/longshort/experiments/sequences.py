"""Sequences of numbers of one length, and the lab sheet's network for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from longshort.lstm import LSTM
from longshort.ragged import Ragged

__all__ = ["LastStateClassifier", "NumberBatch", "NumberSequences", "ShuffledSteps"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class NumberBatch:
    """Some of the sequences.

    Args:
        inputs: values `(tokens, channels)` float32.
        targets: `(batch,)` int64 classes.
        rows: `(batch,)` int64: where they stand among all.
    """

    inputs: Ragged
    targets: Tensor
    rows: Array


@dataclass(frozen=True, eq=False)
class NumberSequences:
    """A data set of equally long sequences of numbers.

    Args:
        values: `(sequences, time, channels)` float32.
        targets: `(sequences,)` int64 classes.
    """

    values: Array
    targets: Array

    def __len__(self) -> int:
        return len(self.values)

    @property
    def lengths(self) -> Array:
        """`(sequences,)` int64: all the same."""
        return np.full(len(self), self.values.shape[1], dtype=np.int64)

    def batch(self, indices: Array) -> NumberBatch:
        """The sequences at `indices`, in that order."""
        chosen = torch.from_numpy(self.values[indices])
        inputs = Ragged(chosen.flatten(0, 1), torch.from_numpy(self.lengths[indices]))
        return NumberBatch(inputs, torch.from_numpy(self.targets[indices]), np.asarray(indices))

    def part(self, indices: Array | slice) -> NumberSequences:
        """Some of the sequences, as a data set of their own."""
        return NumberSequences(self.values[indices], self.targets[indices])


class ShuffledSteps:
    """The same sequences, with their steps in a new random order each time that they are taken.

    Args:
        rows: the sequences, one number a step or several that stay together.
        seed: decides the orders.
    """

    def __init__(self, rows: NumberSequences, seed: int) -> None:
        self.lengths, self.targets = rows.lengths, rows.targets
        self._rows, self._draw = rows, np.random.default_rng(seed)

    def __len__(self) -> int:
        return len(self._rows)

    def batch(self, indices: Array) -> NumberBatch:
        """The sequences at `indices`, in that order, each with its steps in another."""
        values = self._rows.values[indices]
        order = self._draw.random(values.shape[:2]).argsort(axis=1)
        shuffled = NumberSequences(np.take_along_axis(values, order[:, :, None], axis=1), self.targets[indices])
        return replace(shuffled.batch(np.arange(len(indices))), rows=np.asarray(indices))


class LastStateClassifier(nn.Module):
    """LSTM, then a linear layer on its last hidden state: what the lab sheet calls LSTMModel.

    Its first weights are, for the same torch seed, those of `torch.nn.LSTM` and `torch.nn.Linear` made in this order.

    Args:
        channels: numbers per step.
        hidden_size: hidden units.
        classes: logits per sequence.
    """

    def __init__(self, channels: int = 1, hidden_size: int = 32, classes: int = 2) -> None:
        super().__init__()
        self.lstm = LSTM(channels, hidden_size)
        self.linear = nn.Linear(hidden_size, classes)

    def forward(self, inputs: Ragged) -> Tensor:
        """Logits `(batch, classes)` float32 of sequences with values `(tokens, channels)` float32."""
        _, (hidden, _) = self.lstm(inputs)
        logits: Tensor = self.linear(hidden[-1])
        return logits
