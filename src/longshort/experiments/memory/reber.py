"""The embedded Reber grammar (Cleeremans, Servan-Schreiber & McClelland 1989; Hochreiter & Schmidhuber 1997)."""

from __future__ import annotations

from typing import ClassVar, final

import numpy as np
from torch import Tensor
from torch.nn.functional import cross_entropy

from longshort.experiments.memory.problem import Array, Drawn, one_hot

__all__ = ["SYMBOLS", "Reber", "reber_strings"]

SYMBOLS = "BTPSXVE"
T, P = SYMBOLS.index("T"), SYMBOLS.index("P")

GRAPH = ((("T", 1), ("P", 2)), (("S", 1), ("X", 3)), (("T", 2), ("V", 4)), (("X", 2), ("S", 5)), (("P", 3), ("V", 5)))
"""After "B": from each node two ways, equally likely, each with its symbol and the node it leads to; 5 is the end."""

END = len(GRAPH)
AROUND = 4
"""Symbols around the inner string: B and the one to remember before it, that one again and E after it."""


@final
class Reber:
    """B, T or P, a string of the Reber grammar, the same T or P again, E: each next symbol is to be guessed.

    The inner string has T's and P's of its own. Its length is given; among the strings of this length each is as likely
    as the grammar has it. The score is the share of strings whose last but one symbol, the T or P to remember, is
    guessed wrong, where these two are compared with each other alone: a half without memory.
    """

    name: ClassVar[str] = "reber"
    sentence: ClassVar[str] = "the second symbol of an embedded Reber string, once more before its end"
    inputs: ClassVar[int] = len(SYMBOLS)
    outputs: ClassVar[int] = len(SYMBOLS)
    shortest: ClassVar[int] = 5 + AROUND
    measure: ClassVar[str] = "share of wrong last decisions"
    chance: ClassVar[float] = 0.5
    solved: ClassVar[float] = 0.01

    def steps(self, length: int) -> int:
        """All up to the symbol to remember; it and the E after it are not read."""
        return length - 2

    def answers(self, length: int) -> int:
        """A guess after every symbol that is read."""
        return length - 2

    def draw(self, length: int, count: int, generator: np.random.Generator) -> Drawn:
        """Values `(count, length - 2, 7)`; targets `(count, length - 2)` int64, each the symbol after."""
        symbols = np.empty((count, length), dtype=np.int64)
        symbols[:, [0, -1]] = SYMBOLS.index("B"), SYMBOLS.index("E")
        symbols[:, 2:-2] = reber_strings(length - AROUND, count, generator)
        symbols[:, 1] = symbols[:, -2] = np.where(generator.random(count) < 0.5, T, P)
        return Drawn(one_hot(symbols[:, :-2], self.inputs), symbols[:, 1:-1])

    def losses(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The mean cross-entropy of all guesses, in nats, and once more that of the last one, or it would be lost."""
        each = cross_entropy(answers.transpose(1, 2), targets, reduction="none")
        return each.mean(dim=1) + each[:, -1]

    def scores(self, answers: Tensor, targets: Tensor) -> Tensor:
        """1 if the other of T and P is thought likelier at the last guess, else 0."""
        guess = (answers[:, -1, P] > answers[:, -1, T]).long() * (P - T) + T
        return (guess != targets[:, -1]).to(answers.dtype)


def reber_strings(length: int, count: int, generator: np.random.Generator) -> Array:
    """Strings of the Reber grammar, B and E included, `(count, length)` int64 places in `SYMBOLS`.

    Args:
        length: of each, at least 5.
        count: how many.
        generator: draws them, each with its probability among those of this length.
    """
    share = _first_way(length - 2)
    symbols = np.empty((count, length), dtype=np.int64)
    symbols[:, [0, -1]] = SYMBOLS.index("B"), SYMBOLS.index("E")
    says = np.array([[SYMBOLS.index(symbol) for symbol, _ in ways] for ways in GRAPH])
    leads = np.array([[node for _, node in ways] for ways in GRAPH])
    node = np.zeros(count, dtype=np.int64)
    for place in range(1, length - 1):
        way = (generator.random(count) >= share[length - 1 - place, node]).astype(np.int64)
        symbols[:, place], node = says[node, way], leads[node, way]
    return symbols


def _first_way(steps: int) -> Array:
    """`(steps + 1, nodes)`: with so many symbols left before the E, how likely each node's first way is taken.

    In proportion to the probability that a walk by that way ends after so many steps.
    """
    ends = np.zeros((steps + 1, END + 1))
    ends[0, END] = 1
    share = np.full((steps + 1, END), 0.5)
    for left in range(1, steps + 1):
        for node, ways in enumerate(GRAPH):
            by = [ends[left - 1, to] / 2 for _, to in ways]
            ends[left, node] = sum(by)
            share[left, node] = by[0] / sum(by) if sum(by) else 0.5
        ends[left] /= max(ends[left].max(), np.finfo(float).tiny)  # the ratios count alone; long strings are unlikely
    return share
