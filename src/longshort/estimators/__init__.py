"""The scikit-learn face: fit, predict, predict_proba, score."""

from __future__ import annotations

from longshort.estimators.forecaster import Forecaster
from longshort.estimators.loading import load
from longshort.estimators.sequence_classifier import SequenceClassifier
from longshort.estimators.sequence_regressor import SequenceRegressor
from longshort.estimators.text import TextClassifier

__all__ = ["Forecaster", "SequenceClassifier", "SequenceRegressor", "TextClassifier", "load"]
