"""The LSTM equations, step by step: the reference that every faster backend must match.

Hochreiter & Schmidhuber (1997), with the forget gate of Gers, Schmidhuber & Cummins (2000). Plain differentiable
PyTorch in any precision on any device: gradients of gradients work, and every gate is visible.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

from longshort.lstm.parameters import LayerWeights, Spec
from longshort.lstm.stack import Result, both_directions, run_stack
from longshort.ragged import Ragged

__all__ = ["Step", "Trace", "run", "run_direction", "run_equations", "step", "supports", "trace_equations"]


class Step(NamedTuple):
    """All values of one step, each `(batch, hidden)`; with a projection, `hidden` is `(batch, proj)`.

    Fields:
        input: input gate: share of the candidate that enters the cell, in (0, 1).
        forget: forget gate: share of the cell that is kept, in (0, 1).
        candidate: candidate cell values, in (-1, 1).
        output: output gate: share of the cell that is output, in (0, 1).
        cell: the cell state after the step.
        hidden: the hidden state after the step.
    """

    input: Tensor
    forget: Tensor
    candidate: Tensor
    output: Tensor
    cell: Tensor
    hidden: Tensor


class Trace(NamedTuple):
    """Every step of one layer and direction, in the order of the inputs.

    Fields:
        input, forget, candidate, output, cell, hidden: as in `Step`, each `(tokens, hidden)`.
        h_n, c_n: the states after the last step of each sequence, each `(batch, hidden)`.
    """

    input: Ragged
    forget: Ragged
    candidate: Ragged
    output: Ragged
    cell: Ragged
    hidden: Ragged
    h_n: Tensor
    c_n: Tensor


def step(x: Tensor, h: Tensor, c: Tensor, weights: LayerWeights) -> Step:
    """Compute one step of one layer.

        i = sigmoid(W_xi x + W_hi h + b_i)        f = sigmoid(W_xf x + W_hf h + b_f)
        g = tanh(W_xg x + W_hg h + b_g)           o = sigmoid(W_xo x + W_ho h + b_o)
        c' = f * c + i * g                        h' = o * tanh(c')

    With a projection, h' = P (o * tanh(c')) (Sak, Senior & Beaufays 2014).

    Args:
        x: `(batch, features)`.
        h: `(batch, hidden)`, or `(batch, proj)` with a projection.
        c: `(batch, hidden)`.
        weights: of this layer and direction.
    """
    sums = linear(x, weights.input, weights.input_bias) + linear(h, weights.hidden, weights.hidden_bias)
    i, f, g, o = sums.chunk(4, dim=-1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    cell = f * c + i * g
    hidden = o * cell.tanh()
    if weights.projection is not None:
        hidden = linear(hidden, weights.projection)
    return Step(i, f, g, o, cell, hidden)


def run(inputs: Ragged, h0: Tensor, c0: Tensor, weights: LayerWeights, *, reverse: bool = False) -> Trace:
    """Run all steps of one layer and direction, keeping every gate.

    Args:
        inputs: `(tokens, features)`.
        h0: `(batch, hidden)`, or `(batch, proj)` with a projection.
        c0: `(batch, hidden)`.
        weights: of this layer and direction.
        reverse: read each sequence from end to start; outputs keep the positions of their inputs.
    """
    if reverse:
        *seen, h_n, c_n = run(inputs.reverse(), h0, c0, weights)
        return Trace._make([*(each.reverse() for each in seen), h_n, c_n])
    h, c = h0, c0
    steps: list[Step] = []
    places = [inputs.lengths.new_empty(0)]
    for time in range(int(inputs.lengths.max()) if len(inputs) else 0):
        alive = (inputs.lengths > time).nonzero()[:, 0]
        place, alive = inputs.offsets[alive] + time, alive.to(h.device)
        now = step(inputs.values[place.to(h.device)], h[alive], c[alive], weights)
        h, c = h.index_copy(0, alive, now.hidden), c.index_copy(0, alive, now.cell)
        steps.append(now)
        places.append(place)
    back = torch.cat(places).argsort().to(h.device)  # from time-major to sequence-major order
    joined = [torch.cat(each)[back] for each in zip(*steps, strict=True)] or _no_steps(h0, c0)
    return Trace._make([*(inputs.with_values(values) for values in joined), h, c])


def run_equations(
    inputs: Ragged, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec, dropout: float = 0.0
) -> Result:
    """Run all layers and directions; arguments and result as in `run_stack`."""
    return run_stack(both_directions(run_direction), inputs, h0, c0, weights, spec, dropout)


def trace_equations(inputs: Ragged, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec) -> list[Trace]:
    """Trace every layer and direction without dropout; one trace each, in the order of `weights`."""
    seen: list[Trace] = []

    def keep(inputs: Ragged, h0: Tensor, c0: Tensor, weights: LayerWeights, *, reverse: bool) -> Result:
        seen.append(run(inputs, h0, c0, weights, reverse=reverse))
        return seen[-1].hidden, seen[-1].h_n, seen[-1].c_n

    run_stack(both_directions(keep), inputs, h0, c0, weights, spec, 0.0)
    return seen


def supports(spec: Spec) -> str | None:
    """Return None if the equations can run this LSTM, otherwise the reason why not."""
    if spec.precision != "full":
        return f"only the compiled kernel computes in {spec.precision}"
    return None if spec.dtype.is_floating_point else f"an LSTM computes in floating point, not in {spec.dtype}"


def run_direction(inputs: Ragged, h0: Tensor, c0: Tensor, weights: LayerWeights, *, reverse: bool) -> Result:
    """Run one layer in one direction, keeping only outputs and final states."""
    trace = run(inputs, h0, c0, weights, reverse=reverse)
    return trace.hidden, trace.h_n, trace.c_n


def _no_steps(h0: Tensor, c0: Tensor) -> list[Tensor]:
    return [c0[:0]] * 5 + [h0[:0]]
