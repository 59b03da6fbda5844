"""The interface of a peer: it prepares a problem untimed, answers it once, and runs it repeatedly."""

from __future__ import annotations

from typing import Protocol

from benchmarks.engine.epoch import Epoch
from benchmarks.engine.problem import Floats, Problem

__all__ = ["Answer", "Peer", "Refusal", "Task"]

Answer = dict[str, Floats]
"""Arrays by name, rows in the order of the problem: outputs `(tokens, hidden)`; h and c `(batch, hidden)`, if the peer
gives the states of each sequence's last step; input_gradient, shaped as the inputs, or table_gradient, as the table;
input_weight_gradient, hidden_weight_gradient and bias_gradient."""


class Refusal(Exception):
    """The peer does not support this workload; the message says why."""


class Task(Protocol):
    """A problem prepared by a peer."""

    note: str
    """A remark for its figures; may be empty."""

    def answer(self) -> Answer:
        """Compute the answer with the timed code itself, which is then compiled and warm."""
        ...

    def ready(self, index: int) -> None:
        """Convert the inputs of a repetition to the peer's preferred form; not timed."""
        ...

    def run(self, index: int) -> None:
        """Run one repetition to completion. `index` is the batch of an epoch; other workloads have only one."""
        ...


class Peer(Protocol):
    """One way to compute an LSTM, in its own process."""

    @property
    def tolerance(self) -> float:
        """Largest allowed difference of an array, relative to the reference's largest value."""
        ...

    def prepare(self, problem: Problem | Epoch) -> Task:
        """Prepare a problem.

        Raises:
            Refusal: the peer does not support this workload.
        """
        ...
