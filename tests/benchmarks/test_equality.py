import numpy as np
import pytest
import torch
from benchmarks.engine.equality import compare, verdict
from benchmarks.engine.peers.arrangements import Packed, Padded, buckets
from benchmarks.engine.peers.longshort_layers import InPlace
from benchmarks.engine.peers.torch_tasks import TorchPeer
from benchmarks.engine.problem import Problem
from benchmarks.engine.workload import Workload
from torch import nn

import longshort

REFERENCE = TorchPeer(InPlace, lambda hidden: longshort.LSTM(hidden, hidden, backend="equations"))


def answers(peer, problem):
    return peer.prepare(problem).answer()


def disagreement(peer, problem):
    return verdict(compare(answers(peer, problem), answers(REFERENCE, problem)), peer.tolerance)


@pytest.fixture(params=["float", "token"])
def problem(request):
    return Problem.of(Workload("train", longest=30, batch=5, hidden=8, threads=1, input=request.param), seed=1)


@pytest.mark.parametrize("arrange", [Padded, Packed, buckets(2), buckets(4), InPlace])
def test_every_arrangement_gives_the_answer_of_the_equations(arrange, problem):
    make = (lambda hidden: longshort.LSTM(hidden, hidden, backend="torch")) if arrange is InPlace else None
    assert disagreement(TorchPeer(arrange, make) if make else TorchPeer(arrange), problem) == ""


@pytest.mark.parametrize("mode", ["forward", "generate"])
def test_modes_without_gradients_agree_too(mode):
    problem = Problem.of(Workload(mode, longest=12, batch=3, hidden=8, threads=1))
    assert disagreement(TorchPeer(Padded), problem) == ""


class _Changed(nn.LSTM):
    """An LSTM whose output is changed by `change`."""

    def __init__(self, hidden, change):
        super().__init__(hidden, hidden)
        self.change = change

    def forward(self, inputs, hx=None):
        output, states = super().forward(inputs, hx)
        return self.change(output), states


def _neighbour(output):
    changed = output.clone()
    changed[3, 0] = output[3, 1]
    return changed


WRONG = {
    "a step late": lambda output: output.roll(1, 0),
    "one step of a neighbour": _neighbour,
    "half the gradient": lambda output: output * 0.5 + output.detach() * 0.5,
    "a gradient that skips a step": lambda output: torch.cat([output[:1].detach(), output[1:]]),
    "not a number": lambda output: output * torch.nan,
    "one part in a hundred": lambda output: output * 1.01,
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG)
def test_a_wrong_peer_is_caught(change, problem):
    assert disagreement(TorchPeer(Padded, lambda hidden: _Changed(hidden, change)), problem)


def test_a_peer_without_bias_or_with_swapped_gates_is_caught(problem):
    class Other(nn.LSTM):
        def load_state_dict(self, state):
            gates = [*state["weight_ih_l0"].chunk(4)]
            super().load_state_dict({**state, **self.broken(state, gates)})

    class NoBias(Other):
        def broken(self, state, gates):
            return {"bias_ih_l0": torch.zeros_like(state["bias_ih_l0"])}

    class Swapped(Other):
        def broken(self, state, gates):
            return {"weight_ih_l0": torch.cat([gates[1], gates[0], *gates[2:]])}

    for kind in (NoBias, Swapped):
        assert "outputs differs" in disagreement(
            TorchPeer(Padded, lambda hidden, kind=kind: kind(hidden, hidden)), problem
        )


def test_only_states_may_be_omitted():
    ones = np.ones((2, 3), np.float32)
    reference = {"outputs": ones, "h": ones, "bias_gradient": ones}
    assert compare({"outputs": ones, "bias_gradient": ones}, reference) == {"outputs": 0.0, "bias_gradient": 0.0}
    assert compare({"outputs": ones, "h": ones}, reference)["bias_gradient"] == np.inf
    assert compare({**reference, "outputs": ones[:1]}, reference)["outputs"] == np.inf


def test_the_verdict_names_what_differs():
    assert verdict({"outputs": 0.25, "h": 1e-6}, 1e-3) == "outputs differs by 2.5e-01 (tolerance 1e-03)"
    assert verdict({"outputs": float("nan")}, 1e-3) == "outputs differs by nan (tolerance 1e-03)"
