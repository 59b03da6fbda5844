"""How long a training is and how large its batches are, where the settings leave it to the data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from longshort.config import TrainingSettings

__all__ = ["TrainingPlan", "choose_plan"]

BATCHES_PER_EPOCH = 350
SMALLEST_BATCH, LARGEST_BATCH = 1_024, 8_192
"""Tokens. Below the one, a step's overhead outweighs its work; above the other, a step learns no more from more."""

FEWEST_ROWS = 16
"""Examples of mean length in a batch: the gradient of fewer is mostly noise."""

UPDATES = 2_000
FEWEST_EPOCHS, MOST_EPOCHS = 4, 60


@dataclass(frozen=True)
class TrainingPlan:
    """What was chosen.

    Args:
        epochs: times that the training split is gone through, at most.
        batch_tokens: tokens per batch.
        patience: epochs without a better validation loss after which training stops.
    """

    epochs: int
    batch_tokens: int
    patience: int


def choose_plan(settings: TrainingSettings, lengths: np.ndarray[Any, Any]) -> TrainingPlan:
    """Take what is set; choose the rest so that small data is gone through often enough to learn from it.

    An epoch has about 350 batches, within the bounds of their size, of at least 16 examples; a training has at least
    2,000 updates, within the bounds of its epochs; and a third of the epochs is waited for a better one.

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
