from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from longshort.experiments.memory import PROBLEMS
from longshort.experiments.memory.network import NETWORKS, MemoryNetwork, remember_for
from longshort.lstm import LSTM
from longshort.ragged import Ragged


def made(kind, name="copying", length=25, hidden=6):
    torch.manual_seed(0)
    return MemoryNetwork(kind, PROBLEMS[name], length, hidden)


@pytest.mark.parametrize("kind", NETWORKS)
@pytest.mark.parametrize("name", PROBLEMS)
def test_answers_are_those_of_torchs_network_at_the_last_steps(kind, name):
    problem, network = PROBLEMS[name], made(kind, name)
    values = torch.from_numpy(problem.draw(25, 4, np.random.default_rng(0)).values)
    plain = (nn.LSTM if kind == "lstm" else nn.RNN)(problem.inputs, 6, batch_first=True)
    plain.load_state_dict(network.recurrent.state_dict())

    answers = network(Ragged.from_rows(values))
    wanted = network.linear(plain(values)[0])[:, -problem.answers(25) :]
    assert answers.shape == (4, problem.answers(25), problem.outputs)
    torch.testing.assert_close(answers, wanted, rtol=1e-4, atol=1e-6)


def test_gates_at_rest_keep_for_up_to_the_length():
    lstm = LSTM(2, 500)
    torch.manual_seed(0)
    with torch.no_grad():
        lstm.bias_hh_l0.zero_()
    remember_for(400, lstm)
    incoming, forget, *_ = lstm.bias_ih_l0.detach().sigmoid().chunk(4)

    times = 1 / (1 - forget)
    assert 2 <= float(times.min()) < 10
    assert 380 < float(times.max()) <= 400
    assert float(times.mean()) == pytest.approx(200, abs=15)
    torch.testing.assert_close(incoming, 1 - forget)


def test_the_plain_network_starts_orthogonal():
    weights = dict(made("rnn").recurrent.named_parameters())

    torch.testing.assert_close(weights["weight_hh_l0"] @ weights["weight_hh_l0"].T, torch.eye(6), atol=1e-5, rtol=0)
    assert not weights["bias_ih_l0"].any()
    assert not weights["bias_hh_l0"].any()
