"""Stack layers and directions on top of any way to run one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

import torch
from torch import Tensor
from torch.nn.functional import dropout as drop

from longshort.lstm.parameters import LayerWeights, Spec
from longshort.lstm.shared import Shared
from longshort.ragged import Ragged

__all__ = ["Result", "RunDirection", "RunLayer", "StepResult", "both_directions", "run_stack"]

Result = tuple[Ragged, Tensor, Tensor]
"""Hidden states of every step, and hidden and cell states after the last step of each sequence."""

StepResult = tuple[Tensor, Tensor, Tensor]
"""Hidden states of one step, and the new hidden and cell states."""


class RunDirection(Protocol):
    """Runs one layer in one direction.

    Takes inputs of `features` per step, `h0: (batch, output)` and `c0: (batch, hidden)`, and returns the hidden states
    `(tokens, output)` with the states after the last step, `(batch, output)` and `(batch, hidden)`. In reverse, each
    sequence is read from its end, and outputs keep the positions of their inputs.
    """

    def __call__(self, inputs: Ragged, h0: Tensor, c0: Tensor, weights: LayerWeights, *, reverse: bool) -> Result:
        """Run."""
        ...


Inputs = TypeVar("Inputs", bound=Ragged | Shared, contravariant=True)


class RunLayer(Protocol[Inputs]):
    """Runs one layer in all its directions.

    Takes a Ragged, or also a Shared, of `features` per step, `h0: (directions, batch, output)`,
    `c0: (directions, batch, hidden)` and the weights of each direction, and returns `(tokens, directions * output)`
    with the final states, shaped as h0 and c0.
    """

    def __call__(self, inputs: Inputs | Ragged, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights]) -> Result:
        """Run."""
        ...


def both_directions(run_direction: RunDirection) -> RunLayer[Ragged]:
    """Make a layer that runs one direction after the other."""

    def run_layer(inputs: Ragged, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights]) -> Result:
        outputs, h_n, c_n = zip(
            *(run_direction(inputs, h0[d], c0[d], each, reverse=d == 1) for d, each in enumerate(weights)), strict=True
        )
        if len(outputs) == 1:
            return outputs[0], h_n[0][None], c_n[0][None]
        joined = torch.cat([output.values for output in outputs], dim=-1)
        return inputs.with_values(joined), torch.stack(h_n), torch.stack(c_n)

    return run_layer


def run_stack(
    run_layer: RunLayer[Inputs],
    inputs: Inputs,
    h0: Tensor,
    c0: Tensor,
    weights: Sequence[LayerWeights],
    spec: Spec,
    dropout: float,
) -> Result:
    """Run all layers; each reads the concatenated outputs of both directions of the layer below.

    Args:
        run_layer: runs one layer.
        inputs: `(tokens, input_size)`, of a type that `run_layer` takes.
        h0: `(num_layers * directions, batch, output_size)`.
        c0: `(num_layers * directions, batch, hidden_size)`.
        weights: one entry per layer and direction, as `layer_weights` orders them.
        spec: the sizes.
        dropout: dropout rate between layers; 0 outside training.

    Returns:
        Outputs `(tokens, directions * output_size)` of the last layer, and the final states, shaped as h0 and c0.
    """
    first, *rest = (slice(layer * spec.directions, (layer + 1) * spec.directions) for layer in range(spec.num_layers))
    outputs, h, c = run_layer(inputs, h0[first], c0[first], weights[first])
    h_n, c_n = [h], [c]
    for here in rest:
        if dropout:
            outputs = outputs.with_values(drop(outputs.values, dropout))
        outputs, h, c = run_layer(outputs, h0[here], c0[here], weights[here])
        h_n.append(h)
        c_n.append(c)
    return outputs, h_n[0] if len(h_n) == 1 else torch.cat(h_n), c_n[0] if len(c_n) == 1 else torch.cat(c_n)
