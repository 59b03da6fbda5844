"""`LSTM`: a drop-in replacement for `torch.nn.LSTM` that also takes `Ragged`."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Self, overload

import torch
from torch import Tensor, nn
from torch.fx import Proxy
from torch.nn.utils.rnn import PackedSequence

from longshort.errors import BackendError, DataError, SettingError, nearest
from longshort.lstm.backends import FEW, VARIABLE, Backend, Choice, choose
from longshort.lstm.parameters import PRECISIONS, LayerWeights, Spec
from longshort.lstm.shared import Shared
from longshort.lstm.stack import Result
from longshort.lstm.transforms import is_transformed
from longshort.ragged import Ragged

__all__ = ["LSTM", "spec_of"]

States = tuple[Tensor, Tensor]


class _WrongKind(SettingError, TypeError):
    """An argument has the wrong type. A TypeError too, like torch's."""


class _Misfit(DataError, RuntimeError):
    """Inputs do not fit. A ValueError and a RuntimeError too: torch's LSTM raises one or the other."""


class LSTM(nn.LSTM):
    """Long short-term memory (Hochreiter & Schmidhuber 1997), with one or more layers and one or two directions.

    Has the arguments, parameter names, initial weights and results of `torch.nn.LSTM`, so state dicts are
    interchangeable. Besides padded tensors and `PackedSequence` it takes `Ragged`, without any padding.

    Args:
        input_size: features per step, at least 1.
        hidden_size: units per layer and direction, at least 1.
        num_layers: stacked layers, at least 1.
        bias: whether the gates have biases.
        batch_first: whether padded tensors are `(batch, time, features)` instead of `(time, batch, features)`.
        dropout: dropout rate between layers during training, in [0, 1); no effect with one layer.
        bidirectional: also read each sequence from end to start, and concatenate the outputs of both directions.
        proj_size: project the hidden state to this many features, less than `hidden_size`; 0 for no projection.
        device: device of the parameters.
        dtype: dtype of the parameters, and of inputs and states.
        backend: "auto" for the fastest that can run it, or a name in `longshort.lstm.backends.BACKENDS`.
        precision: "full", or "bf16" to multiply in bfloat16 and add in float32: faster on processors with
            AVX512-BF16, and less exact. A few tokens without gradients are computed in full precision anyway.
        recompute: recompute the gates in the backward pass instead of storing them: a fifth of the memory for a third
            more time.

    Raises:
        SettingError: an argument is out of bounds.
        BackendError: there is no backend of that name, or it cannot run this LSTM.
    """

    backend: str = "auto"
    """The requested backend. A class attribute, since `accelerate` does not call `__init__`."""
    precision: str = "full"
    recompute: bool = False
    accelerated: bool = False
    """Whether it was built as a `torch.nn.LSTM`, which `longshort.restore` restores."""

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        device: torch.device | str | None = None,
        dtype: torch.dtype | None = None,
        *,
        backend: str = "auto",
        precision: str = "full",
        recompute: bool = False,
    ) -> None:
        _check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        if not 0 <= dropout < 1:
            raise SettingError(f"dropout must be at least 0 and less than 1. Got {dropout!r}.", "0 turns it off.")
        if not 0 <= proj_size < hidden_size:
            raise SettingError(
                f"proj_size must be at least 0 and less than hidden_size, {hidden_size}. Got {proj_size!r}.",
                "0 means no projection.",
            )
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            0.0,  # torch warns about dropout with one layer, which is harmless; the rate is set below
            bidirectional,
            proj_size,
            device,
            dtype,
        )
        self.dropout = float(dropout)
        self.backend, self.precision, self.recompute = backend, precision, bool(recompute)
        if precision not in PRECISIONS:
            raise SettingError(
                f"precision must be one of {', '.join(PRECISIONS)}. Got {precision!r}.", nearest(precision, PRECISIONS)
            )
        self._runner(next(self.parameters()))

    @property
    def spec(self) -> Spec:
        """The sizes, and the current dtype and device of the parameters."""
        return spec_of(self)

    @property
    def choice(self) -> Choice:
        """The backend that runs this LSTM on its current device, and why."""
        return choose(self.backend, self.spec)

    @overload
    def forward(self, input: Tensor, hx: States | None = None) -> tuple[Tensor, States]: ...
    @overload
    def forward(self, input: PackedSequence, hx: States | None = None) -> tuple[PackedSequence, States]: ...
    @overload
    def forward(self, input: Ragged | Shared, hx: States | None = None) -> tuple[Ragged, States]: ...
    def forward(
        self,
        input: Tensor | PackedSequence | Ragged | Shared,  # noqa: A002
        hx: States | None = None,
    ) -> tuple[Tensor | PackedSequence | Ragged, States]:
        """Run all steps of all sequences.

        Args:
            input: one of
                `Ragged` with values `(tokens, input_size)`;
                `Shared`, for which the output is a Ragged;
                a tensor `(time, batch, input_size)`, or `(batch, time, input_size)` with `batch_first`, or
                `(time, input_size)` for one sequence;
                a `PackedSequence`.
            hx: initial states (h_0, c_0), zeros by default: h_0 `(num_layers * directions, batch, proj or hidden)`, c_0
                `(num_layers * directions, batch, hidden)`; both without the batch axis for one sequence.

        Returns:
            (output, (h_n, c_n)): output has the type of the input and holds the hidden states of the last layer,
            `directions * (proj or hidden)` features; h_n and c_n, in the shapes of h_0 and c_0, are the states of each
            layer and direction after the last step. An empty sequence keeps its initial states. Under
            `torch.autocast` all have the autocast dtype, except on the CPU for a PackedSequence, which keeps its own.

        Raises:
            DataError: a shape, dtype or device does not fit.
            BackendError: the requested backend cannot run this LSTM on its current device.
        """
        if isinstance(input, Tensor):
            return self._step(input, hx) or self._padded(input, hx)
        if isinstance(input, Ragged | Shared):
            outputs, *states = self._run(input, self._states(hx, input.lengths.shape[0]))
            return outputs, (states[0], states[1])
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        raise DataError(
            f"An LSTM takes a Ragged, a tensor or a PackedSequence; got {type(input).__name__}.",
            "torch.fx traces only torch's own LSTM: call longshort.restore(model) first."
            if isinstance(input, Proxy)
            else "Ragged.from_list([...]) takes a list of tensors (length, features).",
        )

    def extra_repr(self) -> str:
        """Return the arguments that differ from their defaults."""
        changed = {name: getattr(self, name) for name in ("backend", "precision", "recompute")}
        defaults = {"backend": "auto", "precision": "full", "recompute": False}
        return super().extra_repr() + "".join(f", {k}={v!r}" for k, v in changed.items() if v != defaults[k])

    def _step(self, padded: Tensor, hx: States | None) -> tuple[Tensor, States] | None:
        """Run one step of a few sequences without gradients, as in generation; None if it is anything else."""
        if torch.is_grad_enabled() or padded.dim() != 3 or torch.compiler.is_compiling() or type(padded) is not Tensor:
            return None
        batch, steps = padded.shape[:2] if self.batch_first else padded.shape[1::-1]
        if steps != 1 or not 0 < batch <= FEW or hx is None or is_transformed():
            return None
        if self.training and self.dropout and self.num_layers > 1:
            return None
        weights = self._layer_weights()
        kind = weights[0].input
        spec, backend = self._runner(kind)
        tensors = (padded, *hx, *(weight for each in weights for weight in each.flat()))
        fits = all(each.dtype is kind.dtype and each.device == kind.device and each.is_contiguous() for each in tensors)
        states = (len(weights), batch, self.hidden_size)
        shapes = padded.shape[2] == self.input_size and hx[0].shape == states and hx[1].shape == states
        if backend.step is None or not (fits and shapes) or torch.is_autocast_enabled("cpu"):
            return None
        output, h_n, c_n = backend.step(padded.view(batch, self.input_size), *hx, weights, spec)
        return output.view(*padded.shape[:2], output.shape[1]), (h_n, c_n)

    def _padded(self, padded: Tensor, hx: States | None) -> tuple[Tensor, States]:
        _check_layout("input", padded)
        if padded.dim() == 2:
            states = self._states(hx)
            output, h_n, c_n = self._run(Ragged.from_rows(padded[None]), states and _each(states, _as_batch))
            return output.values, (h_n[:, 0], c_n[:, 0])
        if padded.dim() != 3:
            raise _Misfit(
                "A padded batch has the axes (time, batch, features), (batch, time, features) with batch_first, or "
                f"(time, features) for one sequence; got shape {tuple(padded.shape)}.",
                "Pass token ids through an embedding first.",
            )
        rows = padded if self.batch_first else padded.transpose(0, 1)
        batch, steps = rows.shape[:2]
        output, h_n, c_n = self._run(Ragged.from_rows(rows), self._states(hx, batch))
        shown = output.values.view(batch, steps, output.values.shape[1])
        return shown if self.batch_first else shown.transpose(0, 1).contiguous(), (h_n, c_n)

    def _packed(self, packed: PackedSequence, hx: States | None) -> tuple[PackedSequence, States]:
        """Run in the sorted order of the packed data; states are in the caller's order."""
        sizes = packed.batch_sizes
        states = self._states(hx, int(sizes[0]))
        states = states and _reorder(states, packed.sorted_indices)
        inputs, back = _unpack(packed)
        keep = packed.data.dtype if packed.data.device.type == "cpu" else None
        output, h_n, c_n = self._run(inputs, states, autocast_to=keep)
        data = output.values.index_select(0, back)
        # Not _replace, which torch.compile mishandles.
        results = PackedSequence(data, sizes, packed.sorted_indices, packed.unsorted_indices)
        return results, _reorder((h_n, c_n), packed.unsorted_indices)

    def _run(self, inputs: Ragged | Shared, states: States | None, *, autocast_to: torch.dtype | None = None) -> Result:
        """Run all layers and directions; under autocast in `autocast_to`, by default autocast's own dtype."""
        device = inputs.values.device.type
        if torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device):
            with torch.autocast(device, enabled=False):
                return self._run_as(autocast_to or torch.get_autocast_dtype(device), inputs, states)
        return self._run_as(None, inputs, states)

    def _run_as(self, dtype: torch.dtype | None, inputs: Ragged | Shared, states: States | None) -> Result:
        weights = self._layer_weights()
        if dtype is not None and inputs.values.dtype is not torch.float64:
            inputs = inputs.with_values(inputs.values.to(dtype))
            states = states and _each(states, lambda state: _lowered(state, dtype))
            weights = [
                LayerWeights._make(each if each is None else _lowered(each, dtype) for each in w) for w in weights
            ]
        kind = weights[0].input
        self._check_values(inputs.values, kind)
        if states is None:
            batch, first = inputs.lengths.shape[0], len(weights)
            h0 = inputs.values.new_zeros(first, batch, self.proj_size or self.hidden_size)
            c0 = inputs.values.new_zeros(first, batch, self.hidden_size)
        else:
            h0, c0 = states
            _check_kind("h_0", h0, kind)
            _check_kind("c_0", c0, kind)
        spec, backend = self._runner(kind)
        if isinstance(inputs, Shared) and not backend.shares:
            inputs = inputs.ragged()
        return backend.run(inputs, h0, c0, weights, spec, self.dropout if self.training else 0.0)

    def _layer_weights(self) -> list[LayerWeights]:
        """Read each weight once: a parametrization recomputes it, and may change it, at every access."""
        none = () if self.bias else (None, None)
        return [LayerWeights(each[0], each[1], *none, *each[2:]) for each in self.all_weights]

    def _runner(self, weight: Tensor) -> tuple[Spec, Backend]:
        """Look up the spec and the backend for weights of this dtype and device."""
        own = (self.precision, self.recompute)
        key = (self.backend, os.environ.get(VARIABLE), *_sizes(self), weight.dtype, weight.device.type, *own)
        found = _RUNNERS.get(key)
        if found is None:
            spec = Spec(*_sizes(self), weight.dtype, weight.device.type, *own)
            found = _RUNNERS[key] = (spec, choose(self.backend, spec).backend)
        return found

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> Self:
        """Choose the backend right after a move: a graph traced later can only look it up."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        with suppress(BackendError):  # the next run raises it
            self._runner(next(self.parameters()))
        return self

    def _states(self, hx: States | None, *batch: int) -> States | None:
        """Check the shapes of the initial states."""
        if hx is None:
            return None
        if not isinstance(hx, tuple | list) or len(hx) != 2:
            raise _Misfit(
                f"The initial states of an LSTM are a pair (h_0, c_0); got {type(hx).__name__}.",
                "Leave them out to start from zeros.",
            )
        h0, c0 = hx
        first = self.num_layers * (2 if self.bidirectional else 1)
        _check_shape("h_0", h0, (first, *batch, self.proj_size or self.hidden_size))
        _check_shape("c_0", c0, (first, *batch, self.hidden_size))
        return h0, c0

    def _check_values(self, values: Tensor, weight: Tensor) -> None:
        if values.shape[1:] != (self.input_size,):
            raise _Misfit(
                f"input of this LSTM must have the features ({self.input_size},); got {tuple(values.shape[1:])}.",
                "Check input_size, and batch_first for padded tensors.",
            )
        _check_kind("input", values, weight)


_RUNNERS: dict[tuple[object, ...], tuple[Spec, Backend]] = {}
"""Cached results of `choose`, for single steps. Holds no weights."""


def spec_of(lstm: nn.LSTM) -> Spec:
    """Return the spec of a torch or longshort LSTM: sizes, and the current dtype and device of its parameters."""
    weight = next(lstm.parameters())
    own = (lstm.precision, lstm.recompute) if isinstance(lstm, LSTM) else ()
    return Spec(*_sizes(lstm), weight.dtype, weight.device.type, *own)


def _sizes(lstm: nn.LSTM) -> tuple[int, int, int, bool, bool, int]:
    return lstm.input_size, lstm.hidden_size, lstm.num_layers, lstm.bias, lstm.bidirectional, lstm.proj_size


def _each(states: States, change: Callable[[Tensor], Tensor]) -> States:
    return change(states[0]), change(states[1])


def _reorder(states: States, order: Tensor | None) -> States:
    return states if order is None else (states[0].index_select(1, order), states[1].index_select(1, order))


def _as_batch(state: Tensor) -> Tensor:
    return state.unsqueeze(1)


def _lowered(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """Cast like autocast, which leaves double precision alone; a later check rejects the mix."""
    return tensor if tensor.dtype is torch.float64 else tensor.to(dtype)


def _unpack(packed: PackedSequence) -> tuple[Ragged, Tensor]:
    """Return the sequences in sorted order, and for each packed value its position in them."""
    sizes = packed.batch_sizes
    lengths = (sizes[:, None] > torch.arange(int(sizes[0]), device="cpu")).sum(0)
    starts, ends = sizes.cumsum(0) - sizes, lengths.cumsum(0)
    tokens = torch.arange(packed.data.shape[0], device="cpu")
    step = torch.arange(sizes.shape[0], device="cpu").repeat_interleave(sizes)
    back = (ends - lengths)[tokens - starts[step]] + step
    take = torch.empty_like(back).scatter_(0, back, tokens)
    device = packed.data.device
    return Ragged(packed.data.index_select(0, take.to(device)), lengths), back.to(device)


def _check_shape(name: str, state: Tensor, shape: tuple[int, ...]) -> None:
    if state.shape != shape:
        raise _Misfit(
            f"{name} of this LSTM must have the shape {shape}; got {tuple(state.shape)}.",
            "The axes are (num_layers * directions, batch, hidden); without batch for one sequence.",
        )


def _check_layout(name: str, tensor: Tensor) -> None:
    if tensor.layout is not torch.strided:
        raise _Misfit(
            f"{name} must be a dense tensor; got layout {tensor.layout}.", "tensor.to_dense() makes it dense."
        )


def _check_kind(name: str, tensor: Tensor, weight: Tensor) -> None:
    _check_layout(name, tensor)
    if tensor.dtype is not weight.dtype or tensor.device != weight.device:
        raise _Misfit(
            f"{name} must have the dtype and device of the weights, {weight.dtype} on {weight.device}; "
            f"got {tensor.dtype} on {tensor.device}.",
            "Move one to the other with .to(device, dtype).",
        )


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            kind = _WrongKind if isinstance(size, bool) or not isinstance(size, int) else SettingError
            raise kind(f"{name} must be an integer of at least 1. Got {size!r}.")
