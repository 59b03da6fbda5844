"""Names, shapes and initial values of the weights."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from longshort.lstm import LSTM, initialise
from longshort.lstm.parameters import GATES, LayerWeights, Spec, layer_weights, parameter_shapes

ALL_KINDS = list(product((1, 3), (True, False), (True, False), (0, 2)))


@pytest.mark.parametrize(("num_layers", "bias", "bidirectional", "proj_size"), ALL_KINDS)
def test_names_shapes_and_order_are_those_of_torch(num_layers, bias, bidirectional, proj_size):
    kinds = {"num_layers": num_layers, "bias": bias, "bidirectional": bidirectional, "proj_size": proj_size}
    torchs = torch.nn.LSTM(5, 4, **kinds)
    expected = [(name, tuple(parameter.shape)) for name, parameter in torchs.named_parameters()]
    assert list(parameter_shapes(Spec(5, 4, **kinds)).items()) == expected


def test_the_gate_order_is_that_of_torch():
    """Closing one gate at a time through its bias must have the effect of that gate in torch's LSTM."""
    assert GATES == ("input", "forget", "cell", "output")
    x, c0 = torch.randn(1, 1, 2), torch.ones(1, 1, 3)

    def shut(gate: str) -> tuple[torch.Tensor, torch.Tensor]:
        lstm = torch.nn.LSTM(2, 3)
        with torch.no_grad():
            lstm.bias_ih_l0.chunk(4)[GATES.index(gate)].fill_(-1e4)
            _, (h, c) = lstm(x, (torch.zeros(1, 1, 3), c0))
        return h, c

    assert (shut("output")[0] == 0).all()
    assert (shut("forget")[1].abs() < 1).all()
    assert ((shut("input")[1] > 0) & (shut("input")[1] < 1)).all()
    assert (shut("cell")[1] < 1).all()


def test_layer_weights_come_layer_by_layer_forward_first():
    lstm = LSTM(5, 4, num_layers=2, bidirectional=True, proj_size=2)
    first, second, third, fourth = layer_weights(lstm, lstm.spec)
    assert first.input is lstm.weight_ih_l0
    assert second.hidden is lstm.weight_hh_l0_reverse
    assert third.input_bias is lstm.bias_ih_l1
    assert fourth.projection is lstm.weight_hr_l1_reverse
    assert [weight.shape for weight in fourth.flat()] == [(16, 4), (16, 2), (16,), (16,), (2, 4)]


def test_missing_weights_are_none():
    lstm = LSTM(5, 4, bias=False)
    (weights,) = layer_weights(lstm, lstm.spec)
    assert weights == LayerWeights(lstm.weight_ih_l0, lstm.weight_hh_l0, None, None, None)
    assert len(weights.flat()) == 2


def test_initialise_follows_the_papers():
    lstm = LSTM(50, 40, num_layers=2, bidirectional=True)
    torch.manual_seed(0)
    initialise(lstm, lstm.spec)
    for weights in layer_weights(lstm, lstm.spec):
        forget = torch.zeros(4, 40)
        forget[GATES.index("forget")] = 1
        assert torch.equal((weights.input_bias + weights.hidden_bias).view(4, 40), forget)
        for block in weights.hidden.chunk(4):
            torch.testing.assert_close(block @ block.T, torch.eye(40), atol=1e-5, rtol=0)
        bound = (6 / (weights.input.shape[1] + 40)) ** 0.5
        for block in weights.input.chunk(4):
            assert 0.95 * bound < block.abs().max() <= bound


def test_initialise_supports_projections_and_missing_biases():
    lstm = LSTM(5, 4, proj_size=2, bias=False)
    before = {name: parameter.clone() for name, parameter in lstm.named_parameters()}
    initialise(lstm, lstm.spec)
    for name, parameter in lstm.named_parameters():
        assert not torch.equal(parameter, before[name]), name
        assert parameter.requires_grad
