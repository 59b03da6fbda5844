"""The learning-rate schedule, weight decay and the running mean."""

from __future__ import annotations

import copy

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from longshort.config import TrainingSettings
from longshort.training.optimizer import WARM_UP, learning_rate_at, make_optimizer, running_mean

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
    matrices, vectors, embeddings = make_optimizer(network, TrainingSettings(weight_decay=0.1)).param_groups
    assert [tuple(p.shape) for p in matrices["params"]] == [(2, 3)]
    assert [tuple(p.shape) for p in vectors["params"]] == [(2,)]
    assert [tuple(p.shape) for p in embeddings["params"]] == [(5, 3)]
    assert [group["weight_decay"] for group in (matrices, vectors, embeddings)] == [0.1, 0.0, 0.0]


def test_without_weight_decay_it_is_torchs_adam() -> None:
    torch.manual_seed(0)
    ours = nn.Linear(3, 2)
    theirs = copy.deepcopy(ours)
    mine = make_optimizer(ours, TrainingSettings(weight_decay=0, learning_rate=0.01))
    adam = torch.optim.Adam(theirs.parameters(), lr=0.01)
    for _ in range(5):
        inputs = torch.randn(4, 3)
        for network, optimizer in ((ours, mine), (theirs, adam)):
            optimizer.zero_grad()
            network(inputs).square().sum().backward()
            optimizer.step()
    torch.testing.assert_close(ours.weight, theirs.weight)


def test_the_running_mean_soon_forgets_the_initial_weights() -> None:
    network = nn.Linear(1, 1, bias=False)
    average = running_mean(network, 0.9)
    assert average is not None
    expected = network.weight.item()
    for step in range(30):
        with torch.no_grad():
            network.weight.fill_(float(step))
        average.update_parameters(network)
        past = min(0.9, (1 + step) / (10 + step))
        expected = float(step) if step == 0 else past * expected + (1 - past) * step
    assert average.module.weight.item() == pytest.approx(expected, rel=1e-5)


def test_there_is_no_running_mean_with_decay_0() -> None:
    assert running_mean(nn.Linear(1, 1), 0.0) is None
