"""Small languages of numbered words, and texts in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from longshort.config import TextModelSettings
from longshort.networks import TextClassifierNetwork
from longshort.ragged import Ragged

WORDS = 12


@dataclass(frozen=True)
class WordBatch:
    inputs: Ragged
    targets: Tensor
    rows: np.ndarray


class Words:
    """Texts as lists of word ids, with labels that alternate or are given."""

    def __init__(self, texts: Sequence[Sequence[int]], targets: np.ndarray | None = None) -> None:
        self.texts = [torch.tensor(text, dtype=torch.int64) for text in texts]
        self.lengths = np.array([len(text) for text in texts])
        self.targets = np.arange(len(texts)) % 2 if targets is None else targets

    def __len__(self) -> int:
        return len(self.texts)

    def batch(self, indices: np.ndarray) -> WordBatch:
        return WordBatch(
            Ragged.from_list([self.texts[i] for i in indices]), torch.as_tensor(self.targets[indices]), indices
        )


def counting(texts: int, seed: int = 0) -> Words:
    """Make texts in which each word is the previous one plus 1, cyclically, from a random start."""
    draw = np.random.default_rng(seed)
    return Words([[(start + i) % WORDS for i in range(8)] for start in draw.integers(0, WORDS, texts)])


def chance(texts: int, seed: int = 0, length: int = 10) -> Words:
    """Make texts of independent random words."""
    return Words(np.random.default_rng(seed).integers(0, WORDS, (texts, length)).tolist())


def network(vocabulary: int = WORDS, **changes: object) -> TextClassifierNetwork:
    torch.manual_seed(0)
    settings = TextModelSettings(embedding_size=16, hidden_size=16).replace(**changes)
    return TextClassifierNetwork(vocabulary, 1, settings)
