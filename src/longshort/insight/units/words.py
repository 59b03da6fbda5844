"""The mean value of each unit at each word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from longshort.data import Examples, TextEncoding
from longshort.insight.units.classes import token_texts

__all__ = ["WordMean", "WordMeans"]

LEAST = 10
"""Texts that a word must stand in: the name of one film's hero goes with that film, whatever the unit."""

MOST_WORDS = 4_096
"""Words of which means are kept, the most frequent ones."""

Floats = npt.NDArray[np.float64]


@final
@dataclass(frozen=True)
class WordMean:
    """A word and a unit's mean hidden state right after it has been read, over its `count` occurrences."""

    word: str
    mean: float
    count: int


@final
class WordMeans:
    """Sums of each unit's values at each of the commonest words; what the vocabulary lacks is no word.

    Args:
        encoding: the tokenizer.
        examples: all that will be taken in.
        units: how many there are.
    """

    def __init__(self, encoding: TextEncoding, examples: Examples, units: int) -> None:
        size = encoding.vocabulary_size
        counts = np.bincount(examples.tokens, minlength=size)
        row = np.repeat(np.arange(len(examples)), examples.lengths)
        texts = np.bincount(np.unique(row * size + examples.tokens) % size, minlength=size)
        if encoding.unknown_id is not None:
            texts[encoding.unknown_id] = 0
        common = np.argsort(-counts, kind="stable")
        self._words = common[texts[common] >= LEAST][:MOST_WORDS]
        self._counts = counts[self._words]
        self._texts = token_texts(encoding)
        self._row = torch.full((encoding.vocabulary_size,), -1)
        self._row[torch.from_numpy(self._words)] = torch.arange(len(self._words))
        self._sums = torch.zeros(len(self._words), units, dtype=torch.float64)

    def add(self, tokens: Tensor, values: Tensor) -> None:
        """Take tokens in: their ids `(tokens,)` int64, and `(tokens, units)`."""
        row = self._row[tokens]
        common = row >= 0
        self._sums.index_add_(0, row[common], values[common].double())

    def finish(self, words: int, deviation: Floats) -> tuple[list[list[WordMean]], list[list[WordMean]], Floats]:
        """For each unit the words of its highest and of its lowest means, and the share of its variance between words.

        Args:
            words: at either end.
            deviation: `(units,)`: standard deviation of each unit over all tokens.

        Returns:
            Words from the extreme inwards, twice; and `(units,)` from 0 to 1: variance of the means of the common words
            over the variance of all tokens, 0 for a unit that never changes.
        """
        counts = self._counts[:, None]
        means: Floats = self._sums.numpy() / np.maximum(counts, 1)
        total = max(int(counts.sum()), 1)
        centre = (means * counts).sum(axis=0) / total
        between = (counts * (means - centre) ** 2).sum(axis=0) / total
        share = np.divide(between, deviation**2, out=np.zeros_like(deviation), where=deviation > 1e-9)
        order = np.argsort(-means, axis=0, kind="stable")
        high = [self._list(order[:words, unit], means[:, unit]) for unit in range(means.shape[1])]
        low = [self._list(order[::-1][:words, unit], means[:, unit]) for unit in range(means.shape[1])]
        return high, low, share.clip(0, 1)

    def _list(self, rows: npt.NDArray[np.int64], means: Floats) -> list[WordMean]:
        return [WordMean(self._texts[self._words[row]], float(means[row]), int(self._counts[row])) for row in rows]
