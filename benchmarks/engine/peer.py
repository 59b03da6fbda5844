"""What a peer is: it prepares a problem outside the clock, answers it once, and runs it again and again."""

from __future__ import annotations

from typing import Protocol

from benchmarks.engine.epoch import Epoch
from benchmarks.engine.problem import Floats, Problem

__all__ = ["Answer", "Peer", "Refusal", "Task"]

Answer = dict[str, Floats]
"""Arrays by name, rows in the order of the problem:
outputs `(tokens, hidden)`; h and c `(batch, hidden)`, where the peer gives the states of each sequence's last step;
input_gradient as the inputs, or table_gradient as the table; weight_gradients as the weights are named."""


class Refusal(Exception):
    """The peer does not do this workload; the message says why."""


class Task(Protocol):
    """A problem that a peer has prepared."""

    note: str
    """What should stand beside its figures; empty where there is nothing."""

    def answer(self) -> Answer:
        """Compute it through the very code that is timed, so that it is compiled and warm afterwards."""
        ...

    def ready(self, index: int) -> None:
        """Bring the inputs of a repetition into the form that the peer likes best; not timed."""
        ...

    def run(self, index: int) -> None:
        """One repetition, finished on return. `index` is the batch of an epoch; other workloads have just one."""
        ...


class Peer(Protocol):
    """One way to compute an LSTM, in a process of its own."""

    @property
    def tolerance(self) -> float:
        """Largest difference of an array from that of the reference, as a share of the reference's largest value."""
        ...

    def prepare(self, problem: Problem | Epoch) -> Task:
        """Get ready.

        Raises:
            Refusal: the peer does not do this workload.
        """
        ...
