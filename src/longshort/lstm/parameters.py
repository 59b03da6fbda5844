"""The parameters of an LSTM: gate order, names, shapes and initial values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor, nn

__all__ = ["GATES", "PRECISIONS", "LayerWeights", "Spec", "initialise", "layer_weights", "parameter_shapes"]

GATES = ("input", "forget", "cell", "output")
"""The order of the gates along the first axis of every weight and bias, as in torch; the only order used here."""

PRECISIONS = ("full", "bf16")
"""Precision of products: the dtype of the weights, or operands rounded to bfloat16."""


@dataclass(frozen=True)
class Spec:
    """The sizes of an LSTM, and its device and precision.

    Args:
        input_size: features per step.
        hidden_size: units per layer and direction.
        num_layers: stacked layers.
        bias: whether the gates have biases.
        bidirectional: whether each sequence is also read from end to start.
        proj_size: features of the projected hidden state (Sak et al. 2014); 0 for no projection.
        dtype: dtype of inputs, weights and states.
        device: device type, such as "cpu" or "cuda".
        precision: "full", or "bf16": multiply in bfloat16, add in float32.
        recompute: recompute the gates in the backward pass instead of storing them: less memory, more time.
    """

    input_size: int
    hidden_size: int
    num_layers: int = 1
    bias: bool = True
    bidirectional: bool = False
    proj_size: int = 0
    dtype: torch.dtype = torch.float32
    device: str = "cpu"
    precision: str = "full"
    recompute: bool = False

    @property
    def directions(self) -> int:
        """1, or 2 if bidirectional."""
        return 2 if self.bidirectional else 1

    @property
    def output_size(self) -> int:
        """Features of the hidden state of one layer and direction."""
        return self.proj_size or self.hidden_size


class LayerWeights(NamedTuple):
    """The weights of one layer and direction, with the gates in the order of `GATES` along the first axis.

    Fields:
        input: `(4 * hidden, features)`, from the layer's input.
        hidden: `(4 * hidden, hidden or proj)`, from the previous hidden state.
        input_bias, hidden_bias: `(4 * hidden,)`, or None. Only their sum matters.
        projection: `(proj, hidden)`, or None.
    """

    input: Tensor
    hidden: Tensor
    input_bias: Tensor | None = None
    hidden_bias: Tensor | None = None
    projection: Tensor | None = None

    def flat(self) -> list[Tensor]:
        """Return the weights that exist, in torch's order."""
        return [weight for weight in self if weight is not None]


def parameter_shapes(spec: Spec) -> dict[str, tuple[int, ...]]:
    """Return the name and shape of every parameter, as in `torch.nn.LSTM` and in its order."""
    gates = len(GATES) * spec.hidden_size
    shapes: dict[str, tuple[int, ...]] = {}
    for layer, suffix in _places(spec):
        features = spec.input_size if layer == 0 else spec.output_size * spec.directions
        shapes[f"weight_ih_{suffix}"] = (gates, features)
        shapes[f"weight_hh_{suffix}"] = (gates, spec.output_size)
        if spec.bias:
            shapes[f"bias_ih_{suffix}"] = shapes[f"bias_hh_{suffix}"] = (gates,)
        if spec.proj_size:
            shapes[f"weight_hr_{suffix}"] = (spec.proj_size, spec.hidden_size)
    return shapes


def layer_weights(module: nn.Module, spec: Spec) -> list[LayerWeights]:
    """Collect the weights of a module with torch's parameter names: layer 0 first, forward before reverse."""

    def weights(suffix: str) -> Iterator[Tensor | None]:
        yield getattr(module, f"bias_ih_{suffix}") if spec.bias else None
        yield getattr(module, f"bias_hh_{suffix}") if spec.bias else None
        yield getattr(module, f"weight_hr_{suffix}") if spec.proj_size else None

    return [
        LayerWeights(getattr(module, f"weight_ih_{suffix}"), getattr(module, f"weight_hh_{suffix}"), *weights(suffix))
        for _, suffix in _places(spec)
    ]


@torch.no_grad()
def initialise(module: nn.Module, spec: Spec) -> None:
    """Initialise an LSTM with values that learn faster than torch's.

    - Input weights: Xavier uniform per gate (Glorot & Bengio 2010).
    - Hidden weights: orthogonal per gate (Saxe et al. 2014).
    - Forget gate: `bias_ih` is 1 and `bias_hh` is 0. Their sum, 1, makes the cell remember at first
      (Gers et al. 2000; Jozefowicz et al. 2015).
    - All other biases: 0. Projection: Xavier uniform.
    """
    forget = GATES.index("forget")
    for weights in layer_weights(module, spec):
        for block in weights.input.chunk(len(GATES)):
            nn.init.xavier_uniform_(block)
        for block in weights.hidden.chunk(len(GATES)):
            nn.init.orthogonal_(block)
        if weights.input_bias is not None and weights.hidden_bias is not None:
            nn.init.zeros_(weights.hidden_bias)
            nn.init.zeros_(weights.input_bias)
            nn.init.ones_(weights.input_bias.chunk(len(GATES))[forget])
        if weights.projection is not None:
            nn.init.xavier_uniform_(weights.projection)


def _places(spec: Spec) -> Iterator[tuple[int, str]]:
    """Yield each layer and direction with the suffix of its parameter names."""
    for layer in range(spec.num_layers):
        yield layer, f"l{layer}"
        if spec.bidirectional:
            yield layer, f"l{layer}_reverse"
