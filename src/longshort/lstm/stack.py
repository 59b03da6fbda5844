"""Layers one on the other and both directions, over any way to run one of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import torch
from torch import Tensor
from torch.nn.functional import dropout as drop

from longshort.lstm.weights import LayerWeights, Spec
from longshort.ragged import Ragged

__all__ = ["Result", "RunLayer", "run_stack"]

Result = tuple[Ragged, Tensor, Tensor]
"""Hidden states of every step, and the hidden and cell states after the last step of each sequence."""


class RunLayer(Protocol):
    """Runs one layer in one direction.

    Takes inputs of `features` per step, `h0: (batch, output)` and `c0: (batch, hidden)`, and returns the hidden states
    `(tokens, output)` with the states after the last step, `(batch, output)` and `(batch, hidden)`. In reverse, each
    sequence is read from its end, and the outputs stand where their inputs stood.
    """

    def __call__(self, inputs: Ragged, h0: Tensor, c0: Tensor, weights: LayerWeights, *, reverse: bool) -> Result:
        """Run it."""
        ...


def run_stack(
    run_layer: RunLayer,
    inputs: Ragged,
    h0: Tensor,
    c0: Tensor,
    weights: Sequence[LayerWeights],
    spec: Spec,
    dropout: float,
) -> Result:
    """Run all layers and directions: each layer reads the joined outputs of both directions of the layer below.

    Args:
        run_layer: how one layer and direction is run.
        inputs: `(tokens, input_size)`.
        h0: `(num_layers * directions, batch, output_size)`.
        c0: `(num_layers * directions, batch, hidden_size)`.
        weights: one entry per layer and direction, as `layer_weights` orders them.
        spec: the sizes.
        dropout: rate between layers, 0 outside training.

    Returns:
        Outputs `(tokens, directions * output_size)` of the last layer, and the final states, shaped as h0 and c0.
    """
    h_n, c_n = [], []
    for layer in range(spec.num_layers):
        if layer and dropout:
            inputs = inputs.with_values(drop(inputs.values, dropout))
        outputs = []
        for direction in range(spec.directions):
            place = layer * spec.directions + direction
            output, h, c = run_layer(inputs, h0[place], c0[place], weights[place], reverse=direction == 1)
            outputs.append(output.values)
            h_n.append(h)
            c_n.append(c)
        inputs = inputs.with_values(outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=-1))
    return inputs, torch.stack(h_n), torch.stack(c_n)
