"""scikit-learn's own checks of an estimator: every one that applies, each with its name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from longshort.estimators import SequenceClassifier, SequenceRegressor

QUICK: dict[str, Any] = {
    "front": "none",
    "hidden_size": 16,
    "pooling": "last",
    "learning_rate": 0.03,
    "averaging": 0.0,
    "output_dropout": 0.0,
    "members": 1,
    "statistics": False,
}


def expected(estimator: Any) -> dict[str, str]:
    """What may fail, with the reason; nothing else may."""
    return {
        "check_sample_weight_equivalence_on_dense_data": "A weight changes what a row counts in the loss; a row that is "
        "repeated stands in several batches. The steps of the optimizer differ, as those of SGDClassifier do.",
        "check_methods_subset_invariance": "Networks compute in float32, in which sums over a batch of another size "
        "differ by 1e-6; the check allows 1e-7. (test_sequences.py holds them to 1e-6.)",
    }


@parametrize_with_checks(
    [SequenceClassifier(**QUICK, epochs=8), SequenceRegressor(**QUICK, epochs=20)], expected_failed_checks=expected
)
def test_scikit_learn_finds_nothing_to_complain_of(estimator: Any, check: Callable[[Any], None]) -> None:
    check(estimator)
