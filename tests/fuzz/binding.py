"""Call the kernel with tensors of any shape, dtype and layout: an error or the right result, never a crash."""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

import torch
from torch import Tensor

import longshort
from longshort.errors import LongshortError
from longshort.lstm import equations
from longshort.lstm.operators import lstm_layer, lstm_layer_backward
from longshort.lstm.parameters import LayerWeights
from longshort.lstm.stack import both_directions
from longshort.ragged import Ragged

__all__ = ["feed_layer", "feed_module"]

DTYPES = (torch.float64, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.bool, torch.complex64)
LENGTHS = (-1, -(2**62), 2**62, 2**63 - 1, 2**32, 1_000_000, 1, 0)


class Wrong(Exception):
    """The result differs from the equations."""


def drawn(draw: Random, *shape: int) -> Tensor:
    """Draw small numbers."""
    torch.manual_seed(draw.randrange(2**31))
    return torch.rand(shape) - 0.5


def is_elsewhere(tensor: Tensor) -> bool:
    """Whether torch handles such a tensor before the kernel: not on the CPU, or not strided."""
    return not tensor.is_cpu or tensor.layout is not torch.strided


def spoiled(tensor: Tensor, draw: Random) -> Tensor:
    """Apply `misshapen`, unless an earlier change makes it impossible."""
    try:
        return misshapen(tensor, draw)
    except (RuntimeError, NotImplementedError):
        return tensor


def misshapen(tensor: Tensor, draw: Random) -> Tensor:
    """Change the shape, dtype, device or layout; a change of layout keeps the values."""
    what = draw.randrange(9)
    if what == 0:
        return tensor.to(draw.choice(DTYPES))
    if what == 1:
        return torch.empty_like(tensor, device="meta") if draw.random() < 0.3 else tensor
    if what == 2:
        return tensor[tuple(slice(draw.randrange(2), None) for _ in tensor.shape)]
    if what == 3:
        return tensor.reshape(-1) if draw.random() < 0.5 else tensor[None]
    if what == 4:
        return tensor.new_zeros([draw.randrange(4) for _ in range(draw.randrange(4))])
    if what == 5 and tensor.dim():
        return torch.cat([tensor, tensor])
    if what == 6:
        return tensor.to_sparse() if tensor.is_floating_point() and tensor.dim() else tensor
    if what == 7 and tensor.dim():
        return torch.stack([tensor, tensor], dim=-1)[..., 0]  # every other value: not contiguous
    return tensor.T.contiguous().T if tensor.dim() == 2 else tensor


def shape_spoiled(weight: Tensor, draw: Random) -> Tensor:
    """Change the shape or memory layout of a parameter."""
    if draw.random() < 0.3:
        return weight.new_zeros(1)
    found = spoiled(weight, draw)
    return weight if is_elsewhere(found) or found.dtype is not weight.dtype else found


def spoil_lengths(lengths: Tensor, draw: Random) -> Tensor:
    """Make lengths negative, huge, or with a wrong sum."""
    if not lengths.numel() or lengths.dim() != 1 or draw.random() < 0.3:
        return spoiled(lengths, draw)
    held = lengths.clone()
    held[draw.randrange(len(held))] = draw.choice(LENGTHS)
    if draw.random() < 0.5 and len(held) > 1:  # keep the sum
        held[draw.randrange(len(held))] += lengths.sum() - held.sum()
    return held


def feed_layer(content: bytes) -> None:
    """Call the operators of one layer, forward and backward; results must match the equations."""
    draw = Random(content)
    hidden, features, directions = draw.choice((0, 1, 2, 3, 15, 16, 17, 33)), draw.randrange(5), draw.choice((1, 2))
    lengths = torch.tensor([draw.choice((0, 1, 2, 3, 7)) for _ in range(draw.randrange(5))], dtype=torch.int64)
    tokens = int(lengths.sum())
    row = torch.tensor([draw.randrange(3) for _ in range(tokens)], dtype=torch.int64) if draw.random() < 0.3 else None
    each = [(4 * hidden, features), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,)][: draw.choice((2, 4, 4))]
    given: dict[str, Any] = {
        "x": drawn(draw, tokens if row is None else 3, features),
        "lengths": lengths,
        "table_row": row,
        "h0": drawn(draw, directions, len(lengths), hidden),
        "c0": drawn(draw, directions, len(lengths), hidden),
        "weights": [drawn(draw, *shape) for _ in range(directions) for shape in each],
        "keep": draw.choice((0, 1, 1, 2)),
        "half": False,
    }
    wrong = draw.random() < 0.7
    if wrong:
        spoil_call(given, draw)
    tensors = [given["x"], given["lengths"], given["table_row"], given["h0"], given["c0"], *given["weights"]]
    elsewhere = any(each is not None and is_elsewhere(each) for each in tensors)
    try:
        out, h_n, c_n, gates, cells = lstm_layer(**given)
    except (NotImplementedError, RuntimeError, IndexError, ValueError):
        if elsewhere:
            return
        raise
    if elsewhere:
        return
    compare(given, (out, h_n, c_n))
    if given["keep"]:
        feed_backward(given, [out, gates, cells], [drawn(draw, *each.shape) for each in (out, h_n, c_n)], draw)


def spoil_call(given: dict[str, Any], draw: Random) -> None:
    """Make one or two arguments invalid."""
    for _ in range(draw.choice((1, 1, 2))):
        name = draw.choice(("x", "lengths", "table_row", "h0", "c0", "weights", "weights", "keep"))
        if name == "lengths":
            given[name] = spoil_lengths(given[name], draw)
        elif name == "table_row":
            row = given[name]
            given[name] = torch.tensor([draw.choice((-1, 3, 2**40, 0))] * draw.randrange(8)) if row is None else row + 1
        elif name == "keep":
            given[name] = draw.choice((-1, 3, 2**40))
        elif name == "weights" and given[name]:
            at = draw.randrange(len(given[name]))
            given[name][at : at + 1] = [spoiled(given[name][at], draw)] * draw.choice((0, 1, 1, 1, 2))
        elif name != "weights":
            given[name] = spoiled(given[name], draw)


def compare(given: dict[str, Any], found: tuple[Tensor, Tensor, Tensor]) -> None:
    """Compare results with the equations."""
    weights = given["weights"]
    each = len(weights) // len(given["h0"])
    layer = [LayerWeights(*weights[at : at + each]) for at in range(0, len(weights), each)]
    values = given["x"] if given["table_row"] is None else given["x"][given["table_row"]]
    run = both_directions(equations.run_direction)
    out, h_n, c_n = run(Ragged(values, given["lengths"]), given["h0"], given["c0"], layer)
    for one, other in zip(found, (out.values, h_n, c_n), strict=True):
        if one.shape != other.shape or not torch.allclose(one, other, atol=1e-5):
            raise Wrong(f"Got {one} instead of {other}")


def feed_backward(given: dict[str, Any], kept: list[Tensor], gradients: list[Tensor], draw: Random) -> None:
    """Compute the gradients from the stored values, some of them invalid."""
    wanted = [draw.random() < 0.8 for _ in range(3 + 3 * len(given["h0"]))]
    passed: list[Any] = [*kept, *(None if draw.random() < 0.2 else each for each in gradients)]
    if draw.random() < 0.6:
        at = draw.randrange(len(passed))
        passed[at] = None if passed[at] is None else spoiled(passed[at], draw)
    if draw.random() < 0.1:
        wanted = wanted[:-1]
    inputs = [given[name] for name in ("x", "lengths", "table_row", "h0", "c0", "weights")]
    if any(each is not None and is_elsewhere(each) for each in passed):
        with suppress(NotImplementedError, RuntimeError, IndexError, ValueError):
            lstm_layer_backward(*inputs, *passed, wanted, given["half"])
        return
    found = lstm_layer_backward(*inputs, *passed, wanted, given["half"])
    if not all(bool(each.isfinite().all()) for each in found):
        raise Wrong("a gradient is not finite")


def feed_module(content: bytes) -> None:
    """Call `longshort.LSTM` with arbitrary inputs, states and parameters."""
    draw = Random(content)
    sizes = {
        "input_size": draw.randrange(1, 4),
        "hidden_size": draw.randrange(1, 18),
        "num_layers": draw.randrange(1, 3),
    }
    options = {"bidirectional": draw.random() < 0.5, "bias": draw.random() < 0.8, "batch_first": draw.random() < 0.5}
    lstm = longshort.LSTM(**sizes, **options)
    other = longshort.LSTM(**sizes, **options, backend="equations")
    other.load_state_dict(lstm.state_dict())
    batch, first = draw.randrange(4), len(lstm.all_weights)
    lengths = torch.tensor([draw.randrange(4) for _ in range(batch)], dtype=torch.int64)
    ragged = draw.random() < 0.5
    shape = (int(lengths.sum()),) if ragged else draw.choice(((batch, 1), (1, batch), (batch, 3)))
    values = drawn(draw, *shape, sizes["input_size"])
    given: list[Any] = [values, *(drawn(draw, first, batch, sizes["hidden_size"]) for _ in range(2))]
    if draw.random() < 0.5:
        at = draw.randrange(3)
        given[at] = spoiled(given[at], draw)
    if draw.random() < 0.3:
        weight = draw.choice(list(lstm.parameters()))
        weight.data = shape_spoiled(weight.data, draw)
    if ragged and draw.random() < 0.3:
        lengths = spoil_lengths(lengths, draw)
    with torch.set_grad_enabled(draw.random() < 0.5):
        inputs = Ragged(given[0], lengths) if ragged else given[0]
        states = None if draw.random() < 0.3 else (given[1], given[2])
        out, _ = lstm(inputs, states)
        try:
            expected, _ = other(inputs, states)
        except (LongshortError, RuntimeError):
            return  # its parameters are unchanged
    if all(torch.equal(a, b) for a, b in zip(lstm.parameters(), other.parameters(), strict=True)):
        one, two = (each.values if isinstance(each, Ragged) else each for each in (out, expected))
        if not torch.allclose(one, two, atol=1e-5):
            raise Wrong("the result differs from the equations")
