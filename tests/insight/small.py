"""Small LSTMs and a small classifier to look into."""

from __future__ import annotations

from functools import cache

import torch
from torch import nn

from longshort import TextClassifier

TEXTS = [
    f"{text} {number}" for number in range(6) for text in ("good good film", "bad film", "a good one", "a bad one")
]
LABELS = ["pos", "neg", "pos", "neg"] * 6


@cache
def classifier() -> TextClassifier:
    """A fitted classifier with one layer in both directions; look, but change nothing."""
    sizes = {"embedding_size": 5, "hidden_size": 6, "minimum_count": 1, "word_dropout": 0.0}
    return TextClassifier(epochs=2, pretraining_epochs=0, **sizes).fit(TEXTS, LABELS)


def lstm(seed: int = 0, kind: type[nn.LSTM] = nn.LSTM, **options: int | float | bool) -> nn.LSTM:
    """An LSTM over 3 features with 4 units, in evaluation mode."""
    torch.manual_seed(seed)
    made = kind(3, 4, **options)  # type: ignore[arg-type]
    return made.eval()
