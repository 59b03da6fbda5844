"""The equations against hand calculation, torch's cell and numerical gradients."""

from __future__ import annotations

import math

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from longshort.lstm.equations import Step, run, run_equations, step, trace_equations
from longshort.lstm.parameters import LayerWeights, Spec
from longshort.ragged import Ragged

LENGTHS = torch.tensor([2, 0, 3, 1])


def random_weights(features=3, hidden=2, proj=0, bias=True, requires_grad=False) -> LayerWeights:
    def make(*shape):
        return torch.randn(*shape, dtype=torch.float64).requires_grad_(requires_grad)

    return LayerWeights(
        make(4 * hidden, features),
        make(4 * hidden, proj or hidden),
        make(4 * hidden) if bias else None,
        make(4 * hidden) if bias else None,
        make(proj, hidden) if proj else None,
    )


def test_one_step_by_hand():
    """One unit whose gates are 1/4, 3/4, 1/5 and 1/2 before and after: c' = 3/4 * 2 + 1/4 * 1/5."""
    logit = [math.log(1 / 3), math.log(3), math.atanh(1 / 5), 0.0]
    weights = LayerWeights(torch.tensor(logit, dtype=torch.float64)[:, None], torch.zeros(4, 1, dtype=torch.float64))
    one = torch.ones(1, 1, dtype=torch.float64)
    seen = step(one, 7 * one, 2 * one, weights)
    by_hand = Step(1 / 4, 3 / 4, 1 / 5, 1 / 2, 1.55, 0.5 * math.tanh(1.55))
    for name, value, expected in zip(Step._fields, seen, by_hand, strict=True):
        assert value.item() == pytest.approx(expected, rel=1e-12), name


@pytest.mark.parametrize("bias", [True, False])
def test_a_step_is_that_of_torchs_cell(bias):
    weights = random_weights(bias=bias)
    cell = torch.nn.LSTMCell(3, 2, bias=bias, dtype=torch.float64)
    cell.load_state_dict(dict(zip(cell.state_dict(), weights.flat(), strict=True)))
    x, h, c = (torch.randn(5, size, dtype=torch.float64) for size in (3, 2, 2))
    expected_h, expected_c = cell(x, (h, c))
    seen = step(x, h, c, weights)
    torch.testing.assert_close(seen.hidden, expected_h, atol=1e-14, rtol=0)
    torch.testing.assert_close(seen.cell, expected_c, atol=1e-14, rtol=0)


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("proj", [0, 1])
def test_a_run_is_its_steps(proj, reverse):
    weights = random_weights(proj=proj)
    inputs = Ragged(torch.randn(6, 3, dtype=torch.float64), LENGTHS)
    h0, c0 = torch.randn(4, proj or 2, dtype=torch.float64), torch.randn(4, 2, dtype=torch.float64)
    trace = run(inputs, h0, c0, weights, reverse=reverse)
    for row, sequence in enumerate(inputs):
        h, c = h0[row], c0[row]
        times = range(len(sequence))
        for time in reversed(times) if reverse else times:
            expected = step(sequence[time], h, c, weights)
            for name in Step._fields:
                torch.testing.assert_close(getattr(trace, name)[row][time], getattr(expected, name))
            h, c = expected.hidden, expected.cell
        torch.testing.assert_close(trace.h_n[row], h)
        torch.testing.assert_close(trace.c_n[row], c)


def flat_run(spec, weights, seed_values, h0, c0):
    outputs, h_n, c_n = run_equations(Ragged(seed_values, LENGTHS), h0, c0, weights, spec)
    return outputs.values, h_n, c_n


@pytest.mark.parametrize("proj", [0, 1])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_gradients_and_their_gradients_are_the_numerical_ones(bidirectional, proj):
    spec = Spec(3, 2, bidirectional=bidirectional, proj_size=proj, dtype=torch.float64)
    weights = [random_weights(proj=proj, requires_grad=True) for _ in range(spec.directions)]
    leaves = [weight for layer in weights for weight in layer.flat()]
    states = [torch.randn(spec.directions, 4, size, dtype=torch.float64) for size in (spec.output_size, 2)]
    given = [torch.randn(6, 3, dtype=torch.float64), *states]

    def function(values, h0, c0, *_):
        return flat_run(spec, weights, values, h0, c0)

    arguments = [*(each.requires_grad_() for each in given), *leaves]
    assert gradcheck(function, arguments)
    if not bidirectional:
        assert gradgradcheck(lambda *a: function(*a)[2], arguments)


def test_layers_read_both_directions_of_the_layer_below():
    spec = Spec(3, 2, num_layers=2, bidirectional=True, dtype=torch.float64)
    weights = [random_weights(features) for features in (3, 3, 4, 4)]
    inputs = Ragged(torch.randn(6, 3, dtype=torch.float64), LENGTHS)
    h0, c0 = torch.randn(2, 4, 4, 2, dtype=torch.float64)
    outputs, h_n, c_n = run_equations(inputs, h0, c0, weights, spec)
    forward, backward = run(inputs, h0[0], c0[0], weights[0]), run(inputs, h0[1], c0[1], weights[1], reverse=True)
    middle = inputs.with_values(torch.cat([forward.hidden.values, backward.hidden.values], dim=1))
    top = run(middle, h0[3], c0[3], weights[3], reverse=True)
    torch.testing.assert_close(outputs.values[:, 2:], top.hidden.values)
    torch.testing.assert_close(h_n[1], backward.h_n)
    torch.testing.assert_close(c_n[3], top.c_n)


def test_the_trace_shows_every_layer_and_direction():
    spec = Spec(3, 2, num_layers=2, bidirectional=True, dtype=torch.float64)
    weights = [random_weights(features) for features in (3, 3, 4, 4)]
    inputs = Ragged(torch.randn(6, 3, dtype=torch.float64), LENGTHS)
    h0, c0 = torch.randn(2, 4, 4, 2, dtype=torch.float64)
    outputs, h_n, c_n = run_equations(inputs, h0, c0, weights, spec)
    traces = trace_equations(inputs, h0, c0, weights, spec)
    assert len(traces) == 4
    assert torch.equal(torch.cat([traces[2].hidden.values, traces[3].hidden.values], dim=1), outputs.values)
    assert torch.equal(torch.stack([trace.h_n for trace in traces]), h_n)
    assert torch.equal(torch.stack([trace.c_n for trace in traces]), c_n)
    for trace in traces:
        shown = trace.output.values * trace.cell.values.tanh()
        assert torch.equal(trace.hidden.values, shown)


@pytest.mark.parametrize("lengths", [[], [0, 0]])
def test_empty_sequences_keep_their_states(lengths):
    h0, c0 = torch.randn(2, 1, len(lengths), 2, dtype=torch.float64)
    inputs = Ragged(torch.empty(0, 3, dtype=torch.float64), torch.tensor(lengths, dtype=torch.int64))
    outputs, h_n, c_n = run_equations(inputs, h0, c0, [random_weights()], Spec(3, 2, dtype=torch.float64))
    assert outputs.values.shape == (0, 2)
    assert torch.equal(h_n, h0)
    assert torch.equal(c_n, c0)


def test_dropout_falls_between_layers_only():
    spec = Spec(3, 2, num_layers=2, dtype=torch.float64)
    weights = [random_weights(3), random_weights(2)]
    inputs = Ragged(torch.randn(6, 3, dtype=torch.float64), LENGTHS)
    states = torch.zeros(2, 2, 4, 2, dtype=torch.float64)
    plain, h_plain, _ = run_equations(inputs, *states, weights, spec)
    dropped, h_dropped, _ = run_equations(inputs, *states, weights, spec, 0.5)
    assert torch.equal(h_plain[0], h_dropped[0])
    assert not torch.equal(plain.values, dropped.values)
    one = Spec(3, 2, dtype=torch.float64)
    first, last = (run_equations(inputs, *states[:, :1], weights[:1], one, rate)[0].values for rate in (0.0, 0.5))
    assert torch.equal(first, last)
