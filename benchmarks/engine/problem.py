"""`Problem`: the arrays of a workload, drawn from a seed, the same in every process without being sent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from benchmarks.engine.workload import VOCABULARY, Workload
from numpy.typing import NDArray

__all__ = ["Floats", "Integers", "Layout", "Problem", "Weights", "draw_lengths", "draw_tokens", "draw_weights"]

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

MEAN_LENGTH = 234.0
SPREAD = 0.69
"""Standard deviation of the logarithm of lengths: the 99th percentile is 3.9 times the mean, as in film reviews."""


@dataclass(frozen=True)
class Weights:
    """Weights of one layer in one direction, in torch's layout: gates i, f, g, o along the first axis."""

    input: Floats
    hidden: Floats
    input_bias: Floats
    hidden_bias: Floats


@dataclass(frozen=True)
class Problem:
    """A workload's arrays.

    Args:
        workload: the workload.
        lengths: `(batch,)`.
        inputs: `(tokens, features)`, or `(tokens,)` ids; the sequences concatenated.
        table: `(vocabulary, features)`, the embedding; without rows if inputs are vectors.
        weights: weights of the layer.
        direction: `(tokens, hidden)`, the gradient of the outputs.
    """

    workload: Workload
    lengths: Integers
    inputs: NDArray[np.generic]
    table: Floats
    weights: Weights
    direction: Floats

    @property
    def tokens(self) -> int:
        """Real tokens."""
        return int(self.lengths.sum())

    @property
    def distinct(self) -> int:
        """Distinct tokens; all tokens if the inputs are vectors."""
        return len(np.unique(self.inputs)) if self.workload.input == "token" else self.tokens

    @classmethod
    def of(cls, workload: Workload, seed: int = 0) -> Problem:
        """Draw the arrays."""
        random = np.random.default_rng(seed)
        generate, hidden = workload.mode == "generate", workload.hidden
        lengths = np.array([workload.longest]) if generate else draw_lengths(random, workload.batch, workload.longest)
        tokens = int(lengths.sum())
        by_token = workload.input == "token"
        table = random.standard_normal((VOCABULARY if by_token else 0, hidden), np.float32)
        inputs = draw_tokens(random, tokens) if by_token else random.standard_normal((tokens, hidden), np.float32)
        weights = draw_weights(random, hidden)
        return cls(workload, lengths, inputs, table, weights, random.standard_normal((tokens, hidden), np.float32))


def draw_lengths(random: np.random.Generator, batch: int, longest: int) -> Integers:
    """Draw log-normal lengths of mean 234, clipped to 1 to `longest`."""
    centre = np.log(MEAN_LENGTH) - SPREAD**2 / 2
    return random.lognormal(centre, SPREAD, batch).round().astype(np.int64).clip(1, longest)


def draw_tokens(random: np.random.Generator, tokens: int) -> Integers:
    """Draw ids; the probability of rank r is proportional to 1 / r (Zipf)."""
    weight = 1.0 / np.arange(1, VOCABULARY + 1)
    return random.choice(VOCABULARY, tokens, p=weight / weight.sum())


def draw_weights(random: np.random.Generator, hidden: int) -> Weights:
    """Draw uniformly within 1 / sqrt(hidden), like torch's initial weights."""

    def draw(*shape: int) -> Floats:
        drawn: Floats = (random.uniform(-1, 1, shape) / np.sqrt(hidden)).astype(np.float32)
        return drawn

    return Weights(draw(4 * hidden, hidden), draw(4 * hidden, hidden), draw(4 * hidden), draw(4 * hidden))


@dataclass(frozen=True)
class Layout:
    """Some rows of a ragged batch as one padded block, time first.

    Args:
        rows: `(width,)`, the sequences, in the order of the block.
        take: `(time, width)`, index in the ragged values of each cell of the block; -1 for padding.
    """

    rows: Integers
    take: Integers

    @classmethod
    def of(cls, lengths: Integers, rows: Integers | None = None) -> Layout:
        """Lay out the given rows, or all, padded to the longest."""
        rows = np.arange(len(lengths)) if rows is None else rows
        starts = (np.cumsum(lengths) - lengths)[rows]
        step = np.arange(int(lengths[rows].max()))[:, None]
        return cls(rows, np.where(step < lengths[rows], starts + step, -1))

    def fill(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Pad ragged values `(tokens, ...)` with zeros to `(time, width, ...)`."""
        zero = np.zeros((1, *values.shape[1:]), values.dtype)
        return np.concatenate([values, zero])[self.take]

    def collect(self, padded: NDArray[np.generic], into: NDArray[np.generic]) -> None:
        """Write the real cells of a padded block into ragged values."""
        real = self.take >= 0
        into[self.take[real]] = padded[real]
