"""Batches under a token budget: rows of similar length together, so that nothing is padded and no batch is huge."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["POOL", "plan_batches"]

# Rows are sorted by length within pools of this size alone, so that each epoch brings other batches.
POOL = 4096

Indices = npt.NDArray[np.int64]


def plan_batches(
    lengths: npt.NDArray[np.int64],
    batch_tokens: int,
    *,
    generator: np.random.Generator | None = None,
    pool: int = POOL,
) -> list[Indices]:
    """Group examples into batches; each index from 0 to `len(lengths) - 1` is in one of them.

    Args:
        lengths: `(examples,)` int64, each at least 0.
        batch_tokens: the budget, in tokens: the rows of a batch times its longest length stay within it, unless one row
            alone is longer. An empty example counts as one token.
        generator: shuffles the examples and the order of the batches, for training. Without it the plan is always the
            same, the longest first, for evaluation.
        pool: for training, examples that are sorted by length together before they are cut into batches. As few as a
            batch has make batches of examples that are like each other in nothing.

    Returns:
        Arrays of int64 indices, each from the longest example to the shortest.
    """
    if generator is None:
        return _cut(_longest_first(np.arange(len(lengths)), lengths), lengths, batch_tokens)
    shuffled = generator.permutation(len(lengths))
    pools = (_longest_first(shuffled[start : start + pool], lengths) for start in range(0, len(shuffled), pool))
    batches = [batch for pool in pools for batch in _cut(pool, lengths, batch_tokens)]
    return [batches[i] for i in generator.permutation(len(batches))]


def _longest_first(indices: Indices, lengths: npt.NDArray[np.int64]) -> Indices:
    return indices[np.argsort(-lengths[indices], kind="stable")]


def _cut(indices: Indices, lengths: npt.NDArray[np.int64], batch_tokens: int) -> list[Indices]:
    """Cut indices that are sorted from long to short: the first of a batch is its longest."""
    batches = []
    start = 0
    while start < len(indices):
        longest = max(1, int(lengths[indices[start]]))
        rows = max(1, batch_tokens // longest)
        batches.append(indices[start : start + rows])
        start += rows
    return batches
