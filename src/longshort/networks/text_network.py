"""The network of the classifiers: embedding -> LSTM -> pooling -> linear."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from longshort.config import TextModelSettings
from longshort.lstm import LSTM, Shared, initialise
from longshort.networks.pooling import pool_in_parts, pool_states
from longshort.ragged import Ragged

__all__ = ["TextClassifierNetwork"]

EMBEDDING_DEVIATION = 0.1
"""Standard deviation of the initial embeddings; 0.4 did worse (docs/experiments.md)."""


class TextClassifierNetwork(nn.Module):
    """Token ids in, one vector of logits per sequence out; a sequence never meets its neighbours in the batch.

    Args:
        vocabulary_size: rows of the embedding.
        outputs: logits per sequence.
        settings: sizes, pooling and dropout.

    Attributes:
        part_tokens: longer texts are read in parts of this many tokens, to save memory; see `pool_in_parts`.
    """

    def __init__(self, vocabulary_size: int, outputs: int, settings: TextModelSettings) -> None:
        super().__init__()
        self.settings = settings
        self.part_tokens: int | None = None
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
        if self.part_tokens and len(tokens) and int(tokens.lengths.max()) > self.part_tokens:
            return self._classify(self._pool_in_parts(tokens, self.part_tokens))
        return self.answer(self.embed(tokens, self.settings.word_dropout))

    def answer(self, vectors: Ragged | Shared) -> Tensor:
        """Logits `(batch, outputs)` float32 of embedded tokens, `(tokens, embedding_size)`."""
        states, _ = self.lstm(vectors)
        return self._classify(self._pool(states))

    def _classify(self, pooled: Tensor) -> Tensor:
        logits: Tensor = self.linear(F.dropout(pooled, self.settings.output_dropout, self.training))
        return logits

    def _pool_in_parts(self, tokens: Ragged, most: int) -> Tensor:
        kept = self._kept_words(self.settings.word_dropout)  # drawn once, for all parts
        return pool_in_parts(self.lstm, tokens, lambda part: self._embedded(part, kept), self.settings.pooling, most)

    def embed(self, tokens: Ragged, word_dropout: float) -> Ragged | Shared:
        """The embedded tokens, `(tokens, embedding_size)`, with whole words and whole features dropped in training."""
        return self._embedded(tokens, self._kept_words(word_dropout))

    def _kept_words(self, word_dropout: float) -> Tensor | None:
        """`(vocabulary,)` factors of the words' vectors; None if all are kept."""
        if not (self.training and word_dropout):
            return None
        return _kept(self.embedding.num_embeddings, word_dropout, self.embedding.weight.detach())

    def _embedded(self, tokens: Ragged, kept_words: Tensor | None) -> Ragged | Shared:
        def vectors(words: Tensor) -> Tensor:
            found: Tensor = self.embedding(words)
            return found if kept_words is None else found * kept_words[words, None]

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


def _kept(count: int, rate: float, like: Tensor) -> Tensor:
    """`(count,)`: 0 with probability `rate`, else 1 / (1 - rate)."""
    return F.dropout(like.new_ones(count), rate)
