"""`LSTM`: a drop-in for `torch.nn.LSTM` that also takes `Ragged`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from longshort.errors import DataError, SettingError
from longshort.lstm.backends import Choice, choose
from longshort.lstm.stack import Result
from longshort.lstm.weights import Spec, layer_weights
from longshort.ragged import Ragged

__all__ = ["LSTM"]

States = tuple[Tensor, Tensor]


class LSTM(nn.LSTM):
    """Long short-term memory (Hochreiter & Schmidhuber 1997), in several layers and directions.

    It is a `torch.nn.LSTM` in its arguments, parameter names, first weights and results, so a state dict goes both
    ways. Besides padded tensors and `PackedSequence` it takes `Ragged`, and computes no padding for it.

    Args:
        input_size: features per step, at least 1.
        hidden_size: units per layer and direction, at least 1.
        num_layers: layers, one on the other, at least 1.
        bias: whether the gates have biases.
        batch_first: whether padded tensors are `(batch, time, features)` instead of `(time, batch, features)`.
        dropout: rate between layers during training, in [0, 1); without effect on one layer.
        bidirectional: also read each sequence from its end to its start; the outputs of both directions are joined.
        proj_size: project the hidden state to this many features, less than `hidden_size`; 0 for no projection.
        device: where the parameters are made.
        dtype: of the parameters; inputs and states must have the same.
        backend: "auto" for the fastest that can, or the name of one in `longshort.lstm.backends.BACKENDS`.

    Raises:
        SettingError: an argument is out of its bounds.
        BackendError: there is no backend of that name, or it cannot run this LSTM.
    """

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
    ) -> None:
        _check_sizes(input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        if not 0 <= dropout < 1:
            raise SettingError(f"dropout must be at least 0 and less than 1. Got {dropout!r}.", "0 turns it off.")
        if not 0 <= proj_size < hidden_size:
            raise SettingError(
                f"proj_size must be at least 0 and less than hidden_size, {hidden_size}. Got {proj_size!r}.",
                "0 is for no projection.",
            )
        super().__init__(
            input_size,
            hidden_size,
            num_layers,
            bias,
            batch_first,
            0.0,  # torch warns of dropout on one layer, where it is harmless; the rate is set below
            bidirectional,
            proj_size,
            device,
            dtype,
        )
        self.dropout = float(dropout)
        self.backend = backend
        choose(backend, self.spec)

    @property
    def spec(self) -> Spec:
        """The sizes, and the dtype and device that the parameters have now."""
        weight = next(self.parameters())
        return Spec(
            self.input_size,
            self.hidden_size,
            self.num_layers,
            self.bias,
            self.bidirectional,
            self.proj_size,
            weight.dtype,
            weight.device.type,
        )

    @property
    def choice(self) -> Choice:
        """The backend that runs this LSTM where it is now, and why."""
        return choose(self.backend, self.spec)

    def forward(self, input: Any, hx: States | None = None) -> tuple[Any, States]:  # noqa: A002
        """Run all steps of all sequences.

        Args:
            input: one of
                `Ragged` with values `(tokens, input_size)`;
                a tensor `(time, batch, input_size)`, or `(batch, time, input_size)` with `batch_first`, or
                `(time, input_size)` for one sequence;
                a `PackedSequence`.
            hx: initial states (h_0, c_0), zeros by default: h_0 `(num_layers * directions, batch, proj or hidden)`, c_0
                `(num_layers * directions, batch, hidden)`; both without the batch axis for one sequence.

        Returns:
            (output, (h_n, c_n)): output has the kind of the input, with the hidden states of the last layer,
            `directions * (proj or hidden)` features; h_n and c_n, in the shapes of h_0 and c_0, are the states of each
            layer and direction after its last step. A sequence without steps keeps its initial states.

        Raises:
            DataError: a shape, dtype or device does not fit.
            BackendError: the backend asked for cannot run this LSTM where it is now.
        """
        if isinstance(input, Ragged):
            outputs, *states = self._run(input, hx)
            return outputs, (states[0], states[1])
        if isinstance(input, PackedSequence):
            return self._packed(input, hx)
        if isinstance(input, Tensor):
            return self._padded(input, hx)
        raise DataError(
            f"An LSTM takes a Ragged, a tensor or a PackedSequence; got {type(input).__name__}.",
            "Ragged.from_list([...]) takes a list of tensors (length, features).",
        )

    def extra_repr(self) -> str:
        """The arguments that are not at their defaults."""
        return super().extra_repr() + ("" if self.backend == "auto" else f", backend={self.backend!r}")

    def _padded(self, padded: Tensor, hx: States | None) -> tuple[Tensor, States]:
        if padded.dim() == 2:
            states = None if hx is None else (hx[0].unsqueeze(1), hx[1].unsqueeze(1))
            output, h_n, c_n = self._run(Ragged(padded, torch.tensor([len(padded)])), states)
            return output.values, (h_n[:, 0], c_n[:, 0])
        if padded.dim() != 3:
            raise DataError(
                "A padded batch has the axes (time, batch, features), (batch, time, features) with batch_first, or "
                f"(time, features) for one sequence; got shape {tuple(padded.shape)}.",
                "Token numbers go through an embedding first.",
            )
        rows = padded if self.batch_first else padded.transpose(0, 1)
        batch, steps, features = rows.shape
        inputs = Ragged(rows.reshape(batch * steps, features), torch.full((batch,), steps))
        output, h_n, c_n = self._run(inputs, hx)
        rows = output.values.view(batch, steps, output.values.shape[1])
        return rows if self.batch_first else rows.transpose(0, 1), (h_n, c_n)

    def _packed(self, packed: PackedSequence, hx: States | None) -> tuple[PackedSequence, States]:
        """Run in the sorted order of the packed data; states come and go in the order of the caller."""
        inputs = Ragged.from_packed(PackedSequence(packed.data, packed.batch_sizes))
        output, h_n, c_n = self._run(inputs, hx and _reorder(hx, packed.sorted_indices))
        time_major = output.steps().argsort(stable=True)
        return packed._replace(data=output.values[time_major]), _reorder((h_n, c_n), packed.unsorted_indices)

    def _run(self, inputs: Ragged, hx: States | None) -> Result:
        spec = self.spec
        h0_shape, c0_shape = (
            (spec.num_layers * spec.directions, len(inputs), size) for size in (spec.output_size, spec.hidden_size)
        )
        self._check_input(inputs.values)
        if hx is None:
            h0, c0 = inputs.values.new_zeros(h0_shape), inputs.values.new_zeros(c0_shape)
        else:
            h0, c0 = hx
            self._check_state("h_0", h0, h0_shape)
            self._check_state("c_0", c0, c0_shape)
        rate = self.dropout if self.training else 0.0
        return choose(self.backend, spec).backend.run(inputs, h0, c0, layer_weights(self, spec), spec, rate)

    def _check_input(self, values: Tensor) -> None:
        if tuple(values.shape[1:]) != (self.input_size,):
            raise DataError(
                f"input of this LSTM must have the features ({self.input_size},); got {tuple(values.shape[1:])}.",
                "Check input_size, and batch_first for padded tensors.",
            )
        self._check_kind("input", values)

    def _check_state(self, name: str, state: Tensor, shape: tuple[int, ...]) -> None:
        if tuple(state.shape) != shape:
            raise DataError(
                f"{name} of this LSTM must have the shape {shape}; got {tuple(state.shape)}.",
                "The axes are (num_layers * directions, batch, hidden); without batch for one sequence.",
            )
        self._check_kind(name, state)

    def _check_kind(self, name: str, tensor: Tensor) -> None:
        weight = next(self.parameters())
        if (tensor.dtype, tensor.device) != (weight.dtype, weight.device):
            raise DataError(
                f"{name} must have the dtype and device of the weights, {weight.dtype} on {weight.device}; "
                f"got {tensor.dtype} on {tensor.device}.",
                "Move one to the other with .to(device, dtype).",
            )


def _reorder(states: States, order: Tensor | None) -> States:
    return states if order is None else (states[0].index_select(1, order), states[1].index_select(1, order))


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise SettingError(f"{name} must be an integer of at least 1. Got {size!r}.")
