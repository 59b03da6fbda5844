"""`Epoch`: training a classifier over documents, batch by batch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from benchmarks.engine.problem import Floats, Integers, Weights, draw_weights
from benchmarks.engine.workload import VOCABULARY, Workload

__all__ = ["Batch", "Epoch", "store_corpus"]

PIECES = re.compile(r"\w+|[^\w\s]")
RATE = 1e-3


@dataclass(frozen=True)
class Batch:
    """Some documents: concatenated token ids, lengths, and labels of 0 or 1."""

    ids: Integers
    lengths: Integers
    labels: Floats


@dataclass(frozen=True)
class Epoch:
    """Embedding, LSTM, mean over tokens, linear layer, logistic loss, Adam; batches of random documents.

    Args:
        workload: batch and hidden size; the embedding has as many features.
        ids: token ids of all documents, concatenated.
        lengths: `(documents,)`.
        labels: `(documents,)`, 0 or 1.
        order: `(documents,)`, the order of the documents.
        table: `(vocabulary, features)`.
        weights: weights of the LSTM.
        head: `(hidden,)`, weights of the linear layer.
    """

    workload: Workload
    ids: Integers
    lengths: Integers
    labels: Floats
    order: Integers
    table: Floats
    weights: Weights
    head: Floats

    @property
    def tokens(self) -> int:
        """Tokens of all documents."""
        return int(self.lengths.sum())

    @property
    def distinct(self) -> int:
        """Distinct tokens of each batch, summed over the batches."""
        return sum(len(np.unique(self.batch(index).ids)) for index in range(self.batches))

    @property
    def batches(self) -> int:
        """Number of batches; the last may be smaller."""
        return -(-len(self.lengths) // self.workload.batch)

    def batch(self, index: int) -> Batch:
        """Return documents `index * size` to `(index + 1) * size` of the order."""
        size = self.workload.batch
        rows = self.order[index * size : (index + 1) * size]
        starts = np.cumsum(self.lengths) - self.lengths
        ids = [self.ids[starts[row] : starts[row] + self.lengths[row]] for row in rows]
        return Batch(np.concatenate(ids), self.lengths[rows], self.labels[rows])

    @classmethod
    def of(cls, workload: Workload, seed: int = 0) -> Epoch:
        """Read the stored corpus and draw initial weights."""
        random = np.random.default_rng(seed)
        with np.load(workload.corpus) as corpus:
            ids, lengths, labels = corpus["ids"], corpus["lengths"], corpus["labels"]
        hidden = workload.hidden
        return cls(
            workload,
            ids,
            lengths,
            labels,
            random.permutation(len(lengths)),
            random.standard_normal((VOCABULARY, hidden), np.float32),
            draw_weights(random, hidden),
            (random.uniform(-1, 1, hidden) / np.sqrt(hidden)).astype(np.float32),
        )


def store_corpus(folder: Path, target: Path) -> None:
    """Number the words of `folder/train.parquet` (columns text and label) and store them as arrays.

    Words are lower-cased and split from punctuation; the most frequent are numbered from 1, the others are 0.
    """
    import pyarrow.parquet as pq

    columns = pq.read_table(folder / "train.parquet", columns=["text", "label"]).to_pydict()
    documents = list(_words(columns["text"]))
    counts = Counter(word for words in documents for word in words)
    number = {word: place for place, (word, _) in enumerate(counts.most_common(VOCABULARY - 1), start=1)}
    ids = np.fromiter((number.get(word, 0) for words in documents for word in words), np.int64)
    positive = sorted(set(columns["label"]))[-1]
    labels = np.array([label == positive for label in columns["label"]], np.float32)
    np.savez(target, ids=ids, lengths=np.array([len(words) for words in documents]), labels=labels)


def _words(texts: list[str]) -> Iterator[list[str]]:
    for text in texts:
        yield PIECES.findall(text.lower()) or ["."]
