"""`SequenceRegressor`: the number of each sequence of numbers."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Self, final

import numpy as np
from sklearn.base import RegressorMixin

from longshort.data.sequences import SequenceEncoding, Sequences
from longshort.errors import DataError
from longshort.estimators.base import Array
from longshort.estimators.inputs import column_of, read_sequences
from longshort.estimators.sequence import Front, Pooling, Schedule, SequenceEstimator, counting, with_groups
from longshort.estimators.weights import example_weights
from longshort.runs.bundle import Bundle
from longshort.tasks import SequenceRegression
from longshort.training import Listener

__all__ = ["SequenceRegressor"]


@final
class SequenceRegressor(RegressorMixin, SequenceEstimator):  # type: ignore[misc]
    """Answers each sequence of numbers with a number, found by convolutions and an LSTM.

    Every argument is a setting of `longshort train` with its name and its default (see `longshort.config`), but for
    two. `validation_share` of 5,000 sequences or more chooses the
    best epoch; of fewer, none.

    Args:
        warm_start: `fit` goes on from the weights and scales of the fit before.
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
        """Train on sequences and their numbers.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the number of each.
            groups: `(sequences,)`: the subject or source of each, which is never on both sides of the split.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: is told what happens.

        Raises:
            DataError: the sequences, numbers, groups or weights do not hold what they must.
            SettingError: an argument of the constructor is out of its bounds.
            NonFiniteError: the loss became NaN or infinite.
            KeyboardInterrupt: Ctrl-C, which finishes the step; the best epoch so far is kept, where there is one.
        """
        settings = self._settings()
        sequences = with_groups(read_sequences(self, X, fitting=True), groups)
        found, weights = _weighed(sequences, y, sample_weight)
        self._train(found, [], settings, weights, listener)
        return self

    def partial_fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        *,
        sample_weight: Any = None,
        listener: Listener | None = None,
    ) -> Self:
        """Go once through some sequences, on from where the model is.

        The first call measures the channels and the numbers, whose scales then stay. One network learns, unless
        `members` says more.

        Args:
            X: the sequences, see `SequenceEstimator`.
            y: `(sequences,)`: the number of each.
            sample_weight: `(sequences,)`: how much each counts in the loss; one of 0 is left out.
            listener: is told what happens.

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
            task = SequenceRegression(SequenceEncoding.fit(found, kind="regression"), settings.model)
        self._train_once(task, found, settings, weights, listener)
        return self

    def predict(self, X: Any) -> Array:  # noqa: N803
        """`(sequences,)` float64, in the unit of the targets.

        A sequence's answer does not depend on the sequences beside it.
        """
        outputs = self._outputs(X)
        return np.asarray(self.bundle_.task.objective.answers(outputs).numpy())

    def _adopt(self, bundle: Bundle) -> None:
        self.bundle_ = bundle


def _weighed(sequences: Sequences, y: Any, sample_weight: Any) -> tuple[Sequences, Array | None]:
    """The sequences that count, with their targets, and their weights."""
    targets = _numbers(y, sequences)
    weights = example_weights(sample_weight, None, targets, ())
    sequences, targets, weights = counting(sequences, targets, weights)
    return dataclasses.replace(sequences, targets=targets), weights


def _numbers(y: Any, sequences: Sequences) -> Array:
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
