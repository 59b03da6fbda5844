"""The sequences that an LSTM is given, in any of the forms that it takes, one after another."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from longshort.errors import DataError
from longshort.lstm import Shared
from longshort.lstm.module import spec_of
from longshort.ragged import Ragged

__all__ = ["States", "read_states", "read_vectors"]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""

States = tuple[Tensor, Tensor]


def read_vectors(lstm: nn.LSTM, given: object) -> tuple[Ragged, bool]:
    """The sequences `(tokens, features)` in the order of the batch, and whether there is one without a batch axis.

    Args:
        lstm: says whether padded tensors have the batch first. Padding is read as any other step.
        given: a tensor `(step, feature)`, or `(step, batch, feature)`, or `(batch, step, feature)` with `batch_first`;
            an array of such a shape; a list of tensors or arrays `(step, feature)`; a `Ragged`, `Shared` or
            `PackedSequence`. Arrays are taken in the dtype of the LSTM; a tensor must have it.

    Raises:
        DataError: it is something else, or does not fit the LSTM.
    """
    spec = spec_of(lstm)
    inputs, alone = _sequences(lstm, given, spec.dtype)
    if inputs.values.shape[1:] != (spec.input_size,) or inputs.values.dtype is not spec.dtype:
        raise DataError(
            f"Each step of an input of this LSTM is a vector of {spec.input_size} numbers of {spec.dtype}. "
            f"Got values of shape {tuple(inputs.values.shape)} and {inputs.values.dtype}.",
            "Check input_size, batch_first and the dtype.",
        )
    return inputs, alone


def _sequences(lstm: nn.LSTM, given: object, dtype: torch.dtype) -> tuple[Ragged, bool]:
    if isinstance(given, Ragged | Shared):
        return given.ragged() if isinstance(given, Shared) else given, False
    if isinstance(given, PackedSequence):
        return Ragged.from_packed(given), False
    if isinstance(given, list | tuple) and given and all(isinstance(each, Tensor | np.ndarray) for each in given):
        return Ragged.from_list([_tensor(each, dtype) for each in given]), False
    if isinstance(given, Tensor | np.ndarray) and given.ndim in (2, 3):
        padded = _tensor(given, dtype)
        if padded.dim() == 2:
            return Ragged.from_rows(padded[None]), True
        return Ragged.from_rows(padded if lstm.batch_first else padded.transpose(0, 1)), False
    shape = getattr(given, "shape", None)
    raise DataError(
        "An LSTM reads a tensor (step, feature) or a padded batch of them, a list of such tensors, a Ragged or a "
        f"PackedSequence. Got {type(given).__name__}{'' if shape is None else f' of shape {tuple(shape)}'}.",
        "Token ids go through an embedding first.",
    )


def _tensor(given: Tensor | AnyArray, dtype: torch.dtype) -> Tensor:
    return given if isinstance(given, Tensor) else torch.as_tensor(given).to(dtype)


def read_states(lstm: nn.LSTM, hx: object, batch: int, *, alone: bool) -> States:
    """The initial states `(num_layers * directions, batch, hidden or proj)` and `(..., hidden)`; zeros for None.

    Args:
        lstm: whose states they are.
        hx: a pair (h_0, c_0) in the order of the batch, without the batch axis if there is one input alone; or None.
        batch: sequences.
        alone: whether there is one sequence without a batch axis.

    Raises:
        DataError: it is no pair, or shapes or dtypes do not fit.
    """
    spec = spec_of(lstm)
    first = spec.num_layers * spec.directions
    shapes = ((first, batch, spec.output_size), (first, batch, spec.hidden_size))
    if hx is None:
        weight = next(lstm.parameters())
        return weight.new_zeros(shapes[0]), weight.new_zeros(shapes[1])
    if not isinstance(hx, tuple | list) or len(hx) != 2 or not all(isinstance(each, Tensor) for each in hx):
        raise DataError(
            f"The initial states of an LSTM are a pair of tensors (h_0, c_0). Got {type(hx).__name__}.",
            "Leave them out to start from zeros.",
        )
    h0, c0 = (each.detach()[:, None] if alone and each.dim() == 2 else each.detach() for each in hx)
    for name, state, shape in zip(("h_0", "c_0"), (h0, c0), shapes, strict=True):
        if state.shape != shape or state.dtype is not spec.dtype:
            raise DataError(
                f"{name} of this LSTM must have the shape {shape} and {spec.dtype}. "
                f"Got {tuple(state.shape)} and {state.dtype}.",
                "The axes are (num_layers * directions, batch, hidden); without batch for one sequence.",
            )
    return h0, c0
