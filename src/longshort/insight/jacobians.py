"""How strongly the last hidden state of a recurrent layer depends on each of its inputs, exactly.

The derivative of the last hidden state by an earlier input is carried from step to step in closed form, all of its rows
at once, in float64: no graph is kept, and what vanishes in float32 is still seen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor

from longshort.errors import DataError
from longshort.lstm.equations import Trace
from longshort.lstm.parameters import LayerWeights
from longshort.ragged import Ragged

__all__ = ["PlainWeights", "identity_or_random", "lstm_norms", "plain_norms"]

State = tuple[Tensor, ...]
"""Derivatives of the last hidden state by the states of one step, each `(batch, rows, units)`."""

StepBack = Callable[[Tensor, State], tuple[Tensor, State]]
"""Takes the places of the tokens of one step and the derivatives by its states; returns the derivative by the sums that
its units take, `(batch, rows, sums)`, and the derivatives by the states before it."""


class PlainWeights(NamedTuple):
    """The weights of one layer and direction of a plain recurrent network, h' = tanh(W x + U h + b).

    Fields:
        input: W, `(hidden, features)`.
        hidden: U, `(hidden, hidden)`.
    """

    input: Tensor
    hidden: Tensor


def identity_or_random(size: int, projections: int | None, generator: torch.Generator) -> Tensor:
    """What the last hidden state is multiplied by, `(rows, size)` float64, before its derivative is taken.

    The identity keeps every row of the derivative, and its Frobenius norm is exact. Rows of random signs divided by
    sqrt(rows) keep the square of that norm in the mean over the signs, whatever the derivative (Hutchinson 1990): an
    unbiased estimate of the square, whose relative variance is at most 2 / rows.

    Args:
        size: features of the hidden state.
        projections: random rows; None for the identity.
        generator: draws the signs.
    """
    if projections is None:
        return torch.eye(size, dtype=torch.float64)
    signs = torch.randint(0, 2, (projections, size), generator=generator).double() * 2 - 1
    return signs / math.sqrt(projections)


def lstm_norms(seen: Trace, weights: LayerWeights, rows: Tensor, lags: int, *, reverse: bool = False) -> Tensor:
    """The norm of d h_T / d x_(T-k) of one layer and direction of an LSTM, for each sequence and lag.

    T is the last step that is read, which is the first of the sequence where it is read in reverse. The path of the
    derivative is the whole one, through the cell, the hidden state and every gate. The states start from zeros.

    Args:
        seen: every step, float64.
        weights: float64.
        rows: what h_T is multiplied by first, `(rows, hidden or proj)`; the identity gives the Frobenius norm.
        lags: lags 0 to `lags - 1` are measured.
        reverse: whether the direction reads from the end of each sequence.

    Returns:
        `(batch, lags)` float64; NaN if a sequence has no input so far back.

    Raises:
        DataError: a sequence has no step.
    """
    gates = Trace._make([*(_in_order(each, reverse) for each in seen[:6]), seen.h_n, seen.c_n])
    i, f, g, o, cell = (each.values for each in gates[:5])
    before = _before(gates.cell)
    shown = cell.tanh()
    by_input, by_forget, by_candidate = g * i * (1 - i), before * f * (1 - f), i * (1 - g * g)
    by_output, through = shown * o * (1 - o), o * (1 - shown * shown)

    def back(at: Tensor, state: State) -> tuple[Tensor, State]:
        hidden, carried = state
        out = hidden if weights.projection is None else hidden @ weights.projection
        carried = carried + out * through[at, None]
        parts = [carried * by_input[at, None], carried * by_forget[at, None], carried * by_candidate[at, None]]
        sums = torch.cat([*parts, out * by_output[at, None]], dim=-1)
        return sums, (sums @ weights.hidden, carried * f[at, None])

    batch = len(seen.h_n)
    last = rows.expand(batch, *rows.shape), rows.new_zeros(batch, len(rows), cell.shape[1])
    return _norms(back, last, weights.input, gates.cell, lags)


def plain_norms(hidden: Ragged, weights: PlainWeights, rows: Tensor, lags: int, *, reverse: bool = False) -> Tensor:
    """The same of one layer and direction of a plain recurrent network with tanh.

    Args:
        hidden: its states at each step, `(tokens, hidden)` float64.
        weights: float64.
        rows, lags, reverse: as in `lstm_norms`.

    Returns:
        `(batch, lags)` float64; NaN if a sequence has no input so far back.

    Raises:
        DataError: a sequence has no step.
    """
    states = _in_order(hidden, reverse)
    slope = 1 - states.values**2

    def back(at: Tensor, state: State) -> tuple[Tensor, State]:
        sums = state[0] * slope[at, None]
        return sums, (sums @ weights.hidden,)

    return _norms(back, (rows.expand(len(states), *rows.shape),), weights.input, states, lags)


def _norms(back: StepBack, state: State, by_input: Tensor, steps: Ragged, lags: int) -> Tensor:
    """Go back from the last step of every sequence, the longest first, so that those not yet done are the first."""
    if len(steps) and not bool((steps.lengths > 0).all()):
        raise DataError("A gradient horizon is of sequences with at least one step. Got one of length 0.")
    lengths, order = steps.lengths.sort(descending=True, stable=True)
    ends = steps.offsets[1:][order] - 1
    norms = by_input.new_full((len(steps), lags), torch.nan)
    for lag in range(min(lags, int(lengths[0])) if len(lengths) else 0):
        alive = int((lengths > lag).sum())
        sums, state = back(ends[:alive] - lag, tuple(each[:alive] for each in state))
        norms[order[:alive], lag] = torch.linalg.vector_norm(sums @ by_input, dim=(1, 2))
    return norms


def _in_order(values: Ragged, reverse: bool) -> Ragged:
    """In the order in which the steps were read."""
    return values.reverse() if reverse else values


def _before(cell: Ragged) -> Tensor:
    """The cell before each step, `(tokens, hidden)`: that of the step before, and zeros before the first."""
    earlier = cell.values.roll(1, dims=0)
    first = [start for start, end in pairwise(cell.offsets.tolist()) if end > start]
    earlier[first] = 0.0
    return earlier
