import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from longshort.evaluation.ngrams import WordPairs

words = st.sampled_from(["good", "Bad", "film", "a", "I", "very", "naïve", "42", "über", "don't", "...", "_x_", "ночь"])
texts = st.lists(st.lists(words, max_size=8).map(" ".join), min_size=1, max_size=12)


def columns(matrix):
    """The columns as a sorted list, so that their order does not matter."""
    return sorted(map(tuple, matrix.toarray().T.tolist()))


@given(texts, texts, st.integers(1, 3))
def test_the_columns_are_those_of_scikit_learn(train, test, minimum):
    ours = WordPairs(minimum)
    fitted = ours.fit_transform(train)
    try:
        theirs = CountVectorizer(ngram_range=(1, 2), min_df=minimum)
        expected = theirs.fit_transform(train)
    except ValueError:  # scikit-learn refuses an empty vocabulary, and a minimum above the number of texts
        theirs = CountVectorizer(ngram_range=(1, 2), min_df=minimum)
        assert fitted.shape == (len(train), 0)
        assert ours.transform(test).shape == (len(test), 0)
        return
    assert columns(fitted) == columns(expected)
    # Column by column, training and test together: the columns of the test texts mean the same words.
    both = np.vstack([fitted.toarray(), ours.transform(test).toarray()])
    wanted = np.vstack([expected.toarray(), theirs.transform(test).toarray()])
    assert sorted(map(tuple, both.T.tolist())) == sorted(map(tuple, wanted.T.tolist()))


@given(st.lists(st.text("好看电影ねこไทย", max_size=8), min_size=1, max_size=8))
def test_characters_of_scripts_without_blanks_are_words(texts):
    found = columns(WordPairs().fit_transform(texts))
    try:
        expected = CountVectorizer(ngram_range=(1, 2), analyzer="char", lowercase=False).fit_transform(texts)
    except ValueError:
        assert found == []
        return
    assert found == columns(expected)


def test_emoji_and_words_among_characters_are_words():
    counts = WordPairs()
    assert counts.fit_transform(["great 😀😀 film", "看 great"]).sum() == 4 + 3 + 2 + 1
    assert counts.transform(["😀 x"]).sum() == 1


def test_counts_are_float32_and_no_texts_give_no_rows():
    counts = WordPairs()
    assert counts.fit_transform(["one two one"]).dtype == np.float32
    assert counts.transform([]).shape == (0, 4)
