"""Gate statistics match the equations, and measuring has no side effects."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.training.numbers import Network, NumberBatch, Numbers, network
from torch import Tensor, nn

from longshort.lstm import LSTM
from longshort.lstm.equations import trace_equations
from longshort.lstm.parameters import layer_weights
from longshort.networks import ClassificationObjective, Ensemble
from longshort.ragged import Ragged
from longshort.training.gates import ROWS, STEPS, TOTAL_STEPS, measure_gates

OBJECTIVE = ClassificationObjective(2)


class Deep(nn.Module):
    """Two layers in both directions; `last` classifies by the last hidden states, otherwise by the mean."""

    def __init__(self, *, last: bool = False, states: bool = False) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.lstm = LSTM(1, 6, num_layers=2, bidirectional=True)
        self.linear = nn.Linear(12, 1)
        self.last, self.states = last, states

    def first_states(self, batch: int) -> tuple[Tensor, Tensor]:
        draw = torch.Generator().manual_seed(1)
        hidden, cell = torch.randn(2, 4, batch, 6, generator=draw)
        return hidden.tanh(), cell

    def forward(self, inputs: Ragged) -> Tensor:
        outputs, _ = self.lstm(inputs, hx=self.first_states(len(inputs))) if self.states else self.lstm(inputs)
        logits: Tensor = self.linear(outputs.pool("last" if self.last else "mean"))
        return logits


def batch(count: int = 8, seed: int = 0) -> NumberBatch:
    return Numbers(count, seed).batch(np.arange(count))


@pytest.mark.parametrize("states", [False, True])
def test_the_gates_are_those_of_the_equations(states: bool) -> None:
    model, seen = Deep(states=states), batch()
    found = measure_gates(model, seen, OBJECTIVE).gates
    zeros = torch.zeros(4, 8, 6)
    h0, c0 = model.first_states(8) if states else (zeros, zeros)
    with torch.no_grad():
        traces = trace_equations(seen.inputs, h0, c0, layer_weights(model.lstm, model.lstm.spec), model.lstm.spec)
    assert list(found) == ["lstm.l0", "lstm.l0_reverse", "lstm.l1", "lstm.l1_reverse"]
    for place, trace in zip(found.values(), traces, strict=True):
        for gate in ("input", "forget", "output"):
            values = getattr(trace, gate).values
            low, high = values.aminmax(dim=0)
            expected = {
                "mean": values.mean(),
                "low": (values < 0.05).float().mean(),
                "high": (values > 0.95).float().mean(),
                "still": (high - low < 0.01).float().mean(),
                "shut": (high <= 0.05).float().mean(),
            }
            assert place[gate] == pytest.approx({key: float(value) for key, value in expected.items()}, abs=1e-6)
        assert place["candidate"]["mean"] == pytest.approx(float(trace.candidate.values.abs().mean()), abs=1e-6)
        assert place["hidden"]["mean"] == pytest.approx(float(trace.hidden.values.abs().mean()), abs=1e-6)


def test_an_ensemble_is_measured_by_its_first_member() -> None:
    several, seen = Ensemble([Deep(last=True), network()]), batch()
    assert measure_gates(several, seen, OBJECTIVE).gates == measure_gates(several.members[0], seen, OBJECTIVE).gates


def test_saturated_closed_and_still_gates_are_counted() -> None:
    model = network()
    with torch.no_grad():
        for weight in model.lstm.parameters():
            weight.zero_()
        bias = model.lstm.bias_ih_l0
        bias[0:2], bias[8:11], bias[16:20], bias[24:32] = -10.0, 10.0, 10.0, 2.0
    place = measure_gates(model, batch(), OBJECTIVE).gates["lstm.l0"]
    assert place["input"] == pytest.approx(
        {"mean": 0.375, "low": 0.25, "high": 0.0, "still": 1.0, "shut": 0.25}, abs=1e-4
    )
    assert place["forget"]["high"] == pytest.approx(3 / 8)
    assert place["candidate"] == pytest.approx({"mean": 0.5, "saturated": 0.5, "still": 1.0}, abs=1e-4)
    assert place["hidden"]["still"] == 0.75  # nothing enters where there is no candidate, or the input gate is closed


def test_reach_is_the_loss_gradient_by_tenths() -> None:
    values = torch.randn(23, 1, generator=torch.Generator().manual_seed(0))
    one = NumberBatch(Ragged(values, [23]), torch.tensor([1]), np.arange(1))
    model = Deep(last=True).double()
    leaf = values.double().requires_grad_()
    loss = OBJECTIVE.losses(model(Ragged(leaf, [23])), one.targets).mean()
    (gradient,) = torch.autograd.grad(loss, leaf)
    means = np.array([part.mean() for part in np.array_split(gradient.abs().flatten().numpy(), 10)])
    double = NumberBatch(Ragged(values.double(), [23]), one.targets, one.rows)
    assert measure_gates(model, double, OBJECTIVE).reach == pytest.approx(means / means.max(), rel=1e-6)


def test_short_sequences_have_no_tenths_and_few_steps_no_gates() -> None:
    short = NumberBatch(Ragged(torch.randn(19, 1), [9, 9, 1]), torch.tensor([0, 1, 0]), np.arange(3))
    assert measure_gates(network(), short, OBJECTIVE) == ({}, [])


def test_a_few_examples_and_their_first_steps_are_measured() -> None:
    class Counts(nn.Module):
        def forward(self, inputs: Ragged) -> Tensor:
            seen.append(inputs.lengths)
            return torch.zeros(len(inputs), 1)

    seen: list[Tensor] = []
    lengths = torch.arange(20) * 30
    many = NumberBatch(Ragged(torch.zeros(int(lengths.sum()), 1), lengths), torch.zeros(20).long(), np.arange(20))
    assert measure_gates(Counts(), many, OBJECTIVE) == ({}, [])  # it has no LSTM
    assert seen[0].tolist() == [0, 180, STEPS, STEPS]
    few = many.inputs[torch.arange(4).repeat(5)]
    measure_gates(Counts(), NumberBatch(few, many.targets, many.rows), OBJECTIVE)
    assert len(seen[1]) == ROWS
    assert int(seen[0].sum()) <= TOTAL_STEPS


def test_values_that_are_not_finite_are_left_out() -> None:
    model = network()
    with torch.no_grad():
        model.lstm.weight_hh_l0.fill_(torch.inf)
    assert measure_gates(model, batch(), OBJECTIVE) == ({}, [])


class Noisy(Network):
    """Draws random numbers in evaluation mode too."""

    def forward(self, inputs: Ragged) -> Tensor:
        return super().forward(inputs) + torch.rand(1)


def test_measuring_has_no_side_effects() -> None:
    model = Noisy()
    model.train()
    model.dropout.eval()  # as a user may have it
    OBJECTIVE.losses(model(batch().inputs), batch().targets).mean().backward()
    before = {name: (each.detach().clone(), each.grad.clone()) for name, each in model.named_parameters()}
    random, modes = torch.get_rng_state(), [module.training for module in model.modules()]
    measure_gates(model, batch(), OBJECTIVE)
    assert all(torch.equal(each, before[name][0]) for name, each in model.named_parameters())
    assert all(torch.equal(each.grad, before[name][1]) for name, each in model.named_parameters())
    assert torch.equal(torch.get_rng_state(), random)
    assert [module.training for module in model.modules()] == modes
    assert not any(module._forward_pre_hooks for module in model.modules())
