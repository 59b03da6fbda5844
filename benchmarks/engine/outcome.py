"""The results of a workload, and their statistics."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field
from typing import Literal

from benchmarks.engine.workload import Workload, useful_operations

__all__ = ["DISTURBANCE", "Cell", "Outcome", "Spread"]

DISTURBANCE = 0.1
"""Cores used by others, above which figures count as disturbed."""

Status = Literal["timed", "differs", "refused", "failed"]


@dataclass(frozen=True)
class Spread:
    """Median, smallest and largest value over some rounds."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, values: list[float]) -> Spread | None:
        """Summarise values; None if there are none."""
        return cls(statistics.median(values), min(values), max(values), len(values)) if values else None


@dataclass
class Outcome:
    """One contestant in one workload.

    Args:
        name: the peer, with its number of threads if it differs from the workload's.
        status: "timed", or why not.
        reason: why it was not timed, in words.
        note: such as the chosen variant.
        differences: differences of its arrays from the reference.
        seconds: per repetition, one figure per round: the median of the round.
        wall: seconds of all its turns.
        foreign: CPU seconds that other processes used during its turns.
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
    """One workload with all its contestants, and the products measured in the same rounds.

    Args:
        workload: the workload.
        tokens: real tokens per repetition.
        distinct: distinct tokens, as in `useful_operations`.
        reference: name of the contestant that ratios are relative to; empty if none could run it.
        outcomes: by name.
        rates: operations per second of each product, per round.
        whole: seconds of all batches of an epoch, if the reference ran them all.
        batches: batches of the epoch.
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
        """Average CPU cores that others used over all turns; threads that wait for each other lose much more."""
        wall = sum(outcome.wall for outcome in self.outcomes.values())
        return sum(outcome.foreign for outcome in self.outcomes.values()) / wall if wall else 0.0

    @property
    def disturbed(self) -> bool:
        """Whether others used too much CPU for the figures to be reliable."""
        return self.foreign_cores > DISTURBANCE

    def seconds(self, name: str) -> list[float]:
        """Seconds per round; empty if it was not timed."""
        return self.outcomes[name].seconds if name in self.outcomes else []

    def ratio(self, name: str, over: str | None = None) -> Spread | None:
        """Return the time of a contestant relative to the reference (or `over`), over their common rounds.

        Batches of an epoch differ in size, so there it is the ratio of sums over the same batches.
        """
        pairs = list(zip(self.seconds(name), self.seconds(over or self.reference), strict=False))
        spread = Spread.of([theirs / ours for theirs, ours in pairs])
        if spread and self.workload.mode == "epoch":
            total = sum(theirs for theirs, _ in pairs) / sum(ours for _, ours in pairs)
            return Spread(total, spread.low, spread.high, spread.rounds)
        return spread

    def tokens_per_second(self, name: str) -> float | None:
        """Return real tokens per second."""
        if self.workload.mode == "epoch":
            whole = self.epoch_seconds(name)
            return self.tokens / whole if whole else None
        spread = Spread.of(self.seconds(name))
        return self.tokens / spread.median if spread else None

    def share(self, rate: str, name: str | None = None) -> Spread | None:
        """Return the time of the useful operations at a product's rate over the time taken, per round."""
        operations = useful_operations(self.workload, self.tokens, self.distinct)
        pairs = zip(self.seconds(name or self.reference), self.rates.get(rate, []), strict=False)
        return Spread.of([operations / speed / seconds for seconds, speed in pairs])

    def epoch_seconds(self, name: str) -> float | None:
        """Return seconds of a whole epoch: measured for the reference, for others its time times their ratio."""
        ratio = self.ratio(name)
        if self.whole is None or ratio is None:
            return None
        return self.whole if name == self.reference else self.whole * ratio.median
