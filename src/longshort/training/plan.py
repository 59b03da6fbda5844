"""Choose the number of epochs, the batch size and the patience from the size of the data."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from longshort.config import TrainingSettings

__all__ = ["TrainingPlan", "choose_plan"]

BATCHES_PER_EPOCH = 350
SMALLEST_BATCH, LARGEST_BATCH = 1_024, 8_192
"""Tokens. In smaller batches overhead dominates; in larger ones a step learns no more."""

FEWEST_ROWS = 16
"""Examples of mean length in a batch: with fewer, the gradient is mostly noise."""

UPDATES = 2_000
FEWEST_EPOCHS, MOST_EPOCHS = 4, 60


@dataclass(frozen=True)
class TrainingPlan:
    """The chosen values.

    Args:
        epochs: largest number of passes over the training split.
        batch_tokens: tokens per batch.
        patience: epochs without a better validation loss after which training stops.
    """

    epochs: int
    batch_tokens: int
    patience: int


def choose_plan(settings: TrainingSettings, lengths: NDArray[np.int64]) -> TrainingPlan:
    """Use what is set, and choose the rest so that small data is repeated often enough to learn from.

    An epoch has about 350 batches of at least 16 examples, and a training at least 2,000 updates, within the bounds
    of batch size and epochs. The patience is a third of the epochs.

    Args:
        settings: `epochs`, `batch_tokens` and `patience` may be None.
        lengths: `(examples,)` int64: tokens of each training example.
    """
    tokens = int(lengths.sum())
    rows = math.ceil(FEWEST_ROWS * tokens / len(lengths))
    fitting = min(max(tokens // BATCHES_PER_EPOCH, SMALLEST_BATCH, rows), LARGEST_BATCH)
    batch_tokens = fitting if settings.batch_tokens is None else settings.batch_tokens
    batches = max(1, tokens // batch_tokens)
    needed = min(max(math.ceil(UPDATES / batches), FEWEST_EPOCHS), MOST_EPOCHS)
    epochs = needed if settings.epochs is None else settings.epochs
    return TrainingPlan(epochs, batch_tokens, settings.patience or max(3, math.ceil(epochs / 3)))
