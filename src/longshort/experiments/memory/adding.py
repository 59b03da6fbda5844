"""The adding problem (Hochreiter & Schmidhuber 1997): remember two numbers, and none of the others."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
import torch
from torch import Tensor

from longshort.experiments.memory.problem import Drawn

__all__ = ["Adding"]


@final
class Adding:
    """Each step has a random number from 0 to 1 and a mark, 0 or 1; the answer is the sum of the two marked numbers.

    One mark stands somewhere in the first half, one in the second (Le, Jaitly & Hinton 2015; the paper of 1997 puts the
    first one near the start and draws from -1 to 1). To answer 1 whatever comes has a mean squared error of 1/6, the
    variance of the sum of two such numbers.
    """

    name: ClassVar[str] = "adding"
    sentence: ClassVar[str] = "the sum of two marked numbers among random ones"
    inputs: ClassVar[int] = 2
    outputs: ClassVar[int] = 1
    shortest: ClassVar[int] = 2
    measure: ClassVar[str] = "mean squared error"
    chance: ClassVar[float] = 1 / 6
    solved: ClassVar[float] = 0.01

    def steps(self, length: int) -> int:
        """All of them."""
        return length

    def answers(self, length: int) -> int:
        """One, at the end."""
        return 1

    def draw(self, length: int, count: int, generator: np.random.Generator) -> Drawn:
        """Values `(count, length, 2)`: the numbers and the marks; targets `(count,)` float32."""
        values = np.zeros((count, length, 2), dtype=np.float32)
        values[:, :, 0] = generator.random((count, length), dtype=np.float32)
        rows, middle = np.arange(count), length // 2
        marked = generator.integers(0, middle, count), generator.integers(middle, length, count)
        for place in marked:
            values[rows, place, 1] = 1
        return Drawn(values, values[rows, marked[0], 0] + values[rows, marked[1], 0])

    def losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The squared errors."""
        return torch.square(answers[:, 0, 0] - targets)

    def scores(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The squared errors."""
        return self.losses(answers, targets)
