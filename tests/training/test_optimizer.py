"""The learning rate over time, and what weight decay spares."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from longshort.config import TrainingSettings
from longshort.training.optimizer import WARM_UP, learning_rate_at, make_optimizer

ONE_CYCLE = TrainingSettings(learning_rate=0.01)


@given(st.floats(0, 1))
def test_one_cycle_stays_between_zero_and_its_peak(progress: float) -> None:
    assert 0 <= learning_rate_at(progress, ONE_CYCLE) <= 0.01


def test_one_cycle_rises_to_the_peak_and_falls_to_zero() -> None:
    assert learning_rate_at(0, ONE_CYCLE) == pytest.approx(0.01 / 25)
    assert learning_rate_at(WARM_UP, ONE_CYCLE) == pytest.approx(0.01)
    assert learning_rate_at(1, ONE_CYCLE) == pytest.approx(0, abs=1e-12)
    rates = [learning_rate_at(WARM_UP + i / 100, ONE_CYCLE) for i in range(70)]
    assert rates == sorted(rates, reverse=True)


def test_constant_is_constant() -> None:
    settings = ONE_CYCLE.replace(schedule="constant")
    assert {learning_rate_at(p, settings) for p in (0, 0.3, 1)} == {0.01}


def test_weight_decay_spares_biases_and_embeddings() -> None:
    network = nn.ModuleDict({"embedding": nn.Embedding(5, 3), "linear": nn.Linear(3, 2)})
    decayed, others = make_optimizer(network, TrainingSettings(weight_decay=0.1)).param_groups
    assert [p.shape for p in decayed["params"]] == [(2, 3)]
    assert {tuple(p.shape) for p in others["params"]} == {(5, 3), (2,)}
    assert (decayed["weight_decay"], others["weight_decay"]) == (0.1, 0.0)
