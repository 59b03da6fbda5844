"""Layouts of a ragged batch for a torch LSTM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
from benchmarks.engine.problem import Integers, Layout
from torch import Tensor, nn
from torch.nn.functional import embedding
from torch.nn.utils.rnn import PackedSequence

__all__ = ["Arrange", "Arrangement", "Outputs", "Packed", "Padded", "buckets"]


class Outputs(NamedTuple):
    """Hidden states of every step, in the arrangement's parts; final states if available."""

    parts: Sequence[Tensor]
    h: Tensor | None = None
    c: Tensor | None = None


class Arrangement(Protocol):
    """One way to lay out sequences of given lengths.

    `rows` holds the sequence of each row of `mean`.
    """

    rows: Tensor

    def spread(self, values: Tensor) -> list[Tensor]:
        """Convert ragged values `(tokens, ...)` to the parts that `run` takes."""
        ...

    def embed(self, parts: list[Tensor], table: Tensor | None) -> list[Any]:
        """Embed parts of token ids; return the parts themselves if there is no table."""
        ...

    def run(self, lstm: nn.Module, parts: Sequence[Any]) -> Outputs:
        """Run the LSTM on all parts."""
        ...

    def restore(self, parts: Sequence[Tensor]) -> Tensor:
        """Convert parts to ragged values."""
        ...

    def mean(self, parts: Sequence[Tensor]) -> Tensor:
        """Return the mean of each sequence, `(batch, hidden)`, in the order of `rows`."""
        ...


Arrange = Callable[[Integers], Arrangement]


class Embedded:
    """Embeds every token, like torch's own models."""

    def embed(self, parts: list[Tensor], table: Tensor | None) -> list[Tensor]:
        return parts if table is None else [embedding(part, table) for part in parts]


class Padded(Embedded):
    """Padded blocks: one, or several buckets of rows sorted by length."""

    def __init__(self, lengths: Integers, count: int = 1) -> None:
        order = np.argsort(-lengths, kind="stable") if count > 1 else np.arange(len(lengths))
        self._layouts = [Layout.of(lengths, rows) for rows in np.array_split(order, min(count, len(order)))]
        self._takes = [torch.from_numpy(layout.take) for layout in self._layouts]
        self._real = [(take >= 0)[:, :, None].float() for take in self._takes]
        self._counts = [real.sum(0) for real in self._real]
        self.rows = torch.from_numpy(np.concatenate([layout.rows for layout in self._layouts]))

    def spread(self, values: Tensor) -> list[Tensor]:
        """Make blocks `(time, width, ...)`."""
        extended = torch.cat([values, values.new_zeros(1, *values.shape[1:])])
        return [extended[take] for take in self._takes]

    def run(self, lstm: nn.Module, parts: Sequence[Tensor]) -> Outputs:
        """Run one call per block."""
        return Outputs([lstm(part)[0] for part in parts])

    def restore(self, parts: Sequence[Tensor]) -> Tensor:
        """Remove the padding."""
        tokens = sum(int((take >= 0).sum()) for take in self._takes)
        values = parts[0].new_empty(tokens, *parts[0].shape[2:])
        for take, part in zip(self._takes, parts, strict=True):
            values[take[take >= 0]] = part[take >= 0]
        return values

    def mean(self, parts: Sequence[Tensor]) -> Tensor:
        """Average over the real cells."""
        sums = zip(parts, self._real, self._counts, strict=True)
        return torch.cat([(part * real).sum(0) / count for part, real, count in sums])


def buckets(count: int) -> Arrange:
    """Sort rows by length and split them into `count` buckets of equal size."""
    return lambda lengths: Padded(lengths, count)


class Packed(Embedded):
    """A `PackedSequence`."""

    def __init__(self, lengths: Integers) -> None:
        order = np.argsort(-lengths, kind="stable")
        take = Layout.of(lengths, order).take
        self._take = torch.from_numpy(take[take >= 0])
        self._sizes = torch.from_numpy((take >= 0).sum(1))
        self._row = torch.from_numpy(np.broadcast_to(np.arange(len(order)), take.shape)[take >= 0])
        self._lengths = torch.from_numpy(lengths[order])
        self.rows = torch.from_numpy(order)

    def spread(self, values: Tensor) -> list[Tensor]:
        """Make the packed data."""
        return [values[self._take]]

    def run(self, lstm: nn.Module, parts: Sequence[Tensor]) -> Outputs:
        """Run one call; states are in the order of the problem."""
        unsorted = torch.argsort(self.rows)
        output, (h, c) = lstm(PackedSequence(parts[0], self._sizes, self.rows, unsorted))
        return Outputs([output.data], h[0], c[0])

    def restore(self, parts: Sequence[Tensor]) -> Tensor:
        """Restore the order of the problem."""
        values = torch.empty_like(parts[0])
        values[self._take] = parts[0]
        return values

    def mean(self, parts: Sequence[Tensor]) -> Tensor:
        """Average row by row."""
        total = parts[0].new_zeros(len(self._lengths), parts[0].shape[1]).index_add(0, self._row, parts[0])
        return torch.div(total, self._lengths[:, None])
