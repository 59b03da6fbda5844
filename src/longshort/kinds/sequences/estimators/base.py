"""What the estimators of sequences of numbers share."""

from __future__ import annotations

import dataclasses
import warnings
from abc import abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from longshort.config import SequenceModelSettings
from longshort.data.sequences import Sequences, split_sequences
from longshort.estimators.arguments import TrainingArguments
from longshort.estimators.base import Array, Estimator, stop_if_interrupted
from longshort.estimators.fit_checkpoints import checkpoints_of
from longshort.kinds.seam import Splits
from longshort.kinds.sequences.estimators.arrays import column_of, read_sequences
from longshort.kinds.sequences.fitting import fit_sequences, fresh_network
from longshort.kinds.sequences.preparing import SequencePart
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.sequences.streaming import Stream
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
from longshort.kinds.sequences.training_length import for_sequences, validation_share
from longshort.networks import predict_logits
from longshort.training import Listener

if TYPE_CHECKING:
    from sklearn.utils import Tags

__all__ = ["LEFT_OUT", "OWN", "SequenceArguments", "SequenceEstimator", "counting", "with_groups"]

Front = Literal["conv", "none"]
Pooling = Literal["last", "mean", "max", "mean+max"]

TaskT = TypeVar("TaskT", SequenceClassification, SequenceRegression)
SettingsT = TypeVar("SettingsT", bound=SequenceRunSettings)


LEFT_OUT = (
    *("layout", "label", "id", "time", "channels", "group", "window", "stride"),
    *("encoding", "skip_bad", "test_share"),
)
"""Settings that say how files are read."""

OWN = {"warm_start": False, "checkpoints": None}
"""Arguments that are not settings."""


class SequenceArguments(TrainingArguments, total=False):
    """Arguments of the estimators of sequences, for type checkers."""

    front: Front
    filters: int
    bidirectional: bool
    pooling: Pooling
    layer_dropout: float
    output_dropout: float
    members: int | None
    warm_start: bool


class SequenceEstimator(Estimator[TaskT, SettingsT]):
    """A model of sequences of numbers; its subclasses say what it answers.

    Wherever sequences are taken, they are an array `(sequences, steps)` or `(sequences, steps, channels)`; a list of
    arrays `(steps,)` or `(steps, channels)`, of different lengths; or a frame with a row for each sequence, or with a
    row for each step (columns id, time, channels). NaN stands for a missing value.
    """

    checkpoints: Path | str | None

    @staticmethod
    @abstractmethod
    def _make(train: Sequences, labels: list[str], settings: SequenceModelSettings) -> TaskT:
        """Fit the encoding, and return the task."""

    def stream(self) -> Stream:
        """One sequence that is answered again and again while it grows, value by value or in chunks.

        Raises:
            SettingError: the model also reads from the end of a sequence; train it with `bidirectional=False`.
        """
        check_is_fitted(self, "bundle_")
        network: Any = self.bundle_.network
        return Stream(self.bundle_.task, network)

    def __sklearn_tags__(self) -> Tags:
        """What scikit-learn should know: missing values are taken, and arrays of three axes."""
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.three_d_array = True
        return tags

    def _train(
        self,
        sequences: Sequences,
        labels: list[str],
        settings: SettingsT,
        weights: Array | None,
        listener: Listener | None,
    ) -> None:
        """Train on sequences with their targets, and keep what comes of it.

        Args:
            sequences: with targets.
            labels: the classes in the order of their numbers; none for a regression.
            settings: all settings.
            weights: `(sequences,)`: how much each counts; or None.
            listener: receives events.
        """
        start, listener = self._start(settings), listener or Listener()
        share = validation_share(len(sequences), settings.data.validation_share)
        divided = split_sequences(sequences, validation_share=share, test_share=0.0, seed=settings.training.seed)
        rows = {"train": divided.train, "validation": divided.validation}
        parts = {name: SequencePart(sequences[each], each) for name, each in rows.items() if len(each)}
        prepared = Splits(parts, sequences.name, labels)
        with checkpoints_of(self.checkpoints, parts, settings, weights, start, listener) as checkpoints:
            fitted = fit_sequences(
                prepared, settings, listener, make=self._make, start=start, weights=weights, checkpoints=checkpoints
            )
            self._keep(fitted, settings)
            stop_if_interrupted(fitted.result)

    def _train_once(
        self,
        task: TaskT,
        sequences: Sequences,
        settings: SettingsT,
        weights: Array | None,
        listener: Listener | None,
    ) -> None:
        """Go once through sequences with their targets, on from where the model is, or from fresh weights."""
        if hasattr(self, "bundle_"):
            self._check_same_network(settings)
            network: Any = self.bundle_.network
        else:
            network = fresh_network(task, settings.training.seed)
        examples = task.encoding.encode(sequences)
        training = for_sequences(settings.training, examples.lengths)
        self._one_epoch(task, network, examples, settings, training, weights, listener or Listener())

    def _outputs(self, x: object) -> Tensor:
        """`(sequences, outputs)` float64 of the network."""
        check_is_fitted(self, "bundle_")
        examples = self.bundle_.task.encoding.encode(read_sequences(self, x, fitting=False))
        for note in examples.notes:
            warnings.warn(note, stacklevel=3)
        return predict_logits(self.bundle_.network, examples).double()


def with_groups(sequences: Sequences, groups: object) -> Sequences:
    """The same, with the group of each, which is never split across parts."""
    if groups is None:
        return sequences
    named = tuple(str(each) for each in column_of(groups, "groups", sequences).tolist())
    return dataclasses.replace(sequences, groups=named)


def counting(sequences: Sequences, targets: Array, weights: Array | None) -> tuple[Sequences, Array, Array | None]:
    """Those of a weight above 0, with their targets and weights."""
    if weights is None or weights.all():
        return sequences, targets, weights
    rows = np.flatnonzero(weights)
    return sequences[rows], targets[rows], weights[rows]
