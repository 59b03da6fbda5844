"""What the scikit-learn estimators of all kinds share: constructor, fit, checkpoints, sample weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.estimators.loading import load
    from longshort.kinds import Forecaster, SequenceClassifier, SequenceRegressor, TextClassifier

__all__ = ["Forecaster", "SequenceClassifier", "SequenceRegressor", "TextClassifier", "load"]

# Loaded when first asked for: each estimator loads its own kind and no other.
_HOMES = {
    "Forecaster": "longshort.kinds",
    "SequenceClassifier": "longshort.kinds",
    "SequenceRegressor": "longshort.kinds",
    "TextClassifier": "longshort.kinds",
    "load": "longshort.estimators.loading",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
