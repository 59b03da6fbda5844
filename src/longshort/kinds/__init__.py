"""The kinds of task: what longshort can learn, one room each, and the registry that finds them.

Only the rooms below and the registry know which kinds there are. Everything else asks the registry for a `Kind`, the
protocol that says all that depends on the kind. `docs/extending.md` shows how to add one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.kinds.base import Kind
    from longshort.kinds.forecast.forecaster import Forecaster
    from longshort.kinds.forecast.settings import ForecastRunSettings
    from longshort.kinds.registry import kind_for, kind_of, names, register
    from longshort.kinds.sequences.estimators.classifier import SequenceClassifier
    from longshort.kinds.sequences.estimators.regressor import SequenceRegressor
    from longshort.kinds.sequences.settings import RegressionRunSettings, SequenceRunSettings
    from longshort.kinds.text.estimator import TextClassifier
    from longshort.kinds.text.settings import TextRunSettings

__all__ = [
    "ForecastRunSettings",
    "Forecaster",
    "Kind",
    "RegressionRunSettings",
    "SequenceClassifier",
    "SequenceRegressor",
    "SequenceRunSettings",
    "TextClassifier",
    "TextRunSettings",
    "kind_for",
    "kind_of",
    "names",
    "register",
]

# Loaded when first asked for: each estimator loads its own kind and no other.
_HOMES = {
    "ForecastRunSettings": "longshort.kinds.forecast.settings",
    "Forecaster": "longshort.kinds.forecast.forecaster",
    "Kind": "longshort.kinds.base",
    "RegressionRunSettings": "longshort.kinds.sequences.settings",
    "SequenceClassifier": "longshort.kinds.sequences.estimators.classifier",
    "SequenceRegressor": "longshort.kinds.sequences.estimators.regressor",
    "SequenceRunSettings": "longshort.kinds.sequences.settings",
    "TextClassifier": "longshort.kinds.text.estimator",
    "TextRunSettings": "longshort.kinds.text.settings",
    "kind_for": "longshort.kinds.registry",
    "kind_of": "longshort.kinds.registry",
    "names": "longshort.kinds.registry",
    "register": "longshort.kinds.registry",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
