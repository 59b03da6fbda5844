"""What came out of a workload, and its statistics."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.engine.workload import Workload, useful_operations

__all__ = ["DISTURBANCE", "Cell", "Outcome", "Spread"]

DISTURBANCE = 0.1
"""Cores."""

Status = Literal["timed", "differs", "refused", "failed"]


@dataclass(frozen=True)
class Spread:
    """Median, smallest and largest of some rounds."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: list[float]) -> Spread | None:
        """None where there are no values."""
        return cls(statistics.median(values), min(values), max(values), len(values)) if values else None


@dataclass
class Outcome:
    """One contestant in one workload.

    Args:
        name: the peer, with its number of threads where that is not the workload's.
        status: "timed", or why not.
        reason: in words, where it was not timed.
        note: such as which variant was chosen.
        differences: of its arrays from the reference.
        seconds: per repetition, one figure a round: the median of the round.
        wall: seconds of all its turns.
        foreign: processor seconds that others took in its turns.
    """

    name: str
    status: Status = "timed"
    reason: str = ""
    note: str = ""
    differences: dict[str, float] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    foreign: float = 0.0


@dataclass
class Cell:
    """One workload with all its contestants, and the products that were measured in the same rounds.

    Args:
        workload: what was run.
        tokens: real tokens of a repetition.
        distinct: different ones, as `useful_operations` counts them.
        reference: the name of the contestant that ratios are over; empty where none could do it.
        outcomes: by name.
        rates: products per round by name, operations a second.
        whole: seconds of all batches of an epoch, where the reference ran them all.
        batches: of the epoch.
    """

    workload: Workload
    tokens: int
    distinct: int
    reference: str = ""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    rates: dict[str, list[float]] = field(default_factory=dict)
    whole: float | None = None
    batches: int = 1

    @property
    def foreign_cores(self) -> float:
        """Processor cores that others used, on average over all turns: of whom waits for its threads, much is lost."""
        wall = sum(outcome.wall for outcome in self.outcomes.values())
        return sum(outcome.foreign for outcome in self.outcomes.values()) / wall if wall else 0.0

    @property
    def disturbed(self) -> bool:
        """Whether that is so much that the figures should not be relied on."""
        return self.foreign_cores > DISTURBANCE

    def seconds(self, name: str) -> list[float]:
        """Per round; empty where it was not timed."""
        return self.outcomes[name].seconds if name in self.outcomes else []

    def ratio(self, name: str, over: str | None = None) -> Spread | None:
        """How many times as long a contestant takes as the reference (or `over`): of the rounds that both were in.

        Batches of an epoch differ in size, so there the sums over the same batches are compared.
        """
        pairs = list(zip(self.seconds(name), self.seconds(over or self.reference), strict=False))
        spread = Spread.of([theirs / ours for theirs, ours in pairs])
        if spread and self.workload.mode == "epoch":
            total = sum(theirs for theirs, _ in pairs) / sum(ours for _, ours in pairs)
            return Spread(total, spread.low, spread.high, spread.rounds)
        return spread

    def tokens_per_second(self, name: str) -> float | None:
        """Of real tokens."""
        if self.workload.mode == "epoch":
            whole = self.epoch_seconds(name)
            return self.tokens / whole if whole else None
        spread = Spread.of(self.seconds(name))
        return self.tokens / spread.median if spread else None

    def share(self, rate: str, name: str | None = None) -> Spread | None:
        """Time of the useful operations at a product's rate over the time taken, round by round."""
        operations = useful_operations(self.workload, self.tokens, self.distinct)
        pairs = zip(self.seconds(name or self.reference), self.rates.get(rate, []), strict=False)
        return Spread.of([operations / speed / seconds for seconds, speed in pairs])

    def epoch_seconds(self, name: str) -> float | None:
        """Of a whole epoch: measured for the reference, and its ratio times that for the others."""
        ratio = self.ratio(name)
        if self.whole is None or ratio is None:
            return None
        return self.whole if name == self.reference else self.whole * ratio.median
