"""The network for sequences of numbers: independence of neighbours, directions, parts."""

from __future__ import annotations

from typing import get_args

import pytest
import torch

from longshort.config import SequenceModelSettings
from longshort.networks.sequence_network import SequenceNetwork
from longshort.ragged import Pooling, Ragged

SETTINGS = SequenceModelSettings(filters=6, hidden_size=5)
FRONTS = ("conv", "none")


def batch(*lengths: int, seed: int = 0) -> Ragged:
    draw = torch.Generator().manual_seed(seed)
    return Ragged(torch.randn(sum(lengths), 3, generator=draw), torch.tensor(lengths))


def network(**changes: object) -> SequenceNetwork:
    """Its normalisation has met some values, as after a training."""
    torch.manual_seed(0)
    net = SequenceNetwork(3, 4, SETTINGS.replace(**changes))
    net(batch(20, 30, seed=1))
    return net.eval()


@pytest.mark.parametrize("pooling", get_args(Pooling))
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("front", FRONTS)
def test_a_sequence_is_answered_alike_alone_and_among_others(pooling: str, bidirectional: bool, front: str) -> None:
    net = network(pooling=pooling, bidirectional=bidirectional, front=front)
    sequences = batch(3, 17, 1, 40, *range(1, 30))
    with torch.no_grad():
        together = net(sequences)
        alone = torch.cat([net(sequences[i : i + 1]) for i in range(len(sequences))])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0)


@pytest.mark.parametrize("front", FRONTS)
def test_dropout_is_for_training_alone(front: str) -> None:
    net, sequences = network(front=front, output_dropout=0.5), batch(4, 9)
    assert torch.equal(net(sequences), net(sequences))
    net.train()
    assert not torch.equal(net(sequences), net(sequences))


def test_without_a_front_it_is_lstm_pooling_and_linear() -> None:
    net, sequences = network(front="none", pooling="mean"), batch(4, 9)
    states, _ = net.lstm(sequences)
    torch.testing.assert_close(net(sequences), net.linear(states.pool("mean")))
    assert net.front is None


def test_with_a_front_the_linear_layer_sees_both_parts() -> None:
    net, sequences = network(), batch(4, 9)
    assert net.front is not None
    found = net.front(sequences)
    states, _ = net.lstm(found)
    expected = net.linear(torch.cat([found.pool("mean"), states.pool("mean+max")], dim=1))
    torch.testing.assert_close(net(sequences), expected)


@pytest.mark.parametrize("front", FRONTS)
def test_only_a_bidirectional_network_looks_ahead(front: str) -> None:
    values = torch.randn(12, 3)
    changed = values.clone()
    changed[8:] += 1
    for bidirectional in (False, True):
        net = network(front=front, bidirectional=bidirectional)
        states = [net.lstm(net.front(each) if net.front else each)[0].values for each in (one(values), one(changed))]
        assert torch.equal(states[0][:8], states[1][:8]) != bidirectional


def one(values: torch.Tensor) -> Ragged:
    return Ragged(values, torch.tensor([len(values)]))


def test_every_weight_learns() -> None:
    net = network(num_layers=2).train()
    net(batch(5, 9, 2)).square().sum().backward()
    assert all(weight.grad is not None and bool(weight.grad.any()) for weight in net.parameters())
