"""What a memory problem is: sequences whose answer depends on what stood long before."""

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np
from torch import Tensor

__all__ = ["Drawn", "Problem", "one_hot"]

Array = np.ndarray[Any, Any]


class Drawn(NamedTuple):
    """Sequences of one length with their answers.

    Fields:
        values: `(count, steps, inputs)` float32.
        targets: `(count, ...)` float32 or int64, as the problem has it.
    """

    values: Array
    targets: Array


class Problem(Protocol):
    """A family of sequences of any length, what is to be answered, and how an answer is scored.

    Attributes:
        name: what to type.
        sentence: what it is, in one sentence.
        inputs: numbers per step.
        outputs: numbers per answer.
        shortest: the smallest length that has such sequences.
        measure: what the score is, the lower the better.
        chance: the score of the best answer that remembers nothing.
        solved: the score below which it counts as solved.
    """

    name: ClassVar[str]
    sentence: ClassVar[str]
    inputs: ClassVar[int]
    outputs: ClassVar[int]
    shortest: ClassVar[int]
    measure: ClassVar[str]
    chance: ClassVar[float]
    solved: ClassVar[float]

    def steps(self, length: int) -> int:
        """Steps that are read of a sequence of this length."""
        ...

    def answers(self, length: int) -> int:
        """At how many of those steps, the last ones, an answer is given."""
        ...

    def draw(self, length: int, count: int, generator: np.random.Generator) -> Drawn:
        """New sequences."""
        ...

    def losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        """What is made small in training, `(count,)`, of answers `(count, answers, outputs)`."""
        ...

    def scores(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The score of each sequence, `(count,)` float32; that of a model is their mean."""
        ...


def one_hot(symbols: Array, kinds: int) -> Array:
    """`(..., kinds)` float32: a one at the place of each symbol."""
    found: Array = np.eye(kinds, dtype=np.float32)[symbols]
    return found
