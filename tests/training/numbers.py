"""A small task on numbers: is the mean of a sequence positive?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from longshort.lstm import LSTM
from longshort.ragged import Ragged


@dataclass(frozen=True)
class NumberBatch:
    inputs: Ragged
    targets: Tensor
    rows: np.ndarray


class Numbers:
    """`count` sequences of 1 to 12 standard normal numbers, shifted up or down by their class."""

    def __init__(self, count: int, seed: int = 0) -> None:
        draw = np.random.default_rng(seed)
        self.targets = draw.integers(0, 2, count)
        self.lengths = draw.integers(1, 13, count)
        self.values = [draw.normal(2 * t - 1, 1, (n, 1)) for t, n in zip(self.targets, self.lengths, strict=True)]

    def __len__(self) -> int:
        return len(self.targets)

    def batch(self, indices: np.ndarray) -> NumberBatch:
        sequences = [torch.tensor(self.values[i], dtype=torch.float32) for i in indices]
        return NumberBatch(Ragged.from_list(sequences), torch.as_tensor(self.targets[indices]), indices)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = LSTM(1, 8)
        self.linear = nn.Linear(8, 1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, inputs: Ragged) -> Tensor:
        states, _ = self.lstm(inputs)
        out: Tensor = self.linear(self.dropout(states.pool("mean")))
        return out


def network(seed: int = 0) -> Network:
    torch.manual_seed(seed)
    return Network()
