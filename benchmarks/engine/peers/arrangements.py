"""The forms in which a ragged batch enters a torch LSTM."""

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
    """Hidden states of every step in the arrangement's parts; states after the last steps where it gives them."""

    parts: Sequence[Tensor]
    h: Tensor | None = None
    c: Tensor | None = None


class Arrangement(Protocol):
    """One way to lay out sequences of given lengths.

    `rows` says which sequence each row of `mean` belongs to.
    """

    rows: Tensor

    def spread(self, values: Tensor) -> list[Tensor]:
        """Ragged values `(tokens, ...)` as the parts that `run` takes."""
        ...

    def embed(self, parts: list[Tensor], table: Tensor | None) -> list[Any]:
        """Parts of token numbers as vectors; the parts themselves where there is no table."""
        ...

    def run(self, lstm: nn.Module, parts: Sequence[Any]) -> Outputs:
        """Run all of them."""
        ...

    def restore(self, parts: Sequence[Tensor]) -> Tensor:
        """Parts as ragged values."""
        ...

    def mean(self, parts: Sequence[Tensor]) -> Tensor:
        """`(batch, hidden)`: the mean of each sequence, in the order of `rows`."""
        ...


Arrange = Callable[[Integers], Arrangement]


class Embedded:
    """A vector for each token, as torch's own models have it."""

    def embed(self, parts: list[Tensor], table: Tensor | None) -> list[Tensor]:
        return parts if table is None else [embedding(part, table) for part in parts]


class Padded(Embedded):
    """Blocks, each padded to its own longest: one, or several buckets of the rows sorted by length."""

    def __init__(self, lengths: Integers, count: int = 1) -> None:
        order = np.argsort(-lengths, kind="stable") if count > 1 else np.arange(len(lengths))
        self._layouts = [Layout.of(lengths, rows) for rows in np.array_split(order, min(count, len(order)))]
        self._takes = [torch.from_numpy(layout.take) for layout in self._layouts]
        self._real = [(take >= 0)[:, :, None].float() for take in self._takes]
        self._counts = [real.sum(0) for real in self._real]
        self.rows = torch.from_numpy(np.concatenate([layout.rows for layout in self._layouts]))

    def spread(self, values: Tensor) -> list[Tensor]:
        """Blocks `(time, width, ...)`."""
        extended = torch.cat([values, values.new_zeros(1, *values.shape[1:])])
        return [extended[take] for take in self._takes]

    def run(self, lstm: nn.Module, parts: Sequence[Tensor]) -> Outputs:
        """One call a block."""
        return Outputs([lstm(part)[0] for part in parts])

    def restore(self, parts: Sequence[Tensor]) -> Tensor:
        """Without the padding."""
        tokens = sum(int((take >= 0).sum()) for take in self._takes)
        values = parts[0].new_empty(tokens, *parts[0].shape[2:])
        for take, part in zip(self._takes, parts, strict=True):
            values[take[take >= 0]] = part[take >= 0]
        return values

    def mean(self, parts: Sequence[Tensor]) -> Tensor:
        """Of the real places."""
        sums = zip(parts, self._real, self._counts, strict=True)
        return torch.cat([(part * real).sum(0) / count for part, real, count in sums])


def buckets(count: int) -> Arrange:
    """Rows sorted by length and cut into `count` buckets of as many rows each."""
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
        """The packed data."""
        return [values[self._take]]

    def run(self, lstm: nn.Module, parts: Sequence[Tensor]) -> Outputs:
        """One call; states in the order of the problem."""
        unsorted = torch.argsort(self.rows)
        output, (h, c) = lstm(PackedSequence(parts[0], self._sizes, self.rows, unsorted))
        return Outputs([output.data], h[0], c[0])

    def restore(self, parts: Sequence[Tensor]) -> Tensor:
        """In the order of the problem."""
        values = torch.empty_like(parts[0])
        values[self._take] = parts[0]
        return values

    def mean(self, parts: Sequence[Tensor]) -> Tensor:
        """Summed row by row."""
        total = parts[0].new_zeros(len(self._lengths), parts[0].shape[1]).index_add(0, self._row, parts[0])
        return torch.div(total, self._lengths[:, None])
