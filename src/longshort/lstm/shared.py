"""Inputs with many repeated vectors, such as embedded words: each distinct one is stored and computed once."""

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
    """A batch of sequences over few distinct vectors.

    In 10,000 words of text some 2,000 are distinct. The input projection of the first layer then needs to be computed
    for only a fifth of the tokens.

    Args:
        values: `(distinct, features)`: the distinct vectors.
        row: `(tokens,)` int64: the vector of each token.
        lengths: `(batch,)` int64, on the CPU; they sum to `tokens`.
    """

    values: Tensor
    row: Tensor
    lengths: Tensor

    @classmethod
    def of(cls, tokens: Ragged, embed: Callable[[Tensor], Tensor]) -> Shared:
        """Embed tokens, each distinct id once.

        Args:
            tokens: `(tokens,)` integer ids; equal ids have equal vectors.
            embed: maps the distinct ids, `(distinct,)` int64, ascending, to `(distinct, features)`.

        Raises:
            DataError: the tokens are not integers.
        """
        if tokens.values.dim() != 1 or tokens.values.is_floating_point():
            raise DataError(
                "Tokens must be integers, one per step; got values of shape "
                f"{tuple(tokens.values.shape)} and {tokens.values.dtype}.",
                "Pass vectors to the LSTM itself.",
            )
        words, row = torch.unique(tokens.values, return_inverse=True)
        return cls(embed(words), row, tokens.lengths)

    def ragged(self) -> Ragged:
        """Expand to a vector per token, `(tokens, features)`."""
        return Ragged(embedding(self.row, self.values), self.lengths)

    def with_values(self, values: Tensor) -> Shared:
        """Replace the distinct vectors, `(distinct, features)`."""
        return Shared(values, self.row, self.lengths)
