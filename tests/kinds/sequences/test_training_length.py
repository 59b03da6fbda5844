"""How long and in which batches sequences are trained on, by the size of the set."""

from __future__ import annotations

import numpy as np
import pytest

from longshort.config import TrainingSettings
from longshort.data import plan_batches
from longshort.kinds.sequences.training_length import for_sequences, rows_per_batch, validation_share

SETTINGS = TrainingSettings()


@pytest.mark.parametrize(("count", "batches"), [(1, 1), (16, 1), (17, 2), (33, 3), (36, 3), (270, 17), (1437, 90)])
def test_batches_are_of_sixteen_or_less_and_even(count: int, batches: int) -> None:
    lengths = np.random.default_rng(0).integers(5, 50, count)
    rows = rows_per_batch(lengths)
    budget = for_sequences(SETTINGS, lengths).batch_tokens
    assert budget is not None
    plan = plan_batches(lengths, budget, generator=np.random.default_rng(0), pool=rows)
    assert len(plan) == batches
    assert max(len(batch) for batch in plan) <= 16
    assert min(len(batch) for batch in plan) >= min(count, 6)


@pytest.mark.parametrize(
    ("count", "epochs", "updates"),
    [
        (1, 200, 200),
        (36, 100, 300),
        (67, 100, 500),
        (270, 36, 612),
        (1437, 20, 1800),
        (10_000, 9, 3105),
        (100_000, 9, 3150),
    ],
)
def test_there_are_updates_enough_and_not_too_many(count: int, epochs: int, updates: int) -> None:
    lengths = np.full(count, 20)
    assert for_sequences(SETTINGS, lengths).epochs == epochs
    assert epochs * -(-count // rows_per_batch(lengths)) == updates


def test_a_large_set_has_larger_batches_and_few_epochs() -> None:
    lengths = np.full(1_000_000, 20)
    assert rows_per_batch(lengths) == 409
    assert for_sequences(SETTINGS, lengths).epochs == 4


def test_what_is_set_stays() -> None:
    settings = for_sequences(SETTINGS.replace(epochs=7, batch_tokens=99), np.full(50, 10))
    assert (settings.epochs, settings.batch_tokens) == (7, 99)


def test_few_sequences_are_all_trained_on() -> None:
    assert validation_share(1437, 0.1) == 0
    assert validation_share(5000, 0.1) == 0.1
