"""Running an LSTM by its equations, step by step, and keeping what happens in each step.

Each step is written into arrays that were made beforehand, in the precision and for the layers and units asked for, and
then forgotten: besides those arrays, memory is needed for the inputs and for the hidden states of one layer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from longshort.errors import BackendError, SettingError
from longshort.insight.sequences import States
from longshort.insight.trace import DIRECTIONS, QUANTITIES, Array, Trace
from longshort.lstm.equations import Step, step, supports
from longshort.lstm.module import spec_of
from longshort.lstm.parameters import LayerWeights, Spec, layer_weights
from longshort.ragged import Ragged

__all__ = ["Keep", "Precision", "record"]

Precision = Literal["float32", "float16"]

_FIELDS = dict(zip(QUANTITIES, ("input", "forget", "candidate", "output", "cell", "hidden"), strict=True))
"""The field of a step that each array of a trace is filled from."""


@dataclass(frozen=True)
class Keep:
    """What is kept of an LSTM's steps.

    Args:
        layers: counted from 0; all where None.
        units: counted from 0; all where None. The features of a projection are all kept.
        dtype: of what is kept; the LSTM computes in its own.
    """

    layers: Sequence[int] | None = None
    units: Sequence[int] | None = None
    dtype: Precision = "float32"

    def settled(self, spec: Spec) -> Keep:
        """With every layer and unit named.

        Raises:
            SettingError: the LSTM has no such layer or unit, or there is no such dtype.
        """
        if self.dtype not in ("float32", "float16"):
            raise SettingError(f"dtype must be float32 or float16. Got {self.dtype!r}.")
        layers = _chosen("layers", self.layers, spec.num_layers)
        return Keep(layers, _chosen("units", self.units, spec.hidden_size), self.dtype)


class _Store:
    """The arrays of all sequences, one after another, `(layer, direction, tokens, unit)`."""

    def __init__(self, spec: Spec, keep: Keep, tokens: int) -> None:
        self.layers, self.units = tuple(keep.layers or ()), tuple(keep.units or ())
        self.directions = DIRECTIONS[: spec.directions]
        self.hidden_units = tuple(range(spec.proj_size)) or self.units
        self.dtype = keep.dtype
        self.columns = {name: self.hidden_units if name == "hidden" else self.units for name in QUANTITIES}
        stack = (len(self.layers), len(self.directions), tokens)
        self.arrays = {name: np.empty((*stack, len(units)), keep.dtype) for name, units in self.columns.items()}

    def put(self, layer: int, direction: int, at: Tensor, now: Step) -> None:
        """Keep a step of some sequences, `at` being the places of their tokens, if its layer is wanted."""
        if layer not in self.layers:
            return
        row, where = self.layers.index(layer), at.numpy()
        for name, units in self.columns.items():
            values = getattr(now, _FIELDS[name])
            kept = values if len(units) == values.shape[1] else values[:, list(units)]
            self.arrays[name][row, direction, where] = _as_array(kept, self.dtype)

    def traces(
        self,
        offsets: Sequence[int],
        states: States,
        tokens: Sequence[tuple[str, ...]] | None,
        scores: Sequence[Mapping[str, float]] | None,
    ) -> list[Trace]:
        """One per sequence; their arrays are parts of these."""
        hidden, cell = self._initial(states[0], self.hidden_units), self._initial(states[1], self.units)
        return [
            Trace(
                **{name: array[:, :, start:end] for name, array in self.arrays.items()},
                initial_hidden=hidden[:, :, row],
                initial_cell=cell[:, :, row],
                layers=self.layers,
                directions=self.directions,
                units=self.units,
                hidden_units=self.hidden_units,
                tokens=None if tokens is None else tokens[row],
                scores=None if scores is None else scores[row],
            )
            for row, (start, end) in enumerate(pairwise(offsets))
        ]

    def _initial(self, state: Tensor, units: Sequence[int]) -> Array:
        """`(layer, direction, batch, unit)`."""
        stacked = state.reshape(len(state) // len(self.directions), len(self.directions), *state.shape[1:])
        return _as_array(stacked[list(self.layers)][..., list(units)], self.dtype)


def _as_array(values: Tensor, dtype: Precision) -> Array:
    """In the precision that is kept; numpy does not know all that torch computes in."""
    array: Array = values.cpu().to(getattr(torch, dtype)).numpy()
    return array


@torch.no_grad()
def record(
    lstm: nn.LSTM,
    inputs: Ragged,
    states: States,
    keep: Keep,
    tokens: Sequence[tuple[str, ...]] | None = None,
    scores: Sequence[Mapping[str, float]] | None = None,
) -> list[Trace]:
    """One trace per sequence, without dropout.

    Args:
        lstm: of torch or of longshort.
        inputs: `(tokens, features)`.
        states: h_0 and c_0, `(num_layers * directions, batch, hidden)`, h_0 with `proj` where there is a projection.
        keep: what is kept.
        tokens: what stands at each step of each sequence.
        scores: the model's answer for each sequence.

    Raises:
        SettingError: there is no such layer, unit or dtype.
        BackendError: the LSTM computes in a way that the equations do not.
    """
    spec = spec_of(lstm)
    _check_precision(spec)
    store = _Store(spec, keep.settled(spec), len(inputs.values))
    weights, (h0, c0), offsets = layer_weights(lstm, spec), states, inputs.offsets.tolist()
    for layer in range(max(store.layers) + 1):
        outputs = inputs.values.new_empty(len(inputs.values), spec.directions, spec.output_size)
        for direction in range(spec.directions):
            place = layer * spec.directions + direction
            for at, now in _steps(inputs, h0[place], c0[place], weights[place], reverse=direction == 1):
                store.put(layer, direction, at, now)
                outputs[at.to(outputs.device), direction] = now.hidden
        inputs = inputs.with_values(outputs.flatten(1))
    return store.traces(offsets, states, tokens, scores)


def _steps(
    inputs: Ragged, h: Tensor, c: Tensor, weights: LayerWeights, *, reverse: bool
) -> Iterator[tuple[Tensor, Step]]:
    """Each step of one layer and direction: the places of the tokens that are read, and what happens.

    The longest sequences come first, so that those still being read are always the first ones.
    """
    lengths, order = inputs.lengths.sort(descending=True, stable=True)
    first = inputs.offsets[:-1][order]
    at, onward = (first + lengths - 1, -1) if reverse else (first, 1)
    h, c = h[order.to(h.device)], c[order.to(c.device)]
    for time in range(int(lengths[0]) if len(lengths) else 0):
        alive = int((lengths > time).sum())
        places = at[:alive] + onward * time
        now = step(inputs.values[places.to(h.device)], h[:alive], c[:alive], weights)
        h, c = now.hidden, now.cell
        yield places, now


def _check_precision(spec: Spec) -> None:
    """What the equations do not compute is not shown as if they had."""
    reason = supports(spec)
    if reason:
        raise BackendError(f"A trace follows the equations of the LSTM, and {reason}.", 'Use precision="full".')
    if torch.is_autocast_enabled(spec.device):
        raise BackendError(
            "A trace follows the equations of the LSTM in the precision of its weights. It runs under torch.autocast.",
            "Run it outside of torch.autocast.",
        )


def _chosen(name: str, chosen: Sequence[int] | None, count: int) -> tuple[int, ...]:
    if chosen is None:
        return tuple(range(count))
    wanted = tuple(int(each) for each in chosen)
    wrong = [each for each in wanted if not 0 <= each < count]
    if wrong or not wanted or len(set(wanted)) < len(wanted):
        got = wrong[0] if wrong else list(wanted) or "none"
        raise SettingError(f"{name} must be different whole numbers from 0 to {count - 1}. Got {got}.")
    return wanted
