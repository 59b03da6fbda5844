"""Counts of words and pairs of neighbouring words, the columns of TF-IDF.

They are the columns of scikit-learn's `CountVectorizer(ngram_range=(1, 2), min_df=...)`, in another order and in under
half the time: a pair is one number made of two, so that it never becomes a text of its own. Where a script puts no
blanks between words, each character is a word, and so is each emoji; scikit-learn takes a whole sentence of the former
for one word, and has no columns for the latter.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from longshort.evaluation.arrays import Integers

__all__ = ["WordPairs"]

# Japanese, Chinese, Thai, Lao, Burmese and Khmer.
_UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
# scikit-learn's token, two word characters or more, or one that is a word by itself.
_WORDS = re.compile(rf"[^\W{_UNSPACED}]{{2,}}|[{_UNSPACED}{_EMOJI}]").findall


class WordPairs:
    """Words and pairs that occur in at least `minimum_texts` of the texts it was fitted on.

    Args:
        minimum_texts: a column needs this many texts of the fit.
    """

    def __init__(self, minimum_texts: int = 1) -> None:
        self._minimum_texts = minimum_texts
        self._numbers: dict[str, int] = {}
        self._kept_words: Integers = np.empty(0, np.int64)
        self._kept_pairs: Integers = np.empty(0, np.int64)

    def fit_transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Choose the columns; their counts, `(texts, columns)` float32."""
        numbers: defaultdict[str, int] = defaultdict()
        numbers.default_factory = numbers.__len__
        words, rows = _number(texts, numbers.__getitem__)
        self._numbers = dict(numbers)
        single = _counts(rows, words, (len(texts), len(self._numbers)))
        pairs, pair_rows = self._pairs(words, rows)
        keys, columns = np.unique(pairs, return_inverse=True)
        double = _counts(pair_rows, columns, (len(texts), len(keys)))
        self._kept_words, kept = self._frequent(single), self._frequent(double)
        self._kept_pairs = keys[kept]
        return sparse.hstack([single[:, self._kept_words], double[:, kept]], format="csr")

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Counts of the same columns in other texts, `(texts, columns)` float32; what was not fitted is left out."""
        unknown = len(self._numbers)
        words, rows = _number(texts, lambda word: self._numbers.get(word, unknown))
        single = _counts(rows, words, (len(texts), unknown + 1))[:, self._kept_words]
        pairs, pair_rows = self._pairs(words, rows)
        columns = np.searchsorted(self._kept_pairs, pairs)
        # The sentinel stands for "behind the last pair" and equals no pair.
        known = np.append(self._kept_pairs, -1)[columns] == pairs
        double = _counts(pair_rows[known], columns[known], (len(texts), len(self._kept_pairs)))
        return sparse.hstack([single, double], format="csr")

    def _pairs(self, words: Integers, rows: Integers) -> tuple[Integers, Integers]:
        """One number per pair of neighbours in the same text, and its row; an unknown word makes no fitted number."""
        together = rows[1:] == rows[:-1]
        base = len(self._numbers) + 1
        return (words[:-1] * base + words[1:])[together], rows[1:][together]

    def _frequent(self, counts: sparse.csr_matrix) -> Integers:
        texts_with = np.bincount(counts.indices, minlength=counts.shape[1])
        return np.flatnonzero(texts_with >= self._minimum_texts)


def _number(texts: Sequence[str], number: Callable[[str], int]) -> tuple[Integers, Integers]:
    """The number of each word of all texts, and the row of the text that it stands in."""
    found = [_WORDS(text.lower()) for text in texts]
    numbers = [np.fromiter(map(number, words), np.int64, len(words)) for words in found]
    rows = np.repeat(np.arange(len(texts)), [len(words) for words in found])
    return np.concatenate([*numbers, np.empty(0, np.int64)]), rows


def _counts(rows: Integers, columns: NDArray[np.intp], shape: tuple[int, int]) -> sparse.csr_matrix:
    return sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)
