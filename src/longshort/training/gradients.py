"""Compute the gradients of a batch, whole or accumulated over parts that fit in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from longshort.data.batches import plan_batches
from longshort.errors import NonFiniteError
from longshort.networks import Dataset, Objective
from longshort.networks.base import Batch
from longshort.training.memory_limit import (
    FEWEST_TOKENS,
    OutOfMemory,
    can_read_in_parts,
    is_out_of_memory,
    memory_error,
    shrink_kernel_cache,
)

__all__ = ["BatchResult", "Gradients"]

Indices = NDArray[np.int64]


@dataclass(frozen=True)
class BatchResult:
    """The result of a batch, besides the gradients, which the parameters hold.

    Args:
        batch: the examples, or the first part of them if the batch was split.
        loss: mean over the examples.
        correct: number of correct answers; None if answers are neither right nor wrong.
        norm: norm of the gradient of all parameters together, before clipping.
    """

    batch: Batch
    loss: float
    correct: float | None
    norm: float


class Gradients:
    """Computes the gradients of batches.

    Args:
        objective: defines the loss and the correct answers.
        network: receives the gradients.
        examples: the training split.
        weights: `(examples,)`: weight of each example in the loss; equal if None.
        class_weights: as `Objective.losses` takes them.
        clip: largest norm of the gradient.
        note: called with a sentence when memory runs out.

    Attributes:
        most_tokens: tokens that the network processes at a time; None for whole batches. Gradients are accumulated
            over the parts of a batch and equal those of the whole up to rounding; a batch normalisation sees one
            part at a time.
    """

    def __init__(
        self,
        objective: Objective,
        network: nn.Module,
        examples: Dataset,
        weights: Tensor | None,
        class_weights: Tensor | None,
        clip: float,
        note: Callable[[str], None],
    ) -> None:
        self._objective, self._network, self._examples = objective, network, examples
        self._weights, self._class_weights, self._clip, self._note = weights, class_weights, clip, note
        self.most_tokens = None

    @property
    def most_tokens(self) -> int | None:
        """Tokens that the network processes at a time; None for whole batches."""
        return self._most_tokens

    @most_tokens.setter
    def most_tokens(self, most: int | None) -> None:
        self._most_tokens = most
        if most is not None:
            shrink_kernel_cache()
        if can_read_in_parts(self._network):
            self._network.part_tokens = most  # type: ignore[assignment]

    def of(self, indices: Indices, step: int) -> BatchResult:
        """Compute the gradients of a batch and clip them; retry in smaller parts when memory runs out.

        Args:
            indices: `(batch,)` int64: the examples.
            step: number of the update, for messages.

        Raises:
            NonFiniteError: the loss or the gradient is NaN or infinite.
            MemoryLimitError: memory ran out with the smallest possible parts.
        """
        while True:
            generator = torch.random.get_rng_state()
            before = [(each, each.clone()) for each in self._network.buffers()]
            try:
                return self._of(indices, step)
            except OutOfMemory as error:
                if not is_out_of_memory(error):
                    raise
            self._network.zero_grad()
            torch.random.set_rng_state(generator)
            for buffer, held in before:  # a normalisation may have seen part of the batch
                buffer.copy_(held)
            self._halve(indices)

    def _halve(self, indices: Indices) -> None:
        lengths = self._examples.lengths[indices]
        now = min(self.most_tokens or int(lengths.sum()), int(lengths.sum()))
        longest = int(lengths.max())
        if now // 2 < (FEWEST_TOKENS if can_read_in_parts(self._network) else longest):
            raise memory_error(now)
        self.most_tokens = now // 2
        self._note(
            f"Memory ran out with {now:,} tokens at a time. From now on, gradients are accumulated over {now // 2:,} "
            "tokens at a time."
        )

    def _of(self, indices: Indices, step: int) -> BatchResult:
        parts, first = self._parts(indices), None
        loss, correct = 0.0, 0.0
        self._network.zero_grad()
        for part in parts:
            batch = self._examples.batch(part)
            first = first or batch
            logits = self._network(batch.inputs)
            losses = self._objective.losses(logits, batch.targets, self._class_weights)
            mean = (losses if self._weights is None else losses * self._weights[part]).mean()
            mean = mean * (len(part) / len(indices)) if len(parts) > 1 else mean
            _check_finite(mean, "loss", batch.rows, step)
            mean.backward()  # type: ignore[no-untyped-call]
            right = self._objective.correct(logits, batch.targets)
            loss, correct = loss + mean.item(), correct + (np.nan if right is None else float(right.sum()))
        norm = nn.utils.clip_grad_norm_(self._network.parameters(), self._clip)
        assert first is not None
        _check_finite(norm, "gradient", first.rows if len(parts) == 1 else self._examples.batch(indices).rows, step)
        return BatchResult(first, loss, None if np.isnan(correct) else correct, norm.item())

    def _parts(self, indices: Indices) -> list[Indices]:
        if self.most_tokens is None:
            return [indices]
        return [indices[part] for part in plan_batches(self._examples.lengths[indices], self.most_tokens)]


def _check_finite(value: Tensor, what: str, rows: Indices, step: int) -> None:
    if bool(torch.isfinite(value)):
        return
    shown = ", ".join(str(row) for row in rows[:5].tolist()) + (", ..." if len(rows) > 5 else "")
    raise NonFiniteError(
        f"The {what} must be finite. Got {value.item()} at step {step} (rows {shown}); the update was not made.",
        "Try a smaller --learning-rate or --gradient-clip, and check those rows.",
        step=step,
        rows=rows.tolist(),
    )
