"""The backend that uses the compiled kernel."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial

import torch
from torch import Tensor

from longshort.errors import DataError
from longshort.lstm import equations
from longshort.lstm.compiled import kernel, kernel_status, say_once
from longshort.lstm.operators import CELLS, GATES, NOTHING, lstm_layer
from longshort.lstm.parameters import LayerWeights, Spec
from longshort.lstm.shared import Shared
from longshort.lstm.stack import Result, StepResult, run_stack
from longshort.lstm.transforms import is_transformed
from longshort.ragged import Ragged

__all__ = ["run_native", "step_native", "supports"]


def supports(spec: Spec) -> str | None:
    """Return None if the kernel can run this LSTM, otherwise the reason why not."""
    if spec.device != "cpu":
        return f"the kernel runs on the CPU, not on {spec.device}"
    if spec.dtype != torch.float32:
        return f"the kernel computes in float32, not in {str(spec.dtype).removeprefix('torch.')}"
    if spec.proj_size:
        return "the kernel does not support projections (proj_size)"
    if (missing := _why_missing()) is not None:
        return missing
    if spec.precision == "bf16" and not kernel().can_round():
        return "this processor, or this build, cannot multiply in bfloat16"
    return None


@cache
def _why_missing() -> str | None:
    status = kernel_status()
    return None if status.available else f"the kernel is not available: {status.reason}"


def run_native(
    inputs: Ragged | Shared,
    h0: Tensor,
    c0: Tensor,
    weights: Sequence[LayerWeights],
    spec: Spec,
    dropout: float = 0.0,
) -> Result:
    """Run all layers and directions; arguments and result as in `run_stack`, but inputs may be `Shared`.

    The equations run instead under `torch.func` transforms, which do not support custom operator gradients, and in
    forward-mode differentiation.
    """
    if is_transformed():
        say_once(
            "The equations, not the kernel, run the LSTM in torch.func transforms and forward-mode differentiation."
        )
        spread = inputs.ragged() if isinstance(inputs, Shared) else inputs
        return equations.run_equations(spread, h0, c0, weights, spec, dropout)
    run = partial(_run_layer, keep=CELLS if spec.recompute else GATES, half=spec.precision == "bf16")
    return run_stack(run, inputs, h0, c0, weights, spec, dropout)


def _run_layer(
    inputs: Ragged | Shared, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], *, keep: int, half: bool
) -> Result:
    flat = [weight for direction in weights for weight in direction.flat()]
    wanted = torch.is_grad_enabled() and any(t.requires_grad for t in (inputs.values, h0, c0, *flat))
    row = inputs.row if isinstance(inputs, Shared) else None
    out, h_n, c_n, _, _ = lstm_layer(
        inputs.values, inputs.lengths, row, h0, c0, flat, keep if wanted else NOTHING, half
    )
    outputs = Ragged(out, inputs.lengths) if isinstance(inputs, Shared) else inputs.with_values(out)
    return outputs, h_n, c_n


def step_native(x: Tensor, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec) -> StepResult:
    """Run one step of each sequence without gradients and with little overhead, for token-by-token generation.

    Args:
        x: `(batch, input_size)`, dense.
        h0, c0: `(num_layers * directions, batch, hidden_size)`, dense.
        weights: one entry per layer and direction, as `layer_weights` orders them.
        spec: the sizes.

    Returns:
        Outputs `(batch, directions * hidden_size)` and the new states, shaped as h0 and c0.

    Raises:
        DataError: the shapes of the weights do not match the sizes; the kernel itself cannot check them.
    """
    step, directions, batch, hidden = kernel().step, spec.directions, x.shape[0], spec.hidden_size
    h_n, c_n, threads = torch.empty_like(h0), torch.empty_like(c0), torch.get_num_threads()
    state = 4 * directions * batch * hidden  # bytes of a layer's states
    h_from, c_from, h_to, c_to = h0.data_ptr(), c0.data_ptr(), h_n.data_ptr(), c_n.data_ptr()
    for layer in range(spec.num_layers):
        here = [_addresses(each, x.shape[1], hidden) for each in weights[layer * directions : (layer + 1) * directions]]
        out = x.new_empty(batch, directions * hidden)
        shape = (x.shape[1], hidden, batch, threads)
        at = layer * state
        step(shape, here, (x.data_ptr(), h_from + at, c_from + at), (out.data_ptr(), h_to + at, c_to + at))
        x = out
    return x, h_n, c_n


def _addresses(weights: LayerWeights, features: int, hidden: int) -> tuple[int, int, int, int]:
    of_input, of_hidden, input_bias, hidden_bias = weights[:4]
    gates = 4 * hidden
    if of_input.shape != (gates, features) or of_hidden.shape != (gates, hidden):
        raise _misfit(gates, features, hidden)
    if input_bias is None or hidden_bias is None:
        return of_input.data_ptr(), of_hidden.data_ptr(), 0, 0
    if input_bias.shape != (gates,) or hidden_bias.shape != (gates,):
        raise _misfit(gates, features, hidden)
    return of_input.data_ptr(), of_hidden.data_ptr(), input_bias.data_ptr(), hidden_bias.data_ptr()


def _misfit(gates: int, features: int, hidden: int) -> DataError:
    return DataError(
        f"The weights of this layer of an LSTM must have the shapes ({gates}, {features}) and ({gates}, {hidden}), its "
        f"biases ({gates},); got others.",
        "Parameters keep the shapes that the LSTM was made with.",
    )
