"""Word vectors against a count by hand and against dense linear algebra."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from longshort.networks.word_vectors import cooccurrences, positive_pmi, word_vectors

TEXTS = st.lists(st.lists(st.integers(0, 6), max_size=12), min_size=1, max_size=5)


def joined(texts: list[list[int]]) -> tuple[np.ndarray, np.ndarray]:
    tokens = np.array([word for text in texts for word in text], dtype=np.int32)
    return tokens, np.cumsum([0, *map(len, texts)])


@given(TEXTS, st.integers(1, 4))
def test_cooccurrences_are_counted_within_texts(texts: list[list[int]], window: int) -> None:
    expected: Counter[tuple[int, int]] = Counter()
    for text in texts:
        for i, word in enumerate(text):
            for j in range(max(0, i - window), min(len(text), i + window + 1)):
                if i != j:
                    expected[word, text[j]] += 1
    counts = cooccurrences(*joined(texts), 7, window).toarray()
    assert {(i, j): n for (i, j), n in np.ndenumerate(counts) if n} == dict(expected)


def test_positive_pmi_is_its_definition() -> None:
    counts = np.array([[0, 4, 1], [4, 2, 0], [1, 0, 6]], dtype=float)
    word = counts.sum(1) / counts.sum()
    context = counts.sum(0) ** 0.75 / (counts.sum(0) ** 0.75).sum()
    with np.errstate(divide="ignore"):
        expected = np.maximum(np.log(counts / counts.sum() / np.outer(word, context)), 0)
    from scipy import sparse

    np.testing.assert_allclose(positive_pmi(sparse.csr_array(counts)).toarray(), expected, rtol=1e-6)


def test_words_in_the_same_company_are_alike() -> None:
    draw = np.random.default_rng(0)
    # 0 and 1 stand beside 4 to 7; 2 and 3 beside 8 to 11.
    texts = [[draw.integers(0, 2) + 2 * side, draw.integers(4, 8) + 4 * side] for side in draw.integers(0, 2, 2_000)]
    vectors = word_vectors(*joined(texts), 12, 4)
    cosine = vectors @ vectors.T / 4
    assert cosine[0, 1] > 0.9
    assert cosine[2, 3] > 0.9
    assert cosine[0, 2] < 0.5


def test_rows_have_a_mean_square_of_one_or_zero() -> None:
    tokens, offsets = joined([[0, 1, 2, 1, 0, 2, 2], [3]])
    vectors = word_vectors(tokens, offsets, 5, 8)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose((vectors**2).mean(axis=1), [1, 1, 1, 0, 0], atol=1e-5)
    np.testing.assert_array_equal(vectors, word_vectors(tokens, offsets, 5, 8))


def test_nothing_gives_zeros() -> None:
    for texts in ([[]], [[1]], [[1], [], [2]]):
        assert not word_vectors(*joined(texts), 4, 3).any()
