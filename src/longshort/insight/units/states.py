"""The hidden or cell states of all units, for many texts, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from longshort.data import Examples, plan_batches
from longshort.errors import SettingError
from longshort.insight.subject import evaluating
from longshort.lstm import Shared
from longshort.lstm.backends import choose
from longshort.lstm.equations import trace_equations
from longshort.lstm.parameters import Spec, layer_weights
from longshort.networks import TextClassifierNetwork
from longshort.ragged import Ragged

__all__ = ["Kind", "States", "stream", "unit_states"]

Kind = Literal["hidden", "cell"]
"""Which state of a unit: h, or tanh(c), which is h before the output gate; both in (-1, 1)."""

BATCH_TOKENS = 32_768
BATCH_NUMBERS = 1 << 23
"""States that are held at a time, so that memory does not grow with the data; one text longer than that is alone."""


class States(NamedTuple):
    """What some texts do to all units.

    Fields:
        places: `(batch,)` int64: where the texts stand in the examples.
        tokens: token ids `(tokens,)` int64.
        values: `(tokens, units)` float32, the units in the order of `units_of`.
    """

    places: np.ndarray[Any, Any]
    tokens: Ragged
    values: Tensor


def stream(network: TextClassifierNetwork, examples: Examples, kind: Kind = "hidden") -> Iterator[States]:
    """The states of all units over all examples, a batch at a time, longest texts first."""
    spec = network.lstm.spec
    count = spec.num_layers * spec.directions * spec.output_size
    for places in plan_batches(examples.lengths, min(BATCH_TOKENS, max(1, BATCH_NUMBERS // count))):
        tokens = examples.batch(places).inputs
        yield States(places, tokens, unit_states(network, tokens, kind))


def unit_states(network: TextClassifierNetwork, tokens: Ragged, kind: Kind = "hidden") -> Tensor:
    """The state of every unit at every token, without dropout.

    Args:
        network: whose LSTM it is.
        tokens: token ids `(tokens,)` int64.
        kind: "hidden", on the network's own backend; or "cell", by the equations.

    Returns:
        `(tokens, units)`; a unit of the reverse direction stands at the token that it has just read.

    Raises:
        SettingError: there is no such kind.
    """
    if kind not in ("hidden", "cell"):
        raise SettingError(f"A state is hidden or cell. Got {kind!r}.")
    with evaluating(network):
        return _hidden(network, tokens) if kind == "hidden" else _cell(network, tokens)


def _hidden(network: TextClassifierNetwork, tokens: Ragged) -> Tensor:
    lstm, spec = network.lstm, network.lstm.spec
    weights = layer_weights(lstm, spec)
    inputs: Any = network.embed(tokens, 0.0)
    seen = []
    for layer in range(spec.num_layers):
        here = weights[layer * spec.directions : (layer + 1) * spec.directions]
        one = replace(spec, num_layers=1, input_size=here[0].input.shape[1])
        backend = choose(lstm.backend, one).backend
        if isinstance(inputs, Shared) and not backend.shares:
            inputs = inputs.ragged()
        inputs, _, _ = backend.run(inputs, *_zeros(one, here[0].input, len(tokens)), here, one, 0.0)
        seen.append(inputs.values)
    return torch.cat(seen, dim=1)


def _cell(network: TextClassifierNetwork, tokens: Ragged) -> Tensor:
    spec = network.lstm.spec
    weights = layer_weights(network.lstm, spec)
    embedded = network.embed(tokens, 0.0)
    inputs = embedded.ragged() if isinstance(embedded, Shared) else embedded
    traces = trace_equations(inputs, *_zeros(spec, weights[0].input, len(tokens)), weights, spec)
    return torch.cat([trace.cell.values for trace in traces], dim=1).tanh()


def _zeros(spec: Spec, like: Tensor, batch: int) -> tuple[Tensor, Tensor]:
    first = spec.num_layers * spec.directions
    return like.new_zeros(first, batch, spec.output_size), like.new_zeros(first, batch, spec.hidden_size)
