"""How much each example counts: `sample_weight` and `class_weight` of scikit-learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from longshort.config import RunSettings
from longshort.errors import DataError, SettingError

__all__ = ["ClassWeight", "class_weights_setting", "example_weights", "refuse_balance", "told_classes"]

Array = np.ndarray[Any, Any]
ClassWeight = Mapping[Any, float] | str | None
"""None, "balanced", or weights of classes; a class that is not named has 1."""


def example_weights(
    sample_weight: object, class_weight: ClassWeight, y: Sequence[object] | Array, classes: Sequence[object] | Array
) -> Array | None:
    """`(examples,)` float64: how much each example counts in the loss; None if all count alike.

    Those of "balanced" are not among them: the loss finds them from the training split.

    Args:
        sample_weight: `(examples,)`, at least 0; or None.
        class_weight: of the estimator.
        y: the class of each example.
        classes: all classes; `y` may lack some.

    Raises:
        DataError: the weights are no list of finite numbers, one for each example, of which one is above 0.
        SettingError: `class_weight` is none of its kinds.
    """
    given = None if sample_weight is None else _checked(sample_weight, len(y))
    if class_weights_setting(class_weight) is not None or not isinstance(class_weight, Mapping):
        return given
    own = {label: float(class_weight.get(label, 1.0)) for label in _checked_classes(class_weight, classes)}
    each = np.array([own[label] for label in np.asarray(y).tolist()])
    return _positive(each if given is None else given * each)


def class_weights_setting(class_weight: ClassWeight) -> str | None:
    """Return the value for the setting `class_weights`: "balanced" or None.

    Raises:
        SettingError: it is neither None, nor "balanced", nor a mapping.
    """
    if class_weight is None or isinstance(class_weight, Mapping):
        return None
    if isinstance(class_weight, str) and class_weight == "balanced":
        return class_weight
    raise SettingError(
        f"class_weight must be None, 'balanced' or a mapping of classes to weights. Got {class_weight!r}.",
        "For example {'bad': 1, 'good': 3}.",
    )


def refuse_balance(settings: RunSettings) -> None:
    """Raise `SettingError` where `partial_fit` is asked to balance classes."""
    if settings.flat()["class_weights"] is not None:
        raise SettingError(
            "partial_fit cannot balance classes, of which it sees a part at a time. Got class_weight='balanced'.",
            "Give the weights themselves: class_weight={...}.",
        )


def told_classes(classes: object, known: Array | None = None) -> Array:
    """`(classes,)`: all classes, sorted, each once.

    Args:
        classes: as given to `partial_fit`.
        known: those of the model, which stay; None if there is no model yet.

    Raises:
        SettingError: they are neither given nor known, are fewer than 2, or differ from the known ones.
    """
    if known is not None:
        if classes is not None and sorted(map(str, np.unique(np.asarray(classes)))) != sorted(map(str, known)):
            raise SettingError(
                f"The classes of a model stay as they are: {known.tolist()}. Got {np.asarray(classes).tolist()}.",
                "Leave `classes` out, or fit a new model.",
            )
        return known
    if classes is None:
        raise SettingError(
            "The first call of partial_fit must be given all classes. Got none.", "For example classes=['bad', 'good']."
        )
    found = np.unique(np.asarray(classes))
    if len(found) < 2:
        raise SettingError(f"There must be at least 2 classes. Got {found.tolist()}.", "Name all that will ever come.")
    return found


def _checked(sample_weight: object, count: int) -> Array:
    try:
        weights = np.asarray(sample_weight, dtype=np.float64)
    except (TypeError, ValueError):
        raise DataError("sample_weight must be numbers.", "Give one for each example.") from None
    if weights.shape != (count,):
        raise DataError(
            f"sample_weight must have one number for each of the {count} examples. Got shape {weights.shape}.",
            "Give one for each example.",
        )
    wrong = np.flatnonzero(~np.isfinite(weights) | (weights < 0))
    if len(wrong):
        raise DataError(
            f"sample_weight must be finite and at least 0. Got {weights[wrong[0]]} at index {wrong[0]}.",
            "An example of weight 0 is left out.",
        )
    return _positive(weights)


def _positive(weights: Array) -> Array:
    if not weights.any():
        raise DataError("There must be an example whose weight is not zero. All weights are zero.", "Raise some.")
    return weights


def _checked_classes(class_weight: Mapping[Any, float], classes: Sequence[object] | Array) -> list[object]:
    """All classes, if `class_weight` names no other and its weights are weights."""
    known: list[Any] = np.asarray(classes).tolist()
    for label, weight in class_weight.items():
        if label not in known:
            raise SettingError(
                f"class_weight must name classes of the data. Got {label!r}.",
                "The classes are " + ", ".join(map(repr, known[:20])) + ".",
            )
        if not isinstance(weight, int | float | np.number) or not 0 <= weight < np.inf:
            raise SettingError(
                f"class_weight must have finite weights of at least 0. Got {weight!r} for {label!r}.", "Mend it."
            )
    return known
