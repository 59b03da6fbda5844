"""A stored model as the estimator that it is."""

from __future__ import annotations

from pathlib import Path

from longshort.estimators.base import OWN_ARGUMENTS, Estimator
from longshort.estimators.forecaster import Forecaster
from longshort.estimators.sequence_classifier import SequenceClassifier
from longshort.estimators.sequence_regressor import SequenceRegressor
from longshort.estimators.text import TextClassifier
from longshort.runs.ahead import kept_series
from longshort.runs.bundle import load_bundle

__all__ = ["load"]

# A new task is one line here.
ESTIMATORS: dict[str, type[Estimator]] = {
    "text-classification": TextClassifier,
    "sequence-classification": SequenceClassifier,
    "sequence-regression": SequenceRegressor,
    "forecast": Forecaster,
}
"""The estimator of each task."""


def load(path: Path | str) -> Estimator:
    """Load a model from a bundle, or from a run directory that holds one.

    A `Forecaster` forecasts from the end of the series that are kept beside the model, where there are any.

    `classes_` holds the labels as they were in `fit`: str, bool, int or float; those of a run, whose table was read as
    text, as str. `class_weight` is "balanced" or None, for weights of classes are not stored.

    Raises:
        BundleError: a file is missing or damaged, or names, shapes or settings do not fit together.
    """
    bundle = load_bundle(path)
    kind, flat = ESTIMATORS[bundle.task.name], bundle.settings.flat()
    names = kind().get_params()
    arguments = {name: flat[name] for name in names if name not in OWN_ARGUMENTS}
    if "class_weight" in names:
        arguments["class_weight"] = flat["class_weights"]
    model = kind(**arguments)
    model._adopt(bundle)
    if isinstance(model, Forecaster):
        model.series_ = kept_series(path, bundle)
    return model
