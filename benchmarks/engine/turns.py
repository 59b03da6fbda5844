"""Turns: all contestants run in rounds, so that other load on the machine affects all alike."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.engine.outcome import Outcome
from benchmarks.engine.process import WorkerError
from benchmarks.engine.team import Contestant, Team

__all__ = ["Entry", "Pace", "play"]


@dataclass(frozen=True)
class Pace:
    """How long to measure.

    Args:
        rounds: turns of a contestant.
        least: fewest turns of a slow contestant.
        turn: seconds of a turn; it has at least one repetition.
        share: largest total time of a contestant, in seconds.
    """

    rounds: int = 7
    least: int = 2
    turn: float = 0.3
    share: float = 6.0

    def turns(self, seconds: float) -> int:
        """Return the number of turns for a contestant whose first turn took this long."""
        return min(self.rounds, max(self.least, int(self.share / max(seconds, self.turn, 1e-9))))


@dataclass
class Entry:
    """A contestant to time, and its outcome."""

    contestant: Contestant
    outcome: Outcome


def play(team: Team, pace: Pace, entries: Sequence[Entry], batches: Sequence[int]) -> None:
    """Play one round per batch; a contestant that fails is out, with the reason in its outcome.

    Args:
        team: runs the contestants.
        pace: how long to measure.
        entries: in the order of their turns.
        batches: the batch of each round; zeros if the workload has only one.
    """
    left = {entry.contestant.label: len(batches) for entry in entries}
    for batch in batches:
        for entry in entries:
            label = entry.contestant.label
            if left[label] <= 0:
                continue
            left[label] -= 1
            try:
                turn = team.ask(entry.contestant, "turn", index=batch, least=pace.turn)
            except WorkerError as error:
                entry.outcome.status, entry.outcome.reason, left[label] = error.kind, str(error), 0
                continue
            if not entry.outcome.seconds:
                left[label] = pace.turns(turn["wall"]) - 1
            entry.outcome.seconds.append(statistics.median(turn["seconds"]))
            entry.outcome.wall += turn["wall"]
            entry.outcome.foreign += turn["foreign"]
