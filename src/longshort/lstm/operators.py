"""One layer on the compiled kernel as torch operators: `longshort::lstm_layer` and its gradients.

The operators are registered with fake implementations, so that `torch.compile` and `torch.export` treat each as a unit.
The equations compute gradients of gradients, which the kernel does not support.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar, cast

import torch
from torch import Tensor

from longshort.errors import DataError
from longshort.lstm import equations
from longshort.lstm.compiled import kernel, say_once
from longshort.lstm.parameters import LayerWeights
from longshort.lstm.stack import both_directions
from longshort.lstm.transforms import is_batched
from longshort.ragged import Ragged

__all__ = ["CELLS", "GATES", "NOTHING", "lstm_layer", "lstm_layer_backward"]

_HINT = "longshort.LSTM checks its inputs and reports which one does not fit."

BLOCK = 16
"""Units that the kernel computes at a time; stored gates and cells are padded to whole blocks."""

NOTHING, GATES, CELLS = range(3)
"""What a forward pass keeps for the gradients: nothing; gates and cells; or cells alone, from which the backward pass
recomputes the gates with the inputs and outputs."""

Inputs = tuple[Tensor, Tensor, Tensor | None, Tensor, Tensor, Sequence[Tensor]]
Outputs = tuple[Tensor, Tensor, Tensor, Tensor, Tensor]

Arguments = ParamSpec("Arguments")
Returned = TypeVar("Returned")

_LIBRARY: Any = torch.library.Library("longshort", "FRAGMENT")  # type: ignore[no-untyped-call]


def _operator(function: Callable[Arguments, Returned]) -> Callable[Arguments, Returned]:
    """Register `function` as a torch operator for CPU tensors.

    `torch.library.custom_op` would also load torch's compiler at the first call, a second in each process.
    """
    name = function.__name__
    schema = torch.library.infer_schema(function, mutates_args=())
    _LIBRARY.define(name + schema, tags=(torch.Tag.pt2_compliant_tag,))
    _LIBRARY.impl(name, function, "CPU")
    return cast("Callable[Arguments, Returned]", getattr(torch.ops.longshort, name).default)


@_operator
def lstm_layer(
    x: Tensor,
    lengths: Tensor,
    table_row: Tensor | None,
    h0: Tensor,
    c0: Tensor,
    weights: list[Tensor],
    keep: int,
    half: bool,
) -> Outputs:
    """Run one layer, in as many directions as the states have.

    Args:
        x: `(tokens, features)` float32; with `table_row`, the distinct inputs, `(distinct, features)`.
        lengths: `(batch,)` int64; they sum to the number of tokens.
        table_row: `(tokens,)` int64, the row of x of each token; or None.
        h0, c0: `(directions, batch, hidden)` float32.
        weights: for each direction: input, hidden and, if there are biases, input bias and hidden bias.
        keep: NOTHING, GATES or CELLS.
        half: multiply in bfloat16 and add in float32.

    Returns:
        out `(tokens, directions * hidden)`; h_n and c_n, shaped as h0 and c0; and, in the kernel's layout, the kept
        gates `(directions, tokens, 4 * units)` and cells `(directions, tokens, units)`, or empty.
    """
    call = _Call(x, lengths, table_row, h0, c0, weights, half)
    if keep not in (NOTHING, GATES, CELLS):
        raise _misfit()
    out, (h_n, c_n) = x.new_empty(call.tokens, call.directions * call.hidden), _new_states(h0, c0)
    gates, cells = (_kept(shape) for shape in call.kept_shapes(keep))
    with _refusals():
        kernel().forward(*call.arguments(), *map(_address, (gates, cells, out, h_n, c_n)))
    return out, h_n, c_n, gates, cells


@_operator
def lstm_layer_backward(
    x: Tensor,
    lengths: Tensor,
    table_row: Tensor | None,
    h0: Tensor,
    c0: Tensor,
    weights: list[Tensor],
    out: Tensor,
    gates: Tensor,
    cells: Tensor,
    out_gradient: Tensor | None,
    h_n_gradient: Tensor | None,
    c_n_gradient: Tensor | None,
    wanted: list[bool],
    half: bool,
) -> list[Tensor]:
    """Compute the gradients of `lstm_layer`.

    Args:
        x, lengths, table_row, h0, c0, weights: the inputs of `lstm_layer`.
        out, gates, cells: its results.
        out_gradient, h_n_gradient, c_n_gradient: gradients of its results; None for zeros.
        wanted: which gradients to compute: x, h0, c0, and each direction's input weights, hidden weights and biases.
        half: as in `lstm_layer`.

    Returns:
        The gradients in that order, empty if not wanted; both biases of a direction share one.
    """
    call = _Call(x, lengths, table_row, h0, c0, weights, half)
    call.check_backward((out, gates, cells), (out_gradient, h_n_gradient, c_n_gradient), wanted)
    given = [_dense(gradient) for gradient in (out_gradient, h_n_gradient, c_n_gradient)]
    results = [x.new_empty(shape if each else 0) for shape, each in zip(_gradient_shapes(x, h0), wanted, strict=True)]
    where = [_address(result) for result in results]
    with _refusals():
        kernel().backward(
            *call.arguments(),
            *map(_address, (gates, cells, out)),
            tuple(map(_address, given)),
            tuple(where[:3]),
            [tuple(where[at : at + 3]) for at in range(3, len(where), 3)],
        )
    return results


class _Call:
    """The tensors of one call, contiguous and kept alive, and the sizes that follow from their shapes."""

    def __init__(
        self,
        x: Tensor,
        lengths: Tensor,
        table_row: Tensor | None,
        h0: Tensor,
        c0: Tensor,
        weights: list[Tensor],
        half: bool,
    ) -> None:
        whole = (lengths,) if table_row is None else (lengths, table_row)
        if not all(_is_there(t, torch.float32) for t in (x, h0, c0, *weights)):
            raise _misfit()
        if not all(_is_there(t, torch.int64) and t.dim() == 1 for t in whole) or h0.dim() != 3 or x.dim() != 2:
            raise _misfit()
        self.x, self.lengths, self.table_row = x.contiguous(), lengths.contiguous(), _dense(table_row)
        self.h0, self.c0, self.weights = h0.contiguous(), c0.contiguous(), [weight.contiguous() for weight in weights]
        self.half = half
        self.directions, self.batch, self.hidden = h0.shape
        self.tokens = x.shape[0] if table_row is None else table_row.shape[0]
        self._check()

    def _check(self) -> None:
        """Check the shapes: the kernel receives bare addresses. It checks lengths and rows itself."""
        each = len(self.weights) // max(self.directions, 1)
        shapes = [(4 * self.hidden, self.x.shape[1]), (4 * self.hidden, self.hidden), *2 * [(4 * self.hidden,)]]
        if (
            self.c0.shape != self.h0.shape
            or self.lengths.shape[0] != self.batch
            or self.directions not in (1, 2)
            or each not in (2, 4)
            or [tuple(weight.shape) for weight in self.weights] != self.directions * shapes[:each]
        ):
            raise _misfit()

    def check_backward(self, kept: Sequence[Tensor], given: Sequence[Tensor | None], wanted: Sequence[bool]) -> None:
        """Check the results of `lstm_layer`, their gradients, and the wanted flags."""
        out = (self.tokens, self.directions * self.hidden)
        states = (tuple(self.h0.shape), tuple(self.c0.shape))
        known = [tuple(each.shape) for each in kept] in [[out, *self.kept_shapes(keep)] for keep in (GATES, CELLS)]
        fits = all(
            gradient is None or (_is_there(gradient, torch.float32) and tuple(gradient.shape) == shape)
            for gradient, shape in zip(given, (out, *states), strict=True)
        )
        if not known or not fits or len(wanted) != 3 + 3 * self.directions:
            raise _misfit()
        if not all(_is_there(each, torch.float32) and each.is_contiguous() for each in kept):
            raise _misfit()

    @property
    def each(self) -> int:
        """Weight tensors per direction."""
        return len(self.weights) // self.directions

    def kept_shapes(self, keep: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
        units = -(-self.hidden // BLOCK) * BLOCK
        gates = (self.directions, self.tokens, 4 * units) if keep == GATES else (0,)
        cells = (self.directions, self.tokens, units) if keep != NOTHING else (0,)
        return gates, cells

    def arguments(self) -> tuple[object, object, object]:
        distinct = 0 if self.table_row is None else self.x.shape[0]
        shape = (self.x.shape[1], self.hidden, self.batch, self.tokens, distinct, torch.get_num_threads(), self.half)
        inputs = tuple(map(_address, (self.lengths, self.table_row, self.x, self.h0, self.c0)))
        addresses = [_address(weight) for weight in self.weights]
        none = (0,) * (4 - self.each)
        return shape, inputs, [(*addresses[at : at + self.each], *none) for at in range(0, len(addresses), self.each)]


def _gradient_shapes(x: Tensor, h0: Tensor) -> list[tuple[int, ...]]:
    """Return the shapes of x, h0, c0, and each direction's input weights, hidden weights and biases."""
    directions, _, hidden = h0.shape
    weights = [(4 * hidden, x.shape[1]), (4 * hidden, hidden), (4 * hidden,)]
    return [tuple(x.shape), tuple(h0.shape), tuple(h0.shape), *directions * weights]


def _is_there(tensor: Tensor, dtype: torch.dtype) -> bool:
    """Whether the tensor has this dtype and lies strided in CPU memory."""
    return tensor.dtype is dtype and tensor.is_cpu and tensor.layout is torch.strided


def _misfit() -> DataError:
    return DataError(
        "longshort::lstm_layer takes float32 and int64 tensors with the shapes in its docstring; got others.",
        _HINT,
    )


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn the kernel's own errors about lengths and rows into longshort's."""
    try:
        yield
    except ValueError as error:
        raise DataError(f"{error}.", _HINT) from None


def _dense(tensor: Tensor | None) -> Tensor | None:
    return None if tensor is None else tensor.contiguous()


def _address(tensor: Tensor | None) -> int:
    """Return the address of the values; 0 if there are none."""
    return 0 if tensor is None or not tensor.numel() else tensor.data_ptr()


def _new_states(h0: Tensor, c0: Tensor) -> tuple[Tensor, Tensor]:
    """Make final states, contiguous whatever the strides of the initial ones."""
    return h0.new_empty(h0.shape), c0.new_empty(c0.shape)


def _kept(shape: tuple[int, ...]) -> Tensor:
    count = torch.Size(shape).numel()
    kept: Tensor = kernel().memory(count).view(shape) if count else torch.empty(shape)
    return kept


def _shapes(
    x: Tensor,
    lengths: Tensor,
    table_row: Tensor | None,
    h0: Tensor,
    c0: Tensor,
    weights: list[Tensor],
    keep: int,
    half: bool,
) -> Outputs:
    directions, _, hidden = h0.shape
    tokens, units = x.shape[0] if table_row is None else table_row.shape[0], -(-hidden // BLOCK) * BLOCK
    gates = x.new_empty((directions, tokens, 4 * units) if keep == GATES else 0)
    cells = x.new_empty((directions, tokens, units) if keep != NOTHING else 0)
    return x.new_empty(tokens, directions * hidden), *_new_states(h0, c0), gates, cells


def _shapes_backward(
    x: Tensor,
    lengths: Tensor,
    table_row: Tensor | None,
    h0: Tensor,
    c0: Tensor,
    weights: list[Tensor],
    out: Tensor,
    gates: Tensor,
    cells: Tensor,
    out_gradient: Tensor | None,
    h_n_gradient: Tensor | None,
    c_n_gradient: Tensor | None,
    wanted: list[bool],
    half: bool,
) -> list[Tensor]:
    shapes = _gradient_shapes(x, h0)
    return [x.new_empty(shape if each else 0) for shape, each in zip(shapes, wanted, strict=True)]


# --- gradients, and gradients of gradients ---


def _remember(ctx: Any, inputs: tuple[Any, ...], output: Outputs) -> None:
    x, lengths, table_row, h0, c0, weights, _, half = inputs
    out, _, _, gates, cells = output
    ctx.weights, ctx.half = len(weights), half
    ctx.save_for_backward(x, lengths, table_row, h0, c0, *weights, out, gates, cells)
    ctx.mark_non_differentiable(gates, cells)
    ctx.set_materialize_grads(False)


def _gradients(ctx: Any, *given: Tensor | None) -> tuple[Any, ...]:
    x, lengths, table_row, h0, c0, *rest = ctx.saved_tensors
    weights, (out, gates, cells) = rest[: ctx.weights], rest[ctx.weights :]
    inputs = (x, lengths, table_row, h0, c0, weights)
    if torch.is_grad_enabled() or any(each is not None and is_batched(each) for each in given[:3]):
        again = _by_equations(inputs, given[:3])
        return again[0], None, None, again[1], again[2], again[3:], None, None
    each = len(weights) // h0.shape[0]
    flat = [weight.requires_grad for weight in weights]
    wanted = [tensor.requires_grad for tensor in (x, h0, c0)]
    for at in range(0, len(weights), each):
        wanted += [flat[at], flat[at + 1], any(flat[at + 2 : at + each])]
    of_out, of_h_n, of_c_n = given[:3]
    found = lstm_layer_backward(*inputs, out, gates, cells, of_out, of_h_n, of_c_n, wanted, ctx.half)
    results = [gradient if want else None for gradient, want in zip(found, wanted, strict=True)]
    for_weights = []
    for at in range(3, len(results), 3):
        bias = results[at + 2]
        for_weights += [results[at], results[at + 1]]
        for_weights += [] if each == 2 else [bias, None if bias is None else bias.clone()]
    return results[0], None, None, results[1], results[2], for_weights, None, None


@torch.enable_grad()
def _by_equations(inputs: Inputs, given: Sequence[Tensor | None]) -> list[Tensor | None]:
    """Compute the gradients with the equations: differentiable again, or batched."""
    say_once("The equations, not the kernel, compute gradients of gradients and batched gradients.")
    # Alias the inputs: differentiate with respect to these values, not the graph behind them.
    x, lengths, table_row, h0, c0, weights = inputs
    x, h0, c0, *weights = (_alias(each) for each in (x, h0, c0, *weights))
    each = len(weights) // h0.shape[0]
    layer = [LayerWeights(*weights[at : at + each]) for at in range(0, len(weights), each)]
    values = x if table_row is None else x[table_row]
    run = both_directions(equations.run_direction)
    out, h_n, c_n = run(Ragged(values, lengths), h0, c0, layer)
    results = [(result, gradient) for result, gradient in zip((out.values, h_n, c_n), given, strict=True)]
    known = [(result, gradient) for result, gradient in results if gradient is not None]
    sources = [x, h0, c0, *weights]
    wanted = [source for source in sources if source.requires_grad]
    outputs, gradients = zip(*known, strict=True)
    found = iter(torch.autograd.grad(outputs, wanted, gradients, create_graph=True, allow_unused=True))
    return [next(found) if source.requires_grad else None for source in sources]


def _alias(tensor: Tensor) -> Tensor:
    return tensor.view_as(tensor) if tensor.requires_grad else tensor


torch.library.register_fake("longshort::lstm_layer", _shapes)
torch.library.register_fake("longshort::lstm_layer_backward", _shapes_backward)
torch.library.register_autograd("longshort::lstm_layer", _gradients, setup_context=_remember)
