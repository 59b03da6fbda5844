"""`EmbeddingLSTM`: an embedding and an LSTM in one module, from token ids."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from longshort.errors import DataError, SettingError
from longshort.lstm.module import LSTM
from longshort.lstm.shared import Shared
from longshort.ragged import Ragged

__all__ = ["EmbeddingLSTM"]


class EmbeddingLSTM(nn.Module):
    """An embedding and an LSTM run together: the input projection of each distinct token is computed once per batch.

    The results equal `lstm(embedding(tokens))`.

    Args:
        num_embeddings: size of the vocabulary.
        embedding_dim: features per token.
        hidden_size: units per layer and direction.
        options: any other argument of `longshort.LSTM`.

    Attributes:
        embedding: `torch.nn.Embedding(num_embeddings, embedding_dim)`.
        lstm: `longshort.LSTM(embedding_dim, hidden_size, **options)`.
    """

    def __init__(self, num_embeddings: int, embedding_dim: int, hidden_size: int, **options: Any) -> None:
        super().__init__()
        for name, size in (("num_embeddings", num_embeddings), ("embedding_dim", embedding_dim)):
            if isinstance(size, bool) or not isinstance(size, int) or size < 1:
                raise SettingError(f"{name} must be an integer of at least 1. Got {size!r}.")
        kind = {name: options[name] for name in ("device", "dtype") if name in options}
        self.embedding = nn.Embedding(num_embeddings, embedding_dim, **kind)
        self.lstm = LSTM(embedding_dim, hidden_size, **options)

    def forward(
        self, tokens: Ragged | Tensor, hx: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Ragged | Tensor, tuple[Tensor, Tensor]]:
        """Run all steps of all sequences.

        Args:
            tokens: a `Ragged` with values `(tokens,)` int64; or a tensor `(time, batch)`, or `(batch, time)` with
                `batch_first`, or `(time,)` for one sequence.
            hx: initial states, as `longshort.LSTM` takes them.

        Returns:
            What `longshort.LSTM` returns.

        Raises:
            DataError: the tokens are not whole numbers from 0 to below `num_embeddings`.
        """
        self._check(tokens.values if isinstance(tokens, Ragged) else tokens)
        if not isinstance(tokens, Ragged):
            return self.lstm(self.embedding(tokens), hx)  # type: ignore[no-any-return]
        if self.embedding.scale_grad_by_freq:
            # This option counts how often each token is looked up.
            return self.lstm(tokens.with_values(self.embedding(tokens.values)), hx)  # type: ignore[no-any-return]
        return self.lstm(Shared.of(tokens, self.embedding), hx)  # type: ignore[no-any-return]

    def _check(self, numbers: Tensor) -> None:
        if not numbers.numel() or numbers.dtype not in (torch.int32, torch.int64):
            return
        low, high = (int(each) for each in numbers.aminmax())
        if low < 0 or high >= self.embedding.num_embeddings:
            raise DataError(
                f"Token ids must be from 0 to {self.embedding.num_embeddings - 1}; got {low if low < 0 else high}.",
                "num_embeddings must be one more than the largest token id.",
            )
