"""Run the LSTM on torch's own kernels, with almost no padding.

On the CPU, torch has a fast kernel for padded batches and a slow one for packed sequences. So the batch is sorted by
length and cut along time into segments; each runs on the fast kernel with only the rows that are still active.
Rows that end inside a segment are padded to its end. An extra input feature marks padding; its weights close the input
gate and open the forget gate, so that a padded step changes no cell state and passes no gradient to any weight. The
states after a segment are exact for every row.

On a GPU, cuDNN runs packed sequences fast, so it receives those. The kernels run in training mode whenever gradients
are on, since cuDNN stores what the gradient needs only then, or dropout is above 0, since dropout applies without
gradients too. Dropout is already 0 outside training.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn.functional import pad

from longshort.lstm.parameters import LayerWeights, Spec
from longshort.lstm.segments import Plan
from longshort.lstm.stack import Result, both_directions, run_stack
from longshort.ragged import Ragged

__all__ = ["run_torch", "supports"]


def supports(spec: Spec) -> str | None:
    """Return None if torch's kernels can run this LSTM, otherwise the reason why not."""
    if spec.device not in ("cpu", "cuda", "meta"):  # on meta, models are built before their weights are loaded
        return f"torch's kernels are used on cpu and cuda, not on {spec.device}"
    if spec.precision != "full":
        return f"only the compiled kernel computes in {spec.precision}"
    return None if spec.dtype.is_floating_point else f"an LSTM computes in floating point, not in {spec.dtype}"


def run_torch(
    inputs: Ragged, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec, dropout: float = 0.0
) -> Result:
    """Run all layers and directions; arguments and result as in `run_stack`."""
    if inputs.lengths.shape[0] == 0 or inputs.values.shape[0] == 0:
        return inputs.with_values(inputs.values.new_empty(0, spec.directions * spec.output_size)), h0, c0
    quiet = spec.proj_size and not torch.compiler.is_compiling()  # a traced graph has no warnings
    with _no_projection_warning() if quiet else nullcontext():
        if inputs.length is not None or bool((inputs.lengths == inputs.lengths[0]).all()):
            return _run_full(inputs, h0, c0, weights, spec, dropout)
        if spec.device == "cuda":
            return _run_packed(inputs, h0, c0, weights, spec, dropout)
        plans = [Plan.of(inputs.lengths, reverse=reverse) for reverse in (False, True)[: spec.directions]]
        return run_stack(both_directions(partial(_run_segments, plans=plans)), inputs, h0, c0, weights, spec, dropout)


@contextmanager
def _no_projection_warning() -> Iterator[None]:
    """Silence torch's warning that oneDNN does not support projections: users cannot act on it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="LSTM with projections is not supported with oneDNN")
        yield


def _run_full(
    inputs: Ragged, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec, dropout: float
) -> Result:
    """Run every layer and direction in one call, for sequences of equal length."""
    batch_first = inputs.values.reshape(inputs.lengths.shape[0], -1, spec.input_size)
    flat = [weight for layer in weights for weight in layer.flat()]
    output, h_n, c_n = torch.lstm(
        batch_first,
        (h0, c0),
        flat,
        spec.bias,
        spec.num_layers,
        dropout,
        torch.is_grad_enabled() or dropout > 0,
        spec.bidirectional,
        True,
    )
    return inputs.with_values(output.reshape(-1, output.shape[-1])), h_n, c_n


def _run_packed(
    inputs: Ragged, h0: Tensor, c0: Tensor, weights: Sequence[LayerWeights], spec: Spec, dropout: float
) -> Result:
    """Run cuDNN once; it does not take empty sequences, which keep their initial states."""
    filled = (inputs.lengths > 0).nonzero()[:, 0]
    packed = inputs[filled].to_packed()
    flat = [weight for layer in weights for weight in layer.flat()]
    order = filled.to(h0.device)[packed.sorted_indices]
    states = (h0[:, order], c0[:, order])
    output, h_n, c_n = torch.lstm(
        packed.data,
        packed.batch_sizes,
        states,
        flat,
        spec.bias,
        spec.num_layers,
        dropout,
        torch.is_grad_enabled() or dropout > 0,
        spec.bidirectional,
    )
    outputs = Ragged.from_packed(packed._replace(data=output))
    return inputs.with_values(outputs.values), h0.index_copy(1, order, h_n), c0.index_copy(1, order, c_n)


def _run_segments(
    inputs: Ragged, h0: Tensor, c0: Tensor, weights: LayerWeights, *, reverse: bool, plans: Sequence[Plan]
) -> Result:
    """Run one layer and direction, segment by segment."""
    plan = plans[int(reverse)]
    cells = _move(inputs.values, plan.take, plan.back, mark=True)
    flat = weights._replace(input=_with_gate_shut(weights.input)).flat()
    h, c = h0[plan.order], c0[plan.order]
    bias, training = weights.input_bias is not None, torch.is_grad_enabled()
    shown, ended, at = [], [c[plan.segments[0].rows :]], 0
    for segment in plan.segments:
        x = cells[at : at + segment.cells].view(-1, segment.rows, cells.shape[1])
        states = (h[None, : segment.rows], c[None, : segment.rows])
        output, h_end, c_end = torch.lstm(x, states, flat, bias, 1, 0.0, training, False, False)
        h, c = h_end[0], c_end[0]
        shown.append(output.flatten(0, 1))
        ended.append(c[segment.survivors :])
        at += segment.cells
    outputs = inputs.with_values(_move(torch.cat(shown), plan.back, plan.take))
    c_n = torch.cat(ended[::-1])[plan.restore]
    return outputs, _final_hidden(outputs, h0, reverse), c_n


def _final_hidden(outputs: Ragged, h0: Tensor, reverse: bool) -> Tensor:
    """Return the output of each sequence's last step in reading order; its initial state if it is empty."""
    empty = outputs.lengths == 0
    last = outputs.offsets[:-1] if reverse else outputs.offsets[1:] - 1
    return torch.where(empty[:, None], h0, outputs.values[last.masked_fill(empty, 0)])


def _with_gate_shut(weight: Tensor) -> Tensor:
    """Append a column for the padding mark to the input weights, `(4 * hidden, features)`.

    Its values are large enough to close or open a gate whatever else enters it, and small enough for a finite sum.
    """
    far = torch.finfo(weight.dtype).max ** 0.5
    mark = weight.new_tensor([-far, far, 0.0, 0.0]).repeat_interleave(weight.shape[0] // 4)
    return torch.cat([weight, mark[:, None]], dim=1)


def _move(table: Tensor, take: Tensor, back: Tensor, *, mark: bool = False) -> Tensor:
    """Reorder the rows of a table, `(rows, features)`, with zeros where the index is `rows`.

    Args:
        table: the old rows.
        take: for each new row, the old one, or `rows`.
        back: for each old row, the new one, or the number of new rows.
        mark: add a column, 1 if the index is `rows` and 0 elsewhere.
    """
    moved: Tensor = _Move.apply(table, take, back, mark)  # type: ignore[no-untyped-call]
    return moved


class _Move(Function):
    """A reordering whose gradient is the inverse reordering: many times faster than torch's gradient of indexing."""

    @staticmethod
    def forward(ctx: Any, table: Tensor, take: Tensor, back: Tensor, mark: bool) -> Tensor:
        ctx.save_for_backward(take, back)
        ctx.features = table.shape[1]
        extended = pad(table, (0, int(mark), 0, 1))
        if mark:
            extended[-1, -1] = 1.0
        return extended.index_select(0, take)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None, None, None]:
        take, back = ctx.saved_tensors
        return _move(gradient[:, : ctx.features], back, take), None, None, None
