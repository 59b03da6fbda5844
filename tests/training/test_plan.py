"""The plan follows from the size of the data."""

from __future__ import annotations

import numpy as np
import pytest

from longshort.config import TrainingSettings
from longshort.training.plan import TrainingPlan, choose_plan


@pytest.mark.parametrize(
    ("examples", "length", "expected"),
    [
        (22_500, 270, TrainingPlan(epochs=4, batch_tokens=8_192, patience=3)),
        (6_800, 22, TrainingPlan(epochs=14, batch_tokens=1_024, patience=5)),
        (10_000, 200, TrainingPlan(epochs=6, batch_tokens=5_714, patience=3)),
        (480, 270, TrainingPlan(epochs=60, batch_tokens=4_320, patience=20)),
        (50, 10, TrainingPlan(epochs=60, batch_tokens=1_024, patience=20)),
        (3, 0, TrainingPlan(epochs=60, batch_tokens=1_024, patience=20)),
    ],
)
def test_small_data_gets_more_epochs(examples: int, length: int, expected: TrainingPlan) -> None:
    assert choose_plan(TrainingSettings(), np.full(examples, length)) == expected


def test_explicit_settings_are_used() -> None:
    settings = TrainingSettings(epochs=2, batch_tokens=7, patience=1)
    assert choose_plan(settings, np.full(1_000, 100)) == TrainingPlan(epochs=2, batch_tokens=7, patience=1)


def test_larger_batches_need_more_epochs() -> None:
    small, large = (choose_plan(TrainingSettings(batch_tokens=n), np.full(1_000, 100)) for n in (1_000, 10_000))
    assert (small.epochs, large.epochs) == (20, 60)
