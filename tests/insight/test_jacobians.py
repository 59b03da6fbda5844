"""The closed form of the derivative, against torch's own and against finite differences."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from longshort.errors import DataError
from longshort.insight.jacobians import PlainWeights, identity_or_random, lstm_norms, plain_norms
from longshort.lstm.equations import run
from longshort.lstm.module import spec_of
from longshort.lstm.parameters import layer_weights
from longshort.ragged import Ragged

EXACT = {"rtol": 1e-9, "atol": 1e-12}

LENGTHS = st.lists(st.integers(1, 9), min_size=1, max_size=4)


def sequences(lengths: list[int], features: int, seed: int) -> Ragged:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(sum(lengths), features, generator=generator, dtype=torch.float64)
    return Ragged(values, torch.tensor(lengths))


def last_states(network: nn.Module, each: torch.Tensor) -> torch.Tensor:
    """`(directions, hidden)`: what torch's own network ends with in each direction."""
    _, states = network(each)
    return states[0] if isinstance(states, tuple) else states


def torchs_norms(network: nn.Module, inputs: Ragged, direction: int, lags: int) -> torch.Tensor:
    found = torch.full((len(inputs), lags), torch.nan, dtype=torch.float64)
    for row, each in enumerate(inputs):
        jacobian = torch.autograd.functional.jacobian(lambda x: last_states(network, x)[direction], each)
        by_step = jacobian.pow(2).sum(dim=(0, 2)).sqrt()
        by_lag = by_step if direction else by_step.flip(0)
        found[row, : len(each)] = by_lag[:lags]
    return found


def our_norms(lstm: nn.LSTM, inputs: Ragged, direction: int, lags: int, rows: torch.Tensor | None = None):
    spec = spec_of(lstm)
    weights = layer_weights(lstm, spec)[direction]
    h0, c0 = (torch.zeros(len(inputs), size).double() for size in (spec.output_size, spec.hidden_size))
    seen = run(inputs, h0, c0, weights, reverse=bool(direction))
    rows = torch.eye(spec.output_size).double() if rows is None else rows
    return lstm_norms(seen, weights, rows, lags, reverse=bool(direction))


@settings(max_examples=25, deadline=None)
@given(lengths=LENGTHS, features=st.integers(1, 3), hidden=st.integers(2, 4), data=st.data(), seed=st.integers(0, 99))
def test_an_lstm_as_torch_derives_it(lengths, features, hidden, data, seed):
    projection = data.draw(st.integers(0, hidden - 1))
    bias, direction = data.draw(st.booleans()), data.draw(st.integers(0, 1))
    torch.manual_seed(seed)
    lstm = nn.LSTM(features, hidden, bias=bias, bidirectional=True, proj_size=projection).double()
    for weight in lstm.parameters():
        weight.data *= 3  # gates that differ from one another
    inputs = sequences(lengths, features, seed)

    with torch.no_grad():
        ours = our_norms(lstm, inputs, direction, max(lengths))
    torch.testing.assert_close(ours, torchs_norms(lstm, inputs, direction, max(lengths)), equal_nan=True, **EXACT)


@settings(max_examples=15, deadline=None)
@given(lengths=LENGTHS, features=st.integers(1, 3), hidden=st.integers(1, 4), direction=st.integers(0, 1))
def test_a_plain_network_as_torch_derives_it(lengths, features, hidden, direction):
    torch.manual_seed(hidden)
    network = nn.RNN(features, hidden, bidirectional=True).double()
    inputs = sequences(lengths, features, 3)
    end = "l0_reverse" if direction else "l0"
    weights = PlainWeights(getattr(network, f"weight_ih_{end}"), getattr(network, f"weight_hh_{end}"))

    with torch.no_grad():
        states = Ragged.from_packed(network(inputs.to_packed())[0])
        own = states.with_values(states.values.chunk(2, dim=1)[direction])
        ours = plain_norms(own, weights, torch.eye(hidden).double(), max(lengths), reverse=bool(direction))
    torch.testing.assert_close(ours, torchs_norms(network, inputs, direction, max(lengths)), equal_nan=True, **EXACT)


def test_an_lstm_by_finite_differences():
    torch.manual_seed(1)
    lstm, inputs, step = nn.LSTM(2, 3).double(), sequences([6], 2, 1), 1e-5
    squares = torch.zeros(6).double()
    with torch.no_grad():
        for place, feature in product(range(6), range(2)):
            ends = []
            for sign in (1, -1):
                moved = inputs.values.clone()
                moved[place, feature] += sign * step
                ends.append(last_states(lstm, moved)[0])
            squares[5 - place] += ((ends[0] - ends[1]) / (2 * step)).pow(2).sum()
        ours = our_norms(lstm, inputs, 0, 6)

    torch.testing.assert_close(ours[0], squares.sqrt(), rtol=1e-6, atol=1e-9)


def test_fewer_lags_are_the_first_of_more():
    torch.manual_seed(2)
    lstm, inputs = nn.LSTM(2, 3).double(), sequences([7, 4], 2, 2)
    with torch.no_grad():
        torch.testing.assert_close(our_norms(lstm, inputs, 0, 5), our_norms(lstm, inputs, 0, 7)[:, :5], equal_nan=True)
        assert our_norms(lstm, inputs, 0, 20)[:, 7:].isnan().all()


def test_random_rows_estimate_the_square_without_bias():
    """The mean over every choice of signs is the square itself."""
    torch.manual_seed(3)
    lstm, inputs = nn.LSTM(2, 4).double(), sequences([6, 3], 2, 3)
    signs = torch.tensor(list(product((1.0, -1.0), repeat=4))).double()
    with torch.no_grad():
        each = torch.stack([our_norms(lstm, inputs, 0, 6, row[None]) ** 2 for row in signs])
        torch.testing.assert_close(each.mean(dim=0), our_norms(lstm, inputs, 0, 6) ** 2, equal_nan=True, **EXACT)


def test_random_rows_are_signs_that_sum_to_one_in_square():
    rows = identity_or_random(5, 8, torch.Generator().manual_seed(0))

    assert rows.shape == (8, 5)
    torch.testing.assert_close(rows.abs(), torch.full((8, 5), 8**-0.5, dtype=torch.float64))
    assert (rows > 0).any()
    assert (rows < 0).any()
    assert torch.equal(identity_or_random(5, None, torch.Generator()), torch.eye(5).double())


def test_many_random_rows_come_near_the_norm():
    torch.manual_seed(4)
    lstm, inputs = nn.LSTM(3, 32).double(), sequences([10], 3, 4)
    rows = identity_or_random(32, 256, torch.Generator().manual_seed(4))
    with torch.no_grad():
        estimate, exact = our_norms(lstm, inputs, 0, 10, rows), our_norms(lstm, inputs, 0, 10)
    torch.testing.assert_close(estimate, exact, rtol=0.2, atol=0)


def test_a_sequence_without_a_step_has_no_horizon():
    lstm = nn.LSTM(2, 3).double()
    with torch.no_grad(), pytest.raises(DataError, match="at least one step"):
        our_norms(lstm, sequences([2, 0], 2, 0), 0, 2)
