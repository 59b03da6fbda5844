"""Every parameter is in one group, and norms are correct."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from longshort.lstm import LSTM
from longshort.networks import Ensemble
from longshort.training.groups import find_blocks, norms


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(7, 3)
        self.encoder = LSTM(3, 4, num_layers=2, bidirectional=True, proj_size=2)
        self.tied = nn.Linear(3, 7)
        self.tied.weight = self.embedding.weight
        self.scale = nn.Parameter(torch.ones(2))


def test_groups_are_gates_per_layer_and_direction_and_other_modules() -> None:
    blocks = {name: block.kind for block in find_blocks(Model()) for name in block.names}
    places = ["l0", "l0_reverse", "l1", "l1_reverse"]
    gates = [f"encoder.{place}.{gate}" for place in places for gate in ("input", "forget", "cell", "output")]
    assert {name for name, kind in blocks.items() if kind == "gate"} == set(gates)
    assert {name for name, kind in blocks.items() if kind == "projection"} == {
        f"encoder.{p}.projection" for p in places
    }
    assert {name: kind for name, kind in blocks.items() if kind in ("embedding", "other")} == {
        "Model": "other",
        "embedding": "embedding",
        "tied": "other",
    }


def test_every_parameter_is_in_exactly_one_block_even_if_shared() -> None:
    model = Model()
    found = [id(parameter) for block in find_blocks(model) for parameter in block.parameters]
    assert sorted(found) == sorted(id(parameter) for parameter in model.parameters())


def test_ensemble_members_share_groups() -> None:
    one, both = find_blocks(Model()), find_blocks(Ensemble([Model(), Model()]))
    assert [block.names for block in both] == [block.names for block in one]
    assert [len(block.parameters) for block in both] == [2 * len(block.parameters) for block in one]


def test_the_gates_are_torchs_rows() -> None:
    lstm = LSTM(3, 4)
    (block,) = find_blocks(lstm)
    assert block.names == ("l0.input", "l0.forget", "l0.cell", "l0.output")
    rows = slice(4, 8)  # of the forget gate
    own = torch.cat([weight.detach()[rows].flatten() for weight in lstm.parameters()])
    assert norms(block.parameters, 4)[1].item() == pytest.approx(own.norm().item(), rel=1e-6)


def test_a_parameter_without_a_gradient_counts_as_zero() -> None:
    (block,) = find_blocks(nn.Linear(2, 2))
    block.parameters[0].grad = torch.full((2, 2), 3.0)
    assert norms(block.gradients(), 1).tolist() == [6.0]
    block.parameters[0].grad = None
    assert norms(block.gradients(), 1).tolist() == [0.0]


def test_a_norm_does_not_overflow() -> None:
    assert norms([torch.full((4,), 1e30)], 1).item() == pytest.approx(2e30)
    assert math.isfinite(norms([torch.full((10,), 3e38)], 2).max().item())
