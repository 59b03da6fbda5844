"""Inputs of which many are the same, such as embedded words: each distinct one is kept, and computed with, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import embedding

from longshort.errors import DataError
from longshort.ragged import Ragged

__all__ = ["Shared"]


@dataclass(frozen=True, eq=False)
class Shared:
    """A batch of sequences of vectors that share few distinct ones.

    In 10,000 words of text some 2,000 are distinct. What the first layer of an LSTM makes of an input alone, before it
    meets the hidden state, then needs to be computed for a fifth of the tokens.

    Args:
        values: `(distinct, features)`: the distinct vectors.
        row: `(tokens,)` int64: which of them each token is.
        lengths: `(batch,)` int64, on the CPU; they sum to `tokens`.
    """

    values: Tensor
    row: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, tokens: Ragged, embed: Callable[[Tensor], Tensor]) -> Shared:
        """The tokens, `(tokens,)` int64 numbers, embedded.

        Args:
            tokens: whole numbers, equal where the vectors shall be.
            embed: takes the distinct numbers, `(distinct,)` int64, ascending, and returns `(distinct, features)`.

        Raises:
            DataError: the tokens are not whole numbers.
        """
        if tokens.values.dim() != 1 or tokens.values.is_floating_point():
            raise DataError(
                "Tokens are whole numbers, one per step; got values of shape "
                f"{tuple(tokens.values.shape)} and {tokens.values.dtype}.",
                "An LSTM itself takes vectors.",
            )
        words, row = torch.unique(tokens.values, return_inverse=True)
        return cls(embed(words), row, tokens.lengths)

    def ragged(self) -> Ragged:
        """The same sequences with a vector per token, `(tokens, features)`."""
        return Ragged(embedding(self.row, self.values), self.lengths)

    def with_values(self, values: Tensor) -> Shared:
        """Other distinct vectors, `(distinct, features)`."""
        return Shared(values, self.row, self.lengths)
