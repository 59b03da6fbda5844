"""`Contest`: one workload. All peers compute an answer; those that agree with the reference are timed in turns."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.equality import compare, verdict
from benchmarks.engine.outcome import Cell, Outcome
from benchmarks.engine.peer import Answer
from benchmarks.engine.peers import OURS, PRODUCTS
from benchmarks.engine.peers.products import product_operations
from benchmarks.engine.problem import Problem
from benchmarks.engine.process import WorkerError
from benchmarks.engine.team import Contestant, Team
from benchmarks.engine.turns import Entry, Pace, play
from benchmarks.engine.workload import Workload

__all__ = ["ONE_THREAD", "Contest", "measure_products"]

ONE_THREAD = "longshort on 1 thread"


def measure_products(team: Team, pace: Pace, threads: int) -> dict[str, float]:
    """Return operations per second of every available product in `PRODUCTS`: the median of the rounds."""
    measured = Contest(team, pace, Workload("forward", 1, 1, 1, threads), [], list(PRODUCTS)).rates()
    return {name: float(np.median(rates)) for name, rates in measured.items() if rates}


@dataclass
class Contest:
    """All contestants in one workload.

    Args:
        team: runs the contestants.
        pace: how long to measure.
        workload: the workload.
        peers: names in `PEERS`; ours come first, as the reference.
        products: names in `PRODUCTS` that take part in every round.
        whole: whether the reference finally runs all batches of an epoch.
    """

    team: Team
    pace: Pace
    workload: Workload
    peers: Sequence[str]
    products: Sequence[str]
    whole: bool = True
    _reference: Answer = field(default_factory=dict)

    def run(self) -> Cell:
        """Measure. The cell has no reference if none of our peers supports this workload."""
        cell = self._blank()
        contestants = self._contestants()
        with tempfile.TemporaryDirectory() as folder:
            entries = [self._enter(cell, each, Path(folder, "answer.npz")) for each in contestants]
        if cell.reference:
            self._measure(cell, [entry for entry in entries if entry.outcome.status == "timed"])
        for each in contestants:
            with contextlib.suppress(WorkerError):
                self.team.ask(each, "drop")
        return cell

    def rates(self) -> dict[str, list[float]]:
        """Measure the products alone."""
        return self._play([], [0] * self.pace.rounds)

    def _blank(self) -> Cell:
        if self.workload.mode == "epoch":
            epoch = Epoch.of(self.workload)
            return Cell(self.workload, epoch.tokens, epoch.distinct, batches=epoch.batches)
        problem = Problem.of(self.workload)
        return Cell(self.workload, problem.tokens, problem.distinct)

    def _contestants(self) -> list[Contestant]:
        threads = self.workload.threads
        everyone = [Contestant(name, name, threads) for name in self.peers]
        if threads > 1 and OURS[0] in self.peers and self.workload.mode in ("forward", "train"):
            everyone.append(Contestant(ONE_THREAD, OURS[0], 1))
        return everyone

    def _enter(self, cell: Cell, contestant: Contestant, path: Path) -> Entry:
        """Let a contestant prepare and answer, and compare its answer."""
        outcome = cell.outcomes[contestant.label] = Outcome(contestant.label)
        try:
            prepared = self.team.ask(contestant, "prepare", workload=dataclasses.asdict(self.workload))
            self.team.ask(contestant, "answer", path=str(path))
        except WorkerError as error:
            outcome.status, outcome.reason = error.kind, str(error)
            return Entry(contestant, outcome)
        outcome.note = prepared["note"]
        with np.load(path) as stored:
            answer = {name: stored[name] for name in stored.files}
        if not cell.reference:
            cell.reference, self._reference = contestant.label, answer
        outcome.differences = compare(answer, self._reference)
        outcome.reason = verdict(outcome.differences, prepared["tolerance"])
        outcome.status = "differs" if outcome.reason else "timed"
        return Entry(contestant, outcome)

    def _measure(self, cell: Cell, entries: list[Entry]) -> None:
        if self.workload.mode != "epoch":
            cell.rates = self._play(entries, [0] * self.pace.rounds)
            return
        sample = np.linspace(0, cell.batches - 1, min(self.pace.rounds, cell.batches)).astype(int).tolist()
        play(self.team, self.pace, entries, sample)
        if self.whole:
            ours = next(entry.contestant for entry in entries if entry.contestant.label == cell.reference)
            turns = (self.team.ask(ours, "turn", index=index, least=0.0) for index in range(cell.batches))
            cell.whole = sum(turn["seconds"][0] for turn in turns)

    def _play(self, entries: list[Entry], batches: list[int]) -> dict[str, list[float]]:
        """Time entries and products; return operations per second of each product, per round."""
        products = []
        for name in self.products:
            contestant = Contestant(name, name, self.workload.threads)
            with contextlib.suppress(WorkerError):
                self.team.ask(contestant, "prepare", workload=dataclasses.asdict(self.workload))
                products.append(Entry(contestant, Outcome(name)))
        play(self.team, self.pace, [*entries, *products], batches)
        operations = product_operations()
        return {each.outcome.name: [operations / spent for spent in each.outcome.seconds] for each in products}
