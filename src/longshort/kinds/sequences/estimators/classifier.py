"""`SequenceClassifier`: the class of each sequence of numbers."""

from __future__ import annotations

import dataclasses
from typing import Self, Unpack, final

import numpy as np
from sklearn.utils.multiclass import check_classification_targets

from longshort.data.sequences import Sequences
from longshort.errors import DataError
from longshort.estimators.arguments import ClassifierArguments, constructor
from longshort.estimators.base import Array
from longshort.estimators.classifier import Classifier
from longshort.estimators.sample_weights import ClassWeight, example_weights, refuse_balance, told_classes
from longshort.kinds.sequences.estimators.arrays import column_of, read_sequences
from longshort.kinds.sequences.estimators.base import (
    LEFT_OUT,
    OWN,
    SequenceArguments,
    SequenceEstimator,
    counting,
    with_groups,
)
from longshort.kinds.sequences.fitting import classification_of
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.sequences.tasks import SequenceClassification
from longshort.training import Listener

__all__ = ["SequenceClassifier"]


class SequenceClassifierArguments(SequenceArguments, ClassifierArguments, total=False):
    """Arguments of `SequenceClassifier`, for type checkers."""


@final
class SequenceClassifier(
    Classifier[SequenceClassification, SequenceRunSettings],
    SequenceEstimator[SequenceClassification, SequenceRunSettings],
):
    """Classifies sequences of numbers with convolutions and an LSTM.

    Every argument is a setting of `longshort train` with its name and its default (see `longshort.config`), but for
    three. `validation_share` of 5,000 sequences or more chooses the
    best epoch; of fewer, none.

    Args:
        class_weight: how much each class counts in the loss: "balanced", a mapping of classes to weights, or None, for
            each sequence as much as any other.
        warm_start: `fit` continues from the weights, scales and classes of the fit before.
        checkpoints: a folder in which `fit` is kept while it lasts; the same fit, begun again after it was killed, goes
            on from there and ends with the same bits. None keeps nothing.

    Attributes:
        classes_: `(classes,)`: the classes, sorted; in their own type.
        n_features_in_: steps of each sequence, where it was fitted on a table.
        history_: one record per epoch.
        best_epoch_: the epoch whose weights are kept, counted from 1.

    Example:
        >>> model = SequenceClassifier().fit(series, classes)  # doctest: +SKIP
        >>> model.predict_proba(new_series)  # doctest: +SKIP
    """

    _kind = SequenceRunSettings
    _make = staticmethod(classification_of)
    class_weight: ClassWeight

    @constructor(SequenceRunSettings, left_out=LEFT_OUT, own=OWN)
    def __init__(self, **arguments: Unpack[SequenceClassifierArguments]) -> None:
        """See the class."""

    def fit(
        self,
        X: object,  # noqa: N803
        y: object,
        *,
        groups: object = None,
        sample_weight: object = None,
        listener: Listener | None = None,
    ) -> Self:
        """Train on sequences and their classes.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the class of each (str, int, bool).
            groups: `(sequences,)`: the subject or source of each, which is never on both sides of the split.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: receives events.

        Raises:
            DataError: the sequences, classes, groups or weights do not hold what they must.
            SettingError: an argument of the constructor is out of its bounds.
            NonFiniteError: the loss became NaN or infinite.
            KeyboardInterrupt: Ctrl-C, which finishes the step; the best epoch so far is kept, if there is one.
        """
        settings = self._settings()
        started = self._start(settings) is not None
        sequences = with_groups(read_sequences(self, X, fitting=True), groups)
        given = _classes(y, sequences)
        weights = example_weights(sample_weight, self.class_weight, given, np.unique(given))
        sequences, given, weights = counting(sequences, given, weights)
        known = self.classes_ if started else np.unique(given)
        self._train(_labelled(sequences, given), _names(known), settings, weights, listener)
        self.classes_ = known
        return self

    def partial_fit(
        self,
        X: object,  # noqa: N803
        y: object,
        *,
        classes: object = None,
        sample_weight: object = None,
        listener: Listener | None = None,
    ) -> Self:
        """Go once through some sequences, on from where the model is.

        The first call measures the channels, whose scales then stay. One network learns, unless `members` says more.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the class of each.
            classes: all classes that will ever come; needed by the first call on a model that has not been fitted.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: receives events.

        Raises:
            DataError: the sequences or classes do not hold what they must, or a class is none of `classes`.
            SettingError: an argument of the constructor is out of its bounds, or the classes are not given.
        """
        settings = self._settings()
        refuse_balance(settings)
        started = hasattr(self, "bundle_")
        known = told_classes(classes, self.classes_ if started else None)
        sequences = read_sequences(self, X, fitting=not started)
        given = _classes(y, sequences)
        weights = example_weights(sample_weight, self.class_weight, given, known)
        sequences, given, weights = counting(sequences, given, weights)
        labelled = _labelled(sequences, given)
        if started:
            task = self.bundle_.task
        else:
            task = classification_of(labelled, _names(known), settings.model)
        self._train_once(task, labelled, settings, weights, listener)
        self.classes_ = known
        return self

    def predict_proba(self, X: object) -> Array:  # noqa: N803
        """`(sequences, classes)` float64: the probability of each class, in the order of `classes_`.

        A sequence's answer does not depend on the sequences beside it.
        """
        outputs = self._outputs(X)
        return np.asarray(self.bundle_.task.objective.probabilities(outputs).numpy())

    def predict(self, X: object) -> Array:  # noqa: N803
        """`(sequences,)`: the most probable class of each."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])


def _classes(y: object, sequences: Sequences) -> Array:
    column = column_of(y, "y", sequences)
    if column.dtype.kind == "f" and not np.isfinite(column).all():
        raise DataError("y must not be missing or infinite.", "Leave these sequences out.")
    try:
        check_classification_targets(column)
    except ValueError as error:
        raise DataError(f"y must be classes. {error}", "longshort.SequenceRegressor learns numbers.") from None
    return column


def _labelled(sequences: Sequences, classes: Array) -> Sequences:
    return dataclasses.replace(sequences, targets=tuple(_names(classes)))


def _names(classes: Array) -> list[str]:
    return [str(each) for each in classes.tolist()]
