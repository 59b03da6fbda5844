"""`Ragged`: a batch of sequences of different lengths without padding."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, SupportsIndex, cast, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from longshort.errors import DataError, SettingError, nearest

__all__ = ["Pooling", "Ragged"]

Array = NDArray[np.integer[Any] | np.bool_]
Pooling = Literal["last", "mean", "max", "mean+max"]


@dataclass(frozen=True, eq=False)
class Ragged:
    """A batch of sequences of different lengths: their concatenated values, and their lengths.

    Every operation is differentiable with respect to `values`. Sequences of length 0 are allowed.

    Args:
        values: `(tokens, ...)`, any dtype: the values of the first sequence, then those of the second, and so on.
        lengths: `(batch,)` int64, each at least 0, on the CPU; they sum to `tokens`.

    Fields:
        length: the common length of all sequences, if known from construction; otherwise None.

    Raises:
        DataError: the lengths are negative, not one-dimensional, or do not sum to the number of values.
    """

    values: Tensor
    lengths: Tensor
    length: int | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        lengths = _whole(self.lengths)
        object.__setattr__(self, "lengths", lengths)
        if lengths.dim() != 1 or self.values.dim() < 1:
            raise DataError(
                "Ragged takes values (tokens, ...) and lengths (batch,); "
                f"got shapes {tuple(self.values.shape)} and {tuple(lengths.shape)}.",
                "Ragged.from_list([...]) and Ragged.from_padded(values, lengths) build one from other forms.",
            )
        count, total = self.values.shape[0], int(lengths.sum())
        least, most = map(int, lengths.aminmax()) if len(lengths) else (0, 0)
        if least < 0 or most > count or total != count:  # the sum of huge lengths might overflow to the count
            wrong = f"the length {least if least < 0 else most}"
            raise DataError(
                f"The lengths of a Ragged must be at least 0 and sum to its number of values, {count}; "
                f"got {wrong if least < 0 or total == count else f'lengths that sum to {total}'}.",
                "Ragged.from_list([...]) counts the lengths itself.",
            )

    # --- conversion from and to other forms ---

    @classmethod
    def from_list(cls, sequences: Iterable[Tensor]) -> Ragged:
        """Join sequences `(length, ...)` that agree in dtype and all later axes."""
        joined = list(sequences)
        if not joined:
            return cls(torch.empty(0), torch.empty(0, dtype=torch.int64, device="cpu"))
        return cls(torch.cat(joined), torch.tensor([len(each) for each in joined], device="cpu"))

    @classmethod
    def from_rows(cls, rows: Tensor) -> Ragged:
        """Take each row of `rows`, `(batch, length, ...)`, as a whole sequence.

        Reads no values, so that a graph can be traced through it.
        """
        batch, length = rows.shape[:2]
        return cls._of(
            rows.reshape(batch * length, *rows.shape[2:]), torch.full((batch,), length, device="cpu"), length
        )

    @classmethod
    def from_padded(cls, padded: Tensor, lengths: Tensor | Sequence[int], *, batch_first: bool = True) -> Ragged:
        """Take the first `lengths[i]` steps of each row of `padded`, `(batch, time, ...)` or `(time, batch, ...)`."""
        rows = padded if batch_first else padded.transpose(0, 1)
        lengths = _whole(lengths)
        low, high = (int(lengths.min()), int(lengths.max())) if lengths.numel() else (0, 0)
        if lengths.shape != rows.shape[:1] or low < 0 or high > rows.shape[1]:
            raise DataError(
                f"from_padded takes one length per row, from 0 to the number of steps, {rows.shape[1]}; "
                f"got {lengths.numel()} lengths for {rows.shape[0]} rows, from {low} to {high}.",
                "Check batch_first: it says whether the first axis of the padded tensor is the batch or time.",
            )
        keep = torch.arange(rows.shape[1], device="cpu") < lengths[:, None]
        return cls(rows[keep.to(rows.device)], lengths)

    def to_padded(self, *, batch_first: bool = True, fill: float = 0.0) -> Tensor:
        """Pad with `fill` to `(batch, time, ...)`, or `(time, batch, ...)` without `batch_first`."""
        steps = int(self.lengths.max()) if len(self) else 0
        row, step = self.rows(), self.steps()
        shape = (len(self), steps) if batch_first else (steps, len(self))
        padded = self.values.new_full((*shape, *self.values.shape[1:]), fill)
        index = (row, step) if batch_first else (step, row)
        return padded.index_put(index, self.values)

    @classmethod
    def from_packed(cls, packed: PackedSequence) -> Ragged:
        """Take the sequences of a `PackedSequence`, in their original order."""
        padded, lengths = pad_packed_sequence(packed, batch_first=True)
        return cls.from_padded(padded, lengths)

    def to_packed(self) -> PackedSequence:
        """Pack into a `PackedSequence` that keeps the order of this batch; all lengths must be at least 1."""
        if len(self) == 0 or int(self.lengths.min()) == 0:
            raise DataError(
                "A PackedSequence holds at least one sequence and no empty one; got "
                + ("an empty batch." if len(self) == 0 else "a sequence of length 0."),
                "Leave the empty sequences out, or use the Ragged itself.",
            )
        return pack_padded_sequence(self.to_padded(), self.lengths, batch_first=True, enforce_sorted=False)

    @classmethod
    def _of(cls, values: Tensor, lengths: Tensor, length: int | None) -> Ragged:
        """Make one without checks, from values and lengths that are known to fit."""
        made = object.__new__(cls)
        for name, part in (("values", values), ("lengths", lengths), ("length", length)):
            object.__setattr__(made, name, part)
        return made

    # --- properties ---

    def __len__(self) -> int:
        return int(self.lengths.shape[0])

    def __iter__(self) -> Iterator[Tensor]:
        return iter(torch.split(self.values, self.lengths.tolist()))

    def __repr__(self) -> str:
        each = tuple(self.values.shape[1:])
        return f"Ragged({len(self)} sequences, {self.values.shape[0]} values of shape {each}, {self.values.dtype})"

    @property
    def offsets(self) -> Tensor:
        """`(batch + 1,)` int64: sequence i is `values[offsets[i]:offsets[i + 1]]`."""
        return torch.nn.functional.pad(self.lengths.cumsum(0), (1, 0))

    def rows(self) -> Tensor:
        """Return the sequence of each value, `(tokens,)` int64, on the device of the values."""
        return torch.arange(len(self), device="cpu").repeat_interleave(self.lengths).to(self.values.device)

    def steps(self) -> Tensor:
        """Return the position of each value in its sequence, from 0, `(tokens,)` int64, on the device of the values."""
        starts = self.offsets[:-1].repeat_interleave(self.lengths)
        return (torch.arange(int(starts.shape[0]), device="cpu") - starts).to(self.values.device)

    # --- selection and combination ---

    @overload
    def __getitem__(self, index: int | np.integer[Any]) -> Tensor: ...
    @overload
    def __getitem__(self, index: slice | Sequence[int] | Tensor | Array) -> Ragged: ...
    def __getitem__(self, index: int | np.integer[Any] | slice | Sequence[int] | Tensor | Array) -> Tensor | Ragged:
        """Return one sequence for an integer; a `Ragged` for a slice, a mask or several integers."""
        if not isinstance(index, slice):
            given = torch.as_tensor(index, device="cpu")
            if given.dim() == 0 and given.dtype is not torch.bool:
                return self._one(operator.index(cast("SupportsIndex", index)))
            index = given if given.numel() else given.long()
        chosen = torch.arange(len(self), device="cpu")[index]
        lengths = self.lengths[chosen]
        shift = self.offsets[:-1][chosen] - torch.nn.functional.pad(lengths.cumsum(0), (1, 0))[:-1]
        where = torch.arange(int(lengths.sum()), device="cpu") + shift.repeat_interleave(lengths)
        return Ragged(self.values[where.to(self.values.device)], lengths)

    def _one(self, index: int) -> Tensor:
        if not -len(self) <= index < len(self):
            raise IndexError(f"sequence {index} of a Ragged of {len(self)}")
        row = index % len(self)
        start, end = self.offsets[row : row + 2].tolist()
        return self.values[start:end]

    @classmethod
    def cat(cls, batches: Sequence[Ragged]) -> Ragged:
        """Concatenate batches, in order."""
        return cls(torch.cat([b.values for b in batches]), torch.cat([b.lengths for b in batches]))

    def with_values(self, values: Tensor) -> Ragged:
        """Replace the values, `(tokens, ...)`, keeping the lengths."""
        if values.shape[:1] != self.values.shape[:1]:
            return Ragged(values, self.lengths)  # raises the error
        return self._of(values, self.lengths, self.length)

    def reverse(self) -> Ragged:
        """Reverse each sequence."""
        last = (self.offsets[1:] - 1 + self.offsets[:-1]).repeat_interleave(self.lengths)
        where = last - torch.arange(int(last.shape[0]), device="cpu")
        return self.with_values(self.values[where.to(self.values.device)])

    def to(self, device: torch.device | str) -> Ragged:
        """Move the values to another device; the lengths stay on the CPU."""
        return self.with_values(self.values.to(device))

    # --- one vector per sequence ---

    def pool(self, how: Pooling) -> Tensor:
        """Pool each sequence to one vector, `(batch, ...)`: last value, mean, maximum, or several concatenated.

        An empty sequence gives zeros. "mean+max" concatenates along the last axis and doubles it.

        Raises:
            SettingError: `how` is unknown.
        """
        pools = {"last": self._last, "mean": self._mean, "max": self._max}
        unknown = next((name for name in how.split("+") if name not in pools), None)
        if unknown is not None:
            raise SettingError(
                f"A Ragged is pooled by {', '.join(pools)}, or several joined by a plus. Got {how!r}.",
                nearest(unknown, pools) or 'Ragged.pool("mean+max") joins two.',
            )
        return torch.cat([pools[name]() for name in how.split("+")], dim=-1)

    def _last(self) -> Tensor:
        where = (self.offsets[1:] - 1).clamp(min=0).to(self.values.device)
        return self._zero_where_empty(self.values[where] if len(self.values) else self._zeros())

    def _mean(self) -> Tensor:
        total = self._zeros().index_add(0, self.rows(), self.values)
        return total / self._per_row(self.lengths.clamp(min=1).to(self.values))

    def _max(self) -> Tensor:
        lengths = self.lengths.to(self.values.device)
        # "unsafe" skips a check of the lengths, which are known to fit.
        return self._zero_where_empty(torch.segment_reduce(self.values, "max", lengths=lengths, unsafe=True))

    def _zeros(self) -> Tensor:
        return self.values.new_zeros((len(self), *self.values.shape[1:]))

    def _per_row(self, tensor: Tensor) -> Tensor:
        return tensor.view(-1, *[1] * (self.values.dim() - 1))

    def _zero_where_empty(self, pooled: Tensor) -> Tensor:
        empty = self._per_row((self.lengths == 0).to(pooled.device))
        return pooled.masked_fill(empty, 0.0)


def _whole(lengths: Tensor | Sequence[int]) -> Tensor:
    """Convert lengths to int64 on the CPU; reject, do not round, other numbers."""
    given = lengths if isinstance(lengths, Tensor) else torch.as_tensor(lengths, device="cpu")
    whole = not (given.is_floating_point() or given.is_complex() or given.dtype is torch.bool) or not given.numel()
    if not whole or given.is_meta or given.layout is not torch.strided:
        found = given.dtype if not whole else f"a tensor on {given.device}" if given.is_meta else given.layout
        raise DataError(
            f"The lengths of a Ragged must be integers; got {found}.",
            "Ragged.from_list([...]) counts the lengths itself.",
        )
    return given.to("cpu", torch.int64)
