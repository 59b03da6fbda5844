"""Word vectors from which words stand together, as a start for the embedding.

A word's row is learnt only where the word occurs, and most words are rare. Its company says more: words that stand
in the same company mean similar things (Harris 1954). Positive pointwise mutual information of words and their
neighbours, reduced by a singular value decomposition, is as good as word2vec at that (Levy, Goldberg & Dagan 2015) and
takes seconds.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

__all__ = ["cooccurrences", "positive_pmi", "word_vectors"]

WINDOW = 4  # neighbours on each side
SMOOTHING = 0.75  # exponent on how often a context occurs: rare contexts must not look too telling (equation 6 there)
MOST_TOKENS = 20_000_000  # of the corpus; more would not change the vectors of words that are frequent enough to matter

Array = np.ndarray[Any, Any]


def word_vectors(tokens: Array, offsets: Array, vocabulary_size: int, size: int, *, seed: int = 0) -> Array:
    """Vectors `(vocabulary_size, size)` float32 with a mean square of 1 along each row that has any company.

    Words that never stand beside another one get zeros; so do the last columns where the vocabulary has fewer than
    `size` words.

    Args:
        tokens: `(tokens,)` int: ids below `vocabulary_size`, all texts one after another.
        offsets: `(texts + 1,)` int64: text i is `tokens[offsets[i]:offsets[i + 1]]`; company ends where a text ends.
        vocabulary_size: number of words.
        size: numbers per word.
        seed: of the randomised decomposition (Halko, Martinsson & Tropp 2011).
    """
    from sklearn.utils.extmath import randomized_svd  # a second to import, which no model that is only asked needs

    matrix = positive_pmi(cooccurrences(tokens, offsets, vocabulary_size))
    vectors = np.zeros((vocabulary_size, size), dtype=np.float32)
    rank = min(size, vocabulary_size)
    if matrix.nnz:
        left, strengths, _ = randomized_svd(matrix, rank, n_iter=2, random_state=seed)
        # The square root of the singular values weighs all directions enough (Levy et al. 2015, section 3.3).
        vectors[:, :rank] = left * np.sqrt(strengths)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: Array = np.divide(vectors * np.sqrt(size), lengths, out=np.zeros_like(vectors), where=lengths > 1e-6)
    return scaled


def cooccurrences(tokens: Array, offsets: Array, vocabulary_size: int, window: int = WINDOW) -> sparse.csr_array:
    """How often each word stands within `window` of each other word, `(vocabulary, vocabulary)` float32, symmetric."""
    last = int(np.searchsorted(offsets, MOST_TOKENS, side="right")) - 1
    offsets = offsets[: max(last, 1) + 1]
    words = np.asarray(tokens[: offsets[-1]])
    text = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
    counts = sparse.csr_array((vocabulary_size, vocabulary_size), dtype=np.float32)
    for distance in range(1, min(window, len(words) - 1) + 1):
        together = text[:-distance] == text[distance:]
        pairs = (words[:-distance][together], words[distance:][together])
        ones = np.ones(len(pairs[0]), dtype=np.float32)
        counts = counts + sparse.coo_array((ones, pairs), shape=counts.shape).tocsr()
    return (counts + counts.T).tocsr()


def positive_pmi(counts: sparse.csr_array) -> sparse.csr_array:
    """log(p(word, context) / (p(word) p(context))) where it is above 0, with smoothed context probabilities."""
    totals = np.asarray(counts.sum(axis=1)).ravel()
    contexts = totals**SMOOTHING
    contexts /= max(contexts.sum(), 1.0)
    entries = counts.tocoo()
    words, neighbours = entries.coords
    pmi = np.log(entries.data / (totals[words] * contexts[neighbours]))
    kept = pmi > 0
    return sparse.csr_array(
        (pmi[kept].astype(np.float32), (words[kept], neighbours[kept])), shape=counts.shape, dtype=np.float32
    )
