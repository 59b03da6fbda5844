"""What the training loop and inference need of examples and of what is to be learnt."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from torch import Tensor

from longshort.ragged import Ragged

__all__ = ["Batch", "Dataset", "Objective"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""


class Batch(Protocol):
    """Some examples, encoded."""

    @property
    def inputs(self) -> Ragged:
        """What the network takes: token ids `(tokens,)` int64, or numbers `(tokens, channels)` float32."""
        ...

    @property
    def targets(self) -> Tensor:
        """What it should answer, `(batch,)` or `(batch, labels)`."""
        ...

    @property
    def rows(self) -> AnyArray:
        """`(batch,)` int64: where the examples stand in their source."""
        ...


class Dataset(Protocol):
    """Encoded examples that can be taken in batches."""

    def __len__(self) -> int: ...

    @property
    def lengths(self) -> AnyArray:
        """`(examples,)` int64: the length of each sequence."""
        ...

    @property
    def targets(self) -> AnyArray:
        """What should be answered, `(examples,)` int64 or `(examples, labels)` float32."""
        ...

    def batch(self, indices: AnyArray) -> Batch:
        """The examples at `indices`, in that order."""
        ...


class Objective(Protocol):
    """What is to be learnt."""

    def losses(self, logits: Tensor, targets: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """`(batch,)` float32: the loss of each example, in nats."""
        ...

    def correct(self, logits: Tensor, targets: Tensor) -> Tensor | None:
        """`(batch,)` bool: whether each answer is right; None if answers are more or less near, as in regression."""
        ...

    def balance(self, targets: Tensor) -> Tensor:
        """Weights that make every class count alike."""
        ...
