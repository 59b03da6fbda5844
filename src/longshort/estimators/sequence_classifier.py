"""`SequenceClassifier`: the class of each sequence of numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Self, final

import numpy as np
from sklearn.utils.multiclass import check_classification_targets

from longshort.data.sequences import SequenceEncoding, Sequences
from longshort.errors import DataError
from longshort.estimators.base import Array
from longshort.estimators.classes import Classifier
from longshort.estimators.inputs import column_of, read_sequences
from longshort.estimators.sequence import Front, Pooling, Schedule, SequenceEstimator, counting, with_groups
from longshort.estimators.weights import ClassWeight, example_weights, refuse_balance, told_classes
from longshort.tasks import SequenceClassification
from longshort.training import Listener

__all__ = ["SequenceClassifier"]


@final
class SequenceClassifier(Classifier, SequenceEstimator):
    """Classifies sequences of numbers with convolutions and an LSTM.

    Every argument is a setting of `longshort train` with its name and its default (see `longshort.config`), but for
    three. `validation_share` of 5,000 sequences or more chooses the
    best epoch; of fewer, none.

    Args:
        class_weight: how much each class counts in the loss: "balanced", a mapping of classes to weights, or None, for
            each sequence as much as any other.
        warm_start: `fit` goes on from the weights, scales and classes of the fit before.
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

    def __init__(
        self,
        *,
        validation_share: float = 0.1,
        front: Front = "conv",
        filters: int = 64,
        hidden_size: int = 64,
        num_layers: int = 1,
        bidirectional: bool = True,
        pooling: Pooling = "mean+max",
        layer_dropout: float = 0.2,
        output_dropout: float = 0.3,
        members: int | None = None,
        epochs: int | None = None,
        batch_tokens: int | None = None,
        learning_rate: float = 3e-3,
        schedule: Schedule = "one-cycle",
        averaging: float = 0.998,
        weight_decay: float = 0.01,
        gradient_clip: float = 1.0,
        patience: int | None = None,
        class_weight: ClassWeight = None,
        statistics: bool = True,
        memory_limit: int | str | None = None,
        warm_start: bool = False,
        checkpoints: Path | str | None = None,
        seed: int = 0,
    ) -> None:
        self.validation_share = validation_share
        self.front = front
        self.filters = filters
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.pooling = pooling
        self.layer_dropout = layer_dropout
        self.output_dropout = output_dropout
        self.members = members
        self.epochs = epochs
        self.batch_tokens = batch_tokens
        self.learning_rate = learning_rate
        self.schedule = schedule
        self.averaging = averaging
        self.weight_decay = weight_decay
        self.gradient_clip = gradient_clip
        self.patience = patience
        self.class_weight = class_weight
        self.statistics = statistics
        self.memory_limit = memory_limit
        self.warm_start = warm_start
        self.checkpoints = checkpoints
        self.seed = seed

    def fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        *,
        groups: Any = None,
        sample_weight: Any = None,
        listener: Listener | None = None,
    ) -> Self:
        """Train on sequences and their classes.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the class of each (str, int, bool).
            groups: `(sequences,)`: the subject or source of each, which is never on both sides of the split.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: is told what happens.

        Raises:
            DataError: the sequences, classes, groups or weights do not hold what they must.
            SettingError: an argument of the constructor is out of its bounds.
            NonFiniteError: the loss became NaN or infinite.
            KeyboardInterrupt: Ctrl-C, which finishes the step; the best epoch so far is kept, where there is one.
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
        X: Any,  # noqa: N803
        y: Any,
        *,
        classes: Any = None,
        sample_weight: Any = None,
        listener: Listener | None = None,
    ) -> Self:
        """Go once through some sequences, on from where the model is.

        The first call measures the channels, whose scales then stay. One network learns, unless `members` says more.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the class of each.
            classes: all classes that will ever come; needed by the first call on a model that has not been fitted.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: is told what happens.

        Raises:
            DataError: the sequences or classes do not hold what they must, or a class is none of `classes`.
            SettingError: an argument of the constructor is out of its bounds, or the classes are not told.
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
            task = SequenceClassification(SequenceEncoding.fit(labelled, labels=_names(known)), settings.model)
        self._train_once(task, labelled, settings, weights, listener)
        self.classes_ = known
        return self

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """`(sequences, classes)` float64: the probability of each class, in the order of `classes_`.

        A sequence's answer does not depend on the sequences beside it.
        """
        outputs = self._outputs(X)
        return np.asarray(self.bundle_.task.objective.probabilities(outputs).numpy())

    def predict(self, X: Any) -> Array:  # noqa: N803
        """`(sequences,)`: the most probable class of each."""
        probabilities = self.predict_proba(X)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])


def _classes(y: Any, sequences: Sequences) -> Array:
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
