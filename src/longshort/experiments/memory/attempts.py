"""One attempt: train one network on one problem at one length, on sequences that it sees once, until it is solved."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, final

import numpy as np
import torch
from torch import Tensor

from longshort.config import TrainingSettings
from longshort.errors import Interrupted, NonFiniteError
from longshort.experiments.memory.network import MemoryNetwork, NetworkName
from longshort.experiments.memory.problem import Array, Problem
from longshort.experiments.sequences import NumberBatch, NumberSequences
from longshort.networks import predict_logits
from longshort.training import Training
from longshort.training.interrupt import Interrupt

__all__ = ["BATCH", "HIDDEN", "LEARNING_RATES", "RECIPE", "Attempt", "Point", "attempt"]

HIDDEN = 64
BATCH = 64
"""New sequences in each step."""

BETWEEN = 100
"""Steps between two measurements of the score."""

WATCHED, JUDGED = 500, 2_000
"""Sequences on which the score is followed, and new ones on which it is measured at the end."""

LEARNING_RATES: dict[NetworkName, float] = {"lstm": 1e-2, "rnn": 1e-3}
"""The best for each of those that were tried; at the LSTM's, the plain network learns nothing even at length 50."""

RECIPE: dict[str, Any] = {
    "schedule": "constant",
    "weight_decay": 0.0,  # AdamW without it is Adam
    "averaging": 0.0,
    "gradient_clip": 1.0,
    "statistics": False,
}


@dataclass(frozen=True)
class Point:
    """A look at the score during training: after so many steps."""

    step: int
    score: float


@dataclass(frozen=True)
class Attempt:
    """What came of one training.

    Args:
        problem, network, length, seed: what was tried.
        score: on new sequences, after the training.
        solved: whether that is below what counts as solved.
        overflowed: whether the training ended because the gradient became infinite; the score is of the weights before.
        steps: that were made; it ends when the score that is followed is below half of what counts as solved.
        seconds: that it took.
        points: the score during the training.
    """

    problem: str
    network: NetworkName
    length: int
    seed: int
    score: float
    solved: bool
    overflowed: bool
    steps: int
    seconds: float
    points: tuple[Point, ...]


Look = Callable[[Point], None]


def attempt(
    problem: Problem, network: NetworkName, length: int, seed: int, *, steps: int, look: Look | None = None
) -> Attempt:
    """Train until the problem is solved, or for `steps` steps of 64 new sequences.

    Args:
        problem: to be solved.
        network: "lstm" or "rnn".
        length: of the sequences.
        seed: of the first weights and of all sequences.
        steps: at most; a multiple of 100, or else rounded up to one.
        look: called with the score every 100 steps.

    Raises:
        Interrupted: Ctrl-C.
    """
    began = time.perf_counter()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = MemoryNetwork(network, problem, length, HIDDEN)
    watched = _sequences(problem, length, WATCHED, np.random.default_rng([seed, 1]))
    training = _training(problem, made, length, seed, LEARNING_RATES[network])
    points = [Point(0, _score(problem, made, watched))]
    overflowed = False
    try:
        for point in _train(training, lambda: _score(problem, made, watched), steps):
            points.append(point)
            if look:
                look(point)
            if point.score < problem.solved / 2:
                break
    except NonFiniteError:
        overflowed = True
        made.load_state_dict(training.best_weights)
    score = _score(problem, made, _sequences(problem, length, JUDGED, np.random.default_rng([seed, 2])))
    return Attempt(
        problem.name,
        network,
        length,
        seed,
        score=score,
        solved=score < problem.solved,
        overflowed=overflowed,
        steps=training.steps,
        seconds=time.perf_counter() - began,
        points=tuple(points),
    )


def _train(training: Training, score: Callable[[], float], steps: int) -> Iterator[Point]:
    """Train for 100 steps each time that a point is asked for, until there are `steps` of them."""
    for epoch in range(1, -(-steps // BETWEEN) + 1):
        with Interrupt() as interrupt:
            training.run_epoch(epoch, interrupt)
        if interrupt.requested:
            raise Interrupted(f"Stopped after {training.steps:,} steps of an attempt.", "Run the experiment again.")
        yield Point(training.steps, score())


def _training(problem: Problem, network: MemoryNetwork, length: int, seed: int, rate: float) -> Training:
    tokens = BATCH * problem.steps(length)
    settings = TrainingSettings(batch_tokens=tokens, learning_rate=rate, seed=seed, **RECIPE)
    return Training(_Answering(problem), network, _Fresh(problem, length, seed), None, settings)


def _sequences(problem: Problem, length: int, count: int, generator: np.random.Generator) -> NumberSequences:
    drawn = problem.draw(length, count, generator)
    return NumberSequences(drawn.values, drawn.targets)


def _score(problem: Problem, network: MemoryNetwork, sequences: NumberSequences) -> float:
    answers = predict_logits(network, sequences)
    return float(problem.scores(answers, torch.from_numpy(sequences.targets)).double().mean())


@final
class _Fresh:
    """The sequences between two measurements; each batch is drawn when it is taken."""

    def __init__(self, problem: Problem, length: int, seed: int) -> None:
        self._problem, self._length = problem, length
        self._generator = np.random.default_rng([seed, 0])
        self.lengths = np.full(BATCH * BETWEEN, problem.steps(length), dtype=np.int64)
        self.targets: Array = np.empty(0)

    def __len__(self) -> int:
        return len(self.lengths)

    def batch(self, indices: Array) -> NumberBatch:
        """As many new sequences as there are indices."""
        made = _sequences(self._problem, self._length, len(indices), self._generator)
        return made.batch(np.arange(len(indices)))


@final
class _Answering:
    """A problem as the training loop takes what is to be learnt."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def losses(self, logits: Tensor, targets: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """`(batch,)`, those of the problem."""
        return self._problem.losses(logits, targets)

    def correct(self, logits: Tensor, targets: Tensor) -> Tensor:
        """`(batch,)` bool: whether the score is one that counts as solved."""
        return self._problem.scores(logits, targets) < self._problem.solved

    def balance(self, targets: Tensor) -> Tensor:
        """No answer weighs more than another."""
        return torch.ones(1)
