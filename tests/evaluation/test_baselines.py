import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from longshort.errors import DataError
from longshort.evaluation import MAJORITY, TFIDF, classification_metrics, majority, tfidf_logistic

GOOD = ["a truly good film", "good acting and good music", "what a good story", "warm and good"]
BAD = ["a truly bad film", "bad acting and bad music", "what a bad story", "cold and bad"]
TARGETS = [1] * 4 + [0] * 4


def test_the_majority_answers_with_the_shares_of_the_training_split():
    found = majority([0, 1, 1, 2], ["a", "b", "c"], 3)
    assert found.name == MAJORITY
    assert found.probabilities.tolist() == [[0.25, 0.5, 0.25]] * 3
    several = majority([[1, 0], [1, 1]], ["a", "b"], 1, multi_label=True)
    assert several.probabilities.tolist() == [[1, 0.5]]


def test_the_baseline_tells_what_words_can_tell():
    found = tfidf_logistic(GOOD + BAD, TARGETS, ["a good idea", "bad luck"], ["bad", "good"])
    assert found.name == TFIDF
    assert found.probabilities.argmax(1).tolist() == [1, 0]
    assert found.probabilities.sum(1) == pytest.approx(1)
    assert found.seconds > 0


def test_word_pairs_are_seen():
    train = ["not good", "good", "not bad", "bad"] * 5
    found = tfidf_logistic(train, [0, 1, 1, 0] * 5, ["not good", "not bad"], ["neg", "pos"])
    assert found.probabilities.argmax(1).tolist() == [0, 1]


def test_a_character_of_a_script_without_blanks_is_a_word_and_so_is_an_emoji():
    for good, bad in (("この映画が好きだ", "つまらない話だ"), ("หนังดีมาก", "น่าเบื่อ"), ("😀", "😡")):
        found = tfidf_logistic([good, bad] * 5, [1, 0] * 5, [good[:2], bad[:2]], ["bad", "good"])
        assert found.probabilities.argmax(1).tolist() == [1, 0]


def test_the_answers_are_those_of_scikit_learns_own_parts():
    rng = np.random.default_rng(0)
    vocabulary = [f"word{i}" for i in range(60)]
    texts = [" ".join(rng.choice(vocabulary, 12)) for _ in range(1_100)]
    targets = np.array([("word1 " in t) or ("word2 " in t) for t in texts]).astype(int)
    found = tfidf_logistic(texts[:1_000], targets[:1_000], texts[1_000:], ["no", "yes"])
    vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True, dtype=np.float64)
    train, test = vectors.fit_transform(texts[:1_000]), vectors.transform(texts[1_000:])
    # Another solver, the same optimum; liblinear also penalises the intercept, hence not to the last digit.
    other = LogisticRegression(C=10.0, tol=1e-8, max_iter=5_000).fit(train, targets[:1_000])
    assert np.abs(found.probabilities - other.predict_proba(test)).max() < 0.02
    assert (found.probabilities.argmax(1) == targets[1_000:]).mean() > 0.8


def test_nothing_of_the_test_texts_is_fitted():
    ours = tfidf_logistic(GOOD + BAD, TARGETS, ["good film", "bad film"], ["bad", "good"])
    more = tfidf_logistic(GOOD + BAD, TARGETS, ["good film", "bad film", *["film film film"] * 50], ["bad", "good"])
    assert more.probabilities[:2].tolist() == ours.probabilities.tolist()


def test_three_classes_and_a_class_that_training_does_not_have():
    train = ["red apple", "red rose", "blue sea", "blue sky"]
    found = tfidf_logistic(train, [0, 0, 1, 1], ["red wine", "blue"], ["red", "blue", "green"])
    assert found.probabilities.argmax(1).tolist() == [0, 1]
    assert found.probabilities[:, 2].tolist() == [0, 0]
    assert found.probabilities.sum(1) == pytest.approx(1)


def test_several_labels_are_learnt_one_by_one():
    train = ["red apple", "red sea", "blue sea", "grey stone"] * 4
    targets = np.array([[1, 0], [1, 1], [0, 1], [0, 0]] * 4)
    found = tfidf_logistic(train, targets, ["red sea", "grey"], ["red", "sea"], multi_label=True)
    assert (found.probabilities >= 0.5).tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize("texts", [["", "", "", ""], ["...", "!", "a", "?"]])
def test_texts_without_words_are_answered_by_the_shares(texts):
    found = tfidf_logistic(texts, [0, 1, 1, 1], ["", "word"], ["a", "b"])
    assert found.probabilities.tolist() == [[0.25, 0.75]] * 2


def test_test_texts_without_words_and_no_test_texts_are_answered():
    found = tfidf_logistic(GOOD + BAD, TARGETS, ["", "?!"], ["bad", "good"])
    assert found.probabilities.shape == (2, 2)
    assert tfidf_logistic(GOOD + BAD, TARGETS, [], ["bad", "good"]).probabilities.shape == (0, 2)


def test_a_training_split_of_one_class_answers_that_class():
    found = tfidf_logistic(GOOD, [1] * 4, ["good", "bad"], ["bad", "good"])
    assert found.probabilities.tolist() == [[0, 1], [0, 1]]
    assert classification_metrics(found.probabilities, [0, 1], ["bad", "good"]).accuracy == 0.5


def test_one_text_per_class_is_enough():
    found = tfidf_logistic(["good", "bad"], [1, 0], ["good", "bad"], ["bad", "good"])
    assert found.probabilities.argmax(1).tolist() == [1, 0]


def test_texts_and_targets_must_be_as_many():
    with pytest.raises(DataError) as caught:
        tfidf_logistic(["one", "two"], [0], ["three"], ["a", "b"])
    assert str(caught.value) == (
        "Each training text has one target; got 2 texts and 1 targets.\n\n"
        "hint: Give the targets of the same rows as the texts."
    )
