"""How long a training on sequences of numbers is, where the settings leave it open: such sets are often tiny."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from longshort.config import SequenceModelSettings, TrainingSettings

__all__ = ["HOLD_OUT_FROM", "for_sequences", "members_for", "rows_per_batch", "validation_share"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""

UPDATES, MOST_UPDATES = 600, 3_000
EPOCHS, FEWEST_EPOCHS = 20, 4
MOST_EPOCHS, FEWEST_UPDATES = 100, 200
"""A few dozen sequences are known by heart after a hundred epochs, and more of them make the answers too sure."""

FEWEST_ROWS, BATCHES_PER_EPOCH, LARGEST_BATCH = 16, 350, 8_192

HOLD_OUT_FROM = 5_000
"""Training sequences from which on some are held out to choose the best epoch. Of fewer, a tenth is under 500, which
choose by chance and are missed in training (docs/experiments.md)."""

MEMBERS, ONE_FROM = 3, 2_000
"""Networks that answer together, and the training sequences from which on one is enough: where they are few, chance
decides much of what one network makes of them (docs/experiments.md)."""


def rows_per_batch(lengths: AnyArray) -> int:
    """Sequences in a batch: 16, and more only where an epoch would have over 350 batches.

    They are spread evenly, for the normalisation of a network with convolutions would take a last batch of one for the
    whole.

    Args:
        lengths: `(sequences,)` int64: steps of each training sequence.
    """
    count = len(lengths)
    rows = max(FEWEST_ROWS, min(math.ceil(count / BATCHES_PER_EPOCH), int(LARGEST_BATCH / lengths.mean())))
    return math.ceil(count / math.ceil(count / rows))


def for_sequences(settings: TrainingSettings, lengths: AnyArray) -> TrainingSettings:
    """The settings with `epochs` and `batch_tokens` chosen where they are None.

    A batch holds `rows_per_batch` of the longest sequences. A training has at least 600 updates and 20 epochs, but for
    the sake of the former no more than 100 epochs, beyond 200 updates, for the sake of the latter no more than 3,000
    updates, and at least 4 epochs in any case.

    Args:
        settings: of the training.
        lengths: `(sequences,)` int64: steps of each training sequence.
    """
    rows = rows_per_batch(lengths)
    budget = settings.batch_tokens or rows * int(lengths.max())
    batches = max(math.ceil(len(lengths) / rows), math.ceil(int(lengths.sum()) / budget))
    enough = min(EPOCHS, math.ceil(MOST_UPDATES / batches))
    updates = max(math.ceil(FEWEST_UPDATES / batches), min(MOST_EPOCHS, math.ceil(UPDATES / batches)))
    epochs = settings.epochs or max(FEWEST_EPOCHS, enough, updates)
    return settings.replace(batch_tokens=budget, epochs=epochs)


def members_for(sequences: int, settings: SequenceModelSettings) -> SequenceModelSettings:
    """The settings with `members` chosen if it is None: 3, or 1 from 2,000 training sequences on."""
    chosen = settings.members or (MEMBERS if sequences < ONE_FROM else 1)
    return settings.replace(members=chosen)


def validation_share(sequences: int, asked: float) -> float:
    """The share of the training sequences that chooses the best epoch: `asked`, or 0 if they are few."""
    return asked if sequences >= HOLD_OUT_FROM else 0.0
