"""A classifier's layers as a language model: a start for its weights that needs no labels.

Before it learns the classes, the LSTM reads the training texts and guesses each next word, and in reverse each word
before: what a sentence is like is learnt from every word of every text, not from one label per text (Dai & Le 2015).
"""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from longshort.errors import SettingError
from longshort.networks.text_network import TextClassifierNetwork
from longshort.ragged import Ragged

__all__ = ["LanguageModel", "LanguageObjective", "can_pretrain"]

GUESSES = 3_000
"""Places of a batch, for each direction, at which a word is guessed; more cost more than they teach."""

WORD_DROPOUT, HEAD_DROPOUT = 0.1, 0.1
SCALE = 2.0
"""On the products of a guess and the words' vectors, which begin small."""


def can_pretrain(network: TextClassifierNetwork) -> bool:
    """Whether no hidden state has seen the word that it is to guess; in a second layer over both directions it has."""
    return network.lstm.num_layers == 1 or not network.lstm.bidirectional


@final
class LanguageModel(nn.Module):
    """Guesses the next word, and in reverse the one before, with a classifier's own embedding and LSTM.

    The words of a batch are each other's alternatives: a guess is the right one of all distinct words that are to be
    guessed in the batch. The guess is compared with the words' own vectors (Press & Wolf 2017).

    Args:
        network: the classifier; its embedding and LSTM are trained.

    Attributes:
        part_tokens: a piece of this many tokens is read of a longer text, another one each time, to save memory.
    """

    def __init__(self, network: TextClassifierNetwork) -> None:
        if not can_pretrain(network):
            raise SettingError(
                "pretraining_epochs must be 0 where several layers read in both directions: they have seen the word "
                f"that they are to guess. Got {network.lstm.num_layers} layers.",
                "Use one layer, or bidirectional=False.",
            )
        super().__init__()
        self.part_tokens: int | None = None
        self._network = network
        self._project = nn.Linear(network.lstm.hidden_size, network.embedding.embedding_dim)
        self._bias = nn.Parameter(torch.zeros(network.embedding.num_embeddings))

    def forward(self, tokens: Ragged) -> Tensor:
        """`(guesses, 2)` float32: the loss of each guess in nats, and 1 if the right word came first, else 0."""
        tokens = self._piece(tokens)
        states, _ = self._network.lstm(self._network.embed(tokens, word_dropout=WORD_DROPOUT))
        row = tokens.rows()
        pairs = (row[1:] == row[:-1]).nonzero()[:, 0]
        guessed = []
        for direction, hidden in enumerate(states.values.split(self._network.lstm.hidden_size, dim=1)):
            first = pairs[torch.randperm(len(pairs))[:GUESSES]]
            known, wanted = (first, first + 1) if direction == 0 else (first + 1, first)
            guessed.append(self._guess(hidden[known], tokens.values[wanted]))
        return torch.cat(guessed)

    def _piece(self, tokens: Ragged) -> Ragged:
        most, there = self.part_tokens, len(tokens.values)
        if most is None or len(tokens) != 1 or there <= most:
            return tokens
        start = int(torch.randint(there - most + 1, ()))
        return Ragged(tokens.values[start : start + most], torch.tensor([most]))

    def _guess(self, hidden: Tensor, words: Tensor) -> Tensor:
        if not len(words):
            return hidden.sum() * hidden.new_zeros(0, 2)  # no guess, and a gradient of zeros
        candidates, right = torch.unique(words, return_inverse=True)
        guess = F.dropout(self._project(hidden), HEAD_DROPOUT, self.training)
        logits = SCALE * guess @ self._network.embedding.weight[candidates].T + self._bias[candidates]
        losses = F.cross_entropy(logits, right, reduction="none")
        return torch.stack([losses, (logits.argmax(dim=1) == right).to(losses.dtype)], dim=1)


@final
class LanguageObjective:
    """What a language model learns; it has compared its guesses with the texts themselves, so no targets are needed."""

    def losses(self, logits: Tensor, targets: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """`(guesses,)` float32, in nats. A batch of texts with one word each has none, and a loss of 0."""
        return logits[:, 0] if len(logits) else logits.sum()[None]

    def correct(self, logits: Tensor, targets: Tensor) -> Tensor:
        """`(guesses,)` bool."""
        return logits[:, 1] > 0

    def balance(self, targets: Tensor) -> Tensor:
        """No class weighs more than another: there is one."""
        return torch.ones(1)
