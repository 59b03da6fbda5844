"""The baselines that a model must beat to be worth its trouble; fitted on the training split alone."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from longshort.errors import DataError
from longshort.evaluation.arrays import Floats, Integers, checked_targets, truth_table

__all__ = ["MAJORITY", "TFIDF", "Baseline", "majority", "tfidf_logistic"]

# Japanese, Chinese, Thai, Lao, Burmese and Khmer put no blanks between words: each character is a word, and so is each
# emoji. scikit-learn's own pattern takes a whole sentence of the former for one word and ignores the latter.
_UNSPACED = (
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
)
_EMOJI = "\u2600-\u27bf\U0001f000-\U0001faff"
_WORD = rf"[^\W{_UNSPACED}]{{2,}}|[{_UNSPACED}{_EMOJI}]"

MAJORITY = "majority class"
TFIDF = "TF-IDF + logistic regression"

# Words of a single text cannot help on another; but of a few texts every word may count.
MANY_TEXTS = 1_000
# Inverse regularisation: TF-IDF rows have length 1, and the customary 1.0 underfits them (25,000 film reviews: 0.896
# against 0.906 on the test split).
STRENGTH = 10.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Baseline:
    """A baseline's answers.

    Attributes:
        name: `MAJORITY` or `TFIDF`.
        probabilities: `(test examples, classes)` float64.
        seconds: time that fitting and answering took.
    """

    name: str
    probabilities: Floats
    seconds: float


def majority(train_targets: ArrayLike, labels: Sequence[str], test_size: int, *, multi_label: bool = False) -> Baseline:
    """Answer every example with the shares of the classes in the training split: the most frequent class wins.

    Args:
        train_targets: `(examples,)` class numbers, or `(examples, classes)` of 0 and 1 with `multi_label`.
        labels: names of the classes.
        test_size: number of test examples to answer.
        multi_label: whether an example may have several labels.

    Raises:
        DataError: targets of another shape, or numbers that stand for no class.
    """
    start = time.perf_counter()
    truth = checked_targets(train_targets, len(labels), multi_label=multi_label)
    shares = truth_table(truth, len(labels), multi_label=multi_label).mean(axis=0)
    return Baseline(name=MAJORITY, probabilities=np.tile(shares, (test_size, 1)), seconds=time.perf_counter() - start)


def tfidf_logistic(
    train_texts: Sequence[str],
    train_targets: ArrayLike,
    test_texts: Sequence[str],
    labels: Sequence[str],
    *,
    multi_label: bool = False,
) -> Baseline:
    """Logistic regression on TF-IDF of words and word pairs: hard to beat on topics and opinions, and fast.

    Words are lower-cased; counts enter as 1 + log. Columns are chosen and weighted on the training texts alone; from
    1,000 texts on, a column needs two of them. More than two classes are fitted one against the rest. Where there is
    nothing to fit (no words at all, a class that all or no training texts have), the answer is the class's share.

    Args:
        train_texts: the texts of the training split.
        train_targets: `(examples,)` class numbers, or `(examples, classes)` of 0 and 1 with `multi_label`.
        test_texts: the texts to answer.
        labels: names of the classes.
        multi_label: whether an example may have several labels.

    Raises:
        DataError: not one target per training text, or numbers that stand for no class.
    """
    start = time.perf_counter()
    truth = checked_targets(train_targets, len(labels), multi_label=multi_label)
    if len(truth) != len(train_texts):
        raise DataError(
            f"Each training text has one target; got {len(train_texts)} texts and {len(truth)} targets.",
            "Give the targets of the same rows as the texts.",
        )
    table = truth_table(truth, len(labels), multi_label=multi_label)
    train, test = _tfidf(train_texts, test_texts)
    if len(labels) == 2 and not multi_label:
        second = _fit_one(train, table[:, 1], test)
        probabilities = np.stack([1 - second, second], axis=1)
    else:
        probabilities = np.stack([_fit_one(train, column, test) for column in table.T], axis=1)
        if not multi_label:
            probabilities /= probabilities.sum(axis=1, keepdims=True)
    return Baseline(name=TFIDF, probabilities=probabilities, seconds=time.perf_counter() - start)


def _tfidf(train_texts: Sequence[str], test_texts: Sequence[str]) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Weights of words and of pairs of neighbouring words, `(texts, columns)` float32 each."""
    vectorizer = TfidfVectorizer(
        ngram_range=(1, 2),
        min_df=2 if len(train_texts) >= MANY_TEXTS else 1,
        token_pattern=_WORD,
        sublinear_tf=True,
        dtype=np.float32,
    )
    try:
        return vectorizer.fit_transform(train_texts), vectorizer.transform(test_texts)
    except ValueError:  # no word at all, or none in two texts
        return sparse.csr_matrix((len(train_texts), 0)), sparse.csr_matrix((len(test_texts), 0))


def _fit_one(train: sparse.csr_matrix, column: Integers, test: sparse.csr_matrix) -> Floats:
    """The probability of one class against the rest, `(test examples,)` float64."""
    if train.shape[1] == 0 or column.min() == column.max() or test.shape[0] == 0:
        return np.full(test.shape[0], column.mean())
    # The dual of liblinear is the fastest exact solver on wide sparse rows; it shuffles them, hence the seed.
    model = LogisticRegression(solver="liblinear", dual=True, C=STRENGTH, max_iter=1_000, random_state=0)
    with warnings.catch_warnings():
        # After 1,000 sweeps the answers no longer change in any digit that the report shows.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(train, column)
    fitted: Floats = model.predict_proba(test)[:, 1].astype(np.float64)
    return fitted
