"""Forward, loss and backpropagation of a batch, as much of it at a time as there is memory for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from longshort.data.batches import plan_batches
from longshort.errors import NonFiniteError
from longshort.tasks import Dataset, Objective
from longshort.tasks.base import Batch
from longshort.training.memory_limit import (
    FEWEST_TOKENS,
    OutOfMemory,
    can_read_in_parts,
    is_out_of_memory,
    keep_little,
    short_of_memory,
)

__all__ = ["Found", "Gradients"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Found:
    """What a batch gave, besides the gradients, which the parameters hold.

    Args:
        batch: the examples, or the first part of them where they went through the network in parts.
        loss: the mean.
        correct: number of right answers; None where no answer is right or wrong.
        norm: of the gradient of all parameters together, before it was clipped.
    """

    batch: Batch
    loss: float
    correct: float | None
    norm: float


class Gradients:
    """Finds the gradients of batches.

    Args:
        objective: says what the loss is and which answers are right.
        network: gets the gradients.
        examples: the training split.
        weights: `(examples,)`: how much each counts; all alike where None.
        class_weights: as `Objective.losses` takes them.
        clip: largest norm of the gradient.
        note: is told, in a sentence, where memory ran out.

    Attributes:
        most_tokens: that go through the network at a time; None for whole batches. The gradients of a batch are those
            of its parts together, up to rounding; what a normalisation takes over a batch, it takes over a part.
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
        """As above."""
        return self._most_tokens

    @most_tokens.setter
    def most_tokens(self, most: int | None) -> None:
        self._most_tokens = most
        if most is not None:
            keep_little()
        if can_read_in_parts(self._network):
            self._network.part_tokens = most  # type: ignore[assignment]

    def of(self, indices: Array, step: int) -> Found:
        """Find the gradients of a batch and clip them; in smaller parts where memory runs out.

        Args:
            indices: its examples.
            step: the number of the update, for messages.

        Raises:
            NonFiniteError: the loss or the gradient is NaN or infinite.
            MemoryLimitError: memory ran out with the smallest parts that can be taken.
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
            for buffer, held in before:  # a normalisation may have met a part of the batch
                buffer.copy_(held)
            self._take_less(indices)

    def _take_less(self, indices: Array) -> None:
        lengths = self._examples.lengths[indices]
        now = min(self.most_tokens or int(lengths.sum()), int(lengths.sum()))
        longest = int(lengths.max())
        if now // 2 < (FEWEST_TOKENS if can_read_in_parts(self._network) else longest):
            raise short_of_memory(now)
        self.most_tokens = now // 2
        self._note(
            f"Memory ran out with {now:,} tokens at a time. From here on batches go through the network {now // 2:,} "
            "tokens at a time, and are learnt from together."
        )

    def _of(self, indices: Array, step: int) -> Found:
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
        return Found(first, loss, None if np.isnan(correct) else correct, norm.item())

    def _parts(self, indices: Array) -> list[Array]:
        if self.most_tokens is None:
            return [indices]
        return [indices[part] for part in plan_batches(self._examples.lengths[indices], self.most_tokens)]


def _check_finite(value: Tensor, what: str, rows: Array, step: int) -> None:
    if bool(torch.isfinite(value)):
        return
    shown = ", ".join(str(row) for row in rows[:5].tolist()) + (", ..." if len(rows) > 5 else "")
    raise NonFiniteError(
        f"The {what} must be finite. Got {value.item()} at step {step} (rows {shown}); the update was not made.",
        "Try a smaller --learning-rate or --gradient-clip, and look at those rows.",
        step=step,
        rows=rows.tolist(),
    )
