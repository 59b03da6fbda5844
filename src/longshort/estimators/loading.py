"""A stored model as an estimator of its kind."""

from __future__ import annotations

from pathlib import Path

from longshort.artifacts.bundle import load_bundle
from longshort.estimators.base import OWN_ARGUMENTS, AnyEstimator
from longshort.kinds.registry import kind_of

__all__ = ["load"]


def load(path: Path | str) -> AnyEstimator:
    """Load a model from a bundle, or from a run directory that holds one.

    A `Forecaster` forecasts from the end of the series that are kept beside the model, if there are any.

    `classes_` holds the labels as they were in `fit`: str, bool, int or float; those of a run, whose table was read as
    text, as str. `class_weight` is "balanced" or None, for weights of classes are not stored.

    Raises:
        BundleError: a file is missing or damaged, or names, shapes or settings do not fit together.
    """
    bundle = load_bundle(path)
    kind, flat = kind_of(bundle.task.name).estimator(), bundle.settings.flat()
    names = kind().get_params()
    arguments = {name: flat[name] for name in names if name not in OWN_ARGUMENTS}
    if "class_weight" in names:
        arguments["class_weight"] = flat["class_weights"]
    model = kind(**arguments)
    model._adopt(bundle, path)
    return model
