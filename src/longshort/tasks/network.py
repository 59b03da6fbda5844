"""The network of the classifiers: embedding -> LSTM -> pooling -> linear."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from longshort.config import ModelSettings
from longshort.lstm import LSTM, Shared, initialise
from longshort.ragged import Pooling, Ragged

__all__ = ["TextClassifierNetwork", "pool_states"]

EMBEDDING_DEVIATION = 0.1
"""Of the first vectors; 0.4 was tried and did worse on the official test split of IMDB (docs/experiments.md)."""


class TextClassifierNetwork(nn.Module):
    """Token ids in, one vector of logits per sequence out; a sequence never meets its neighbours in the batch.

    Args:
        vocabulary_size: rows of the embedding.
        outputs: logits per sequence.
        settings: sizes, pooling and dropout.
    """

    def __init__(self, vocabulary_size: int, outputs: int, settings: ModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.embedding = nn.Embedding(vocabulary_size, settings.embedding_size)
        self.lstm = LSTM(
            settings.embedding_size,
            settings.hidden_size,
            settings.num_layers,
            dropout=settings.layer_dropout if settings.num_layers > 1 else 0.0,
            bidirectional=settings.bidirectional,
        )
        features = settings.hidden_size * (1 + settings.bidirectional) * len(settings.pooling.split("+"))
        self.linear = nn.Linear(features, outputs)
        nn.init.normal_(self.embedding.weight, std=EMBEDDING_DEVIATION)
        initialise(self.lstm, self.lstm.spec)

    def forward(self, tokens: Ragged) -> Tensor:
        """Logits `(batch, outputs)` float32 of `tokens`, a Ragged of int64 token ids `(tokens,)`."""
        return self.answer(self.embed(tokens, self.settings.word_dropout))

    def answer(self, vectors: Ragged | Shared) -> Tensor:
        """Logits `(batch, outputs)` float32 of embedded tokens, `(tokens, embedding_size)`."""
        states, _ = self.lstm(vectors)
        pooled = F.dropout(self._pool(states), self.settings.output_dropout, self.training)
        logits: Tensor = self.linear(pooled)
        return logits

    def embed(self, tokens: Ragged, word_dropout: float) -> Ragged | Shared:
        """The embedded tokens, `(tokens, embedding_size)`, with whole words and whole features dropped in training."""

        def vectors(words: Tensor) -> Tensor:
            found: Tensor = self.embedding(words)
            if not (self.training and word_dropout):
                return found
            return found * _kept(self.embedding.num_embeddings, word_dropout, found)[words, None]

        shared = Shared.of(tokens, vectors)
        if not (self.training and self.settings.embedding_dropout):
            return shared
        embedded = shared.ragged()
        kept = _kept(len(tokens) * embedded.values.shape[1], self.settings.embedding_dropout, embedded.values)
        return embedded.with_values(embedded.values * kept.view(len(tokens), -1)[tokens.rows()])

    @torch.no_grad()
    def start_embedding(self, vectors: Tensor) -> None:
        """Take first vectors for the tokens, `(vocabulary, embedding_size)` of mean square 1; zero rows stay random."""
        known = vectors.any(dim=1)
        self.embedding.weight[known] = vectors[known] * EMBEDDING_DEVIATION

    def _pool(self, states: Ragged) -> Tensor:
        return pool_states(states, self.settings.pooling, bidirectional=self.settings.bidirectional)


def pool_states(states: Ragged, how: Pooling, *, bidirectional: bool) -> Tensor:
    """One vector per sequence, `(batch, features)`, of the hidden states `(tokens, units)` of an LSTM.

    Args:
        states: of its last layer; with both directions, those of the backward one stand behind.
        how: as `Ragged.pool`; the last state of the backward direction is the one at the first step.
        bidirectional: whether it has both directions.
    """
    if how == "last" and bidirectional:
        forward, backward = states.values.chunk(2, dim=-1)
        ends = (states.with_values(forward), states.with_values(backward).reverse())
        return torch.cat([end.pool("last") for end in ends], dim=-1)
    return states.pool(how)


def _kept(count: int, rate: float, like: Tensor) -> Tensor:
    """`(count,)`: 0 with probability `rate`, else 1 / (1 - rate)."""
    return F.dropout(like.new_ones(count), rate)
