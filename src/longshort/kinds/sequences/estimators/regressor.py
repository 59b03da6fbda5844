"""`SequenceRegressor`: the number of each sequence of numbers."""

from __future__ import annotations

import dataclasses
from typing import Self, Unpack, final

import numpy as np
from sklearn.base import RegressorMixin

from longshort.data.sequences import Sequences
from longshort.errors import DataError
from longshort.estimators.arguments import constructor
from longshort.estimators.base import Array
from longshort.estimators.sample_weights import example_weights
from longshort.kinds.sequences.estimators.arrays import column_of, read_sequences
from longshort.kinds.sequences.estimators.base import (
    LEFT_OUT,
    OWN,
    SequenceArguments,
    SequenceEstimator,
    counting,
    with_groups,
)
from longshort.kinds.sequences.fitting import regression_of
from longshort.kinds.sequences.settings import RegressionRunSettings
from longshort.kinds.sequences.tasks import SequenceRegression
from longshort.training import Listener

__all__ = ["SequenceRegressor"]


@final
class SequenceRegressor(RegressorMixin, SequenceEstimator[SequenceRegression, RegressionRunSettings]):  # type: ignore[misc]
    """Answers each sequence of numbers with a number, found by convolutions and an LSTM.

    Every argument is a setting of `longshort train` with its name and its default (see `longshort.config`), but for
    two. `validation_share` of 5,000 sequences or more chooses the
    best epoch; of fewer, none.

    Args:
        warm_start: `fit` continues from the weights and scales of the fit before.
        checkpoints: a folder in which `fit` is kept while it lasts; the same fit, begun again after it was killed, goes
            on from there and ends with the same bits. None keeps nothing.

    Attributes:
        n_features_in_: steps of each sequence, where it was fitted on a table.
        history_: one record per epoch.
        best_epoch_: the epoch whose weights are kept, counted from 1.

    Example:
        >>> model = SequenceRegressor().fit(series, numbers)  # doctest: +SKIP
        >>> model.predict(new_series)  # doctest: +SKIP
    """

    _kind = RegressionRunSettings
    _make = staticmethod(regression_of)

    @constructor(RegressionRunSettings, left_out=LEFT_OUT, own=OWN)
    def __init__(self, **arguments: Unpack[SequenceArguments]) -> None:
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
        """Train on sequences and their numbers.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the number of each.
            groups: `(sequences,)`: the subject or source of each, which is never on both sides of the split.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: receives events.

        Raises:
            DataError: the sequences, numbers, groups or weights do not hold what they must.
            SettingError: an argument of the constructor is out of its bounds.
            NonFiniteError: the loss became NaN or infinite.
            KeyboardInterrupt: Ctrl-C, which finishes the step; the best epoch so far is kept, if there is one.
        """
        settings = self._settings()
        sequences = with_groups(read_sequences(self, X, fitting=True), groups)
        found, weights = _weighed(sequences, y, sample_weight)
        self._train(found, [], settings, weights, listener)
        return self

    def partial_fit(
        self,
        X: object,  # noqa: N803
        y: object,
        *,
        sample_weight: object = None,
        listener: Listener | None = None,
    ) -> Self:
        """Go once through some sequences, on from where the model is.

        The first call measures the channels and the numbers, whose scales then stay. One network learns, unless
        `members` says more.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the number of each.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: receives events.

        Raises:
            DataError: the sequences or numbers do not hold what they must.
            SettingError: an argument of the constructor is out of its bounds.
        """
        settings = self._settings()
        started = hasattr(self, "bundle_")
        sequences = read_sequences(self, X, fitting=not started)
        found, weights = _weighed(sequences, y, sample_weight)
        if started:
            task = self.bundle_.task
        else:
            task = regression_of(found, [], settings.model)
        self._train_once(task, found, settings, weights, listener)
        return self

    def predict(self, X: object) -> Array:  # noqa: N803
        """`(sequences,)` float64, in the unit of the targets.

        A sequence's answer does not depend on the sequences beside it.
        """
        outputs = self._outputs(X)
        return np.asarray(self.bundle_.task.objective.answers(outputs).numpy())


def _weighed(sequences: Sequences, y: object, sample_weight: object) -> tuple[Sequences, Array | None]:
    """The sequences that count, with their targets, and their weights."""
    targets = _numbers(y, sequences)
    weights = example_weights(sample_weight, None, targets, ())
    sequences, targets, weights = counting(sequences, targets, weights)
    return dataclasses.replace(sequences, targets=targets), weights


def _numbers(y: object, sequences: Sequences) -> Array:
    column = column_of(y, "y", sequences)
    try:
        numbers = column.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"y must be numbers: {error}.", "longshort.SequenceClassifier learns classes.") from None
    wrong = np.flatnonzero(~np.isfinite(numbers))
    if len(wrong):
        raise DataError(
            f"y must be finite numbers. Got {numbers[wrong[0]]} at index {wrong[0]}.", "Leave these sequences out."
        )
    return numbers
