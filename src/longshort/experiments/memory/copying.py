"""The copying problem (Hochreiter & Schmidhuber 1997; Arjovsky, Shah & Bengio 2016): repeat what stood first."""

from __future__ import annotations

import math
from typing import ClassVar, final

import numpy as np
from torch import Tensor
from torch.nn.functional import cross_entropy

from longshort.experiments.memory.problem import Drawn, one_hot

__all__ = ["Copying"]

KINDS, COUNT = 8, 10
BLANK, SIGNAL = KINDS, KINDS + 1


@final
class Copying:
    """Ten symbols of eight kinds, blanks, a signal, and then the ten symbols again, in their order, as the answers.

    Every symbol is to be kept for ten steps less than the length. The score is the cross-entropy per symbol, in nats;
    without memory it is ln 8. (The papers also score the blanks before, which are answered blindly.)
    """

    name: ClassVar[str] = "copying"
    sentence: ClassVar[str] = "ten symbols of eight kinds, said again at the end"
    inputs: ClassVar[int] = KINDS + 2
    outputs: ClassVar[int] = KINDS
    shortest: ClassVar[int] = 2 * COUNT
    measure: ClassVar[str] = "nats per symbol"
    chance: ClassVar[float] = math.log(KINDS)
    solved: ClassVar[float] = 0.1

    def steps(self, length: int) -> int:
        """All of them."""
        return length

    def answers(self, length: int) -> int:
        """Ten, from the signal on."""
        return COUNT

    def draw(self, length: int, count: int, generator: np.random.Generator) -> Drawn:
        """Values `(count, length, 10)`, a one at the place of each symbol; targets `(count, 10)` int64."""
        symbols = np.full((count, length), BLANK)
        targets = generator.integers(0, KINDS, (count, COUNT))
        symbols[:, :COUNT] = targets
        symbols[:, -COUNT] = SIGNAL
        return Drawn(one_hot(symbols, self.inputs), targets)

    def losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy of the ten symbols."""
        return cross_entropy(answers.transpose(1, 2), targets, reduction="none").mean(dim=1)

    def scores(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The same."""
        return self.losses(answers, targets)
