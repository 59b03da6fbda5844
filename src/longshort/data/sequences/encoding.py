"""`SequenceEncoding`: how sequences of numbers become a network's inputs, fitted on the training split alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Self, final

import numpy as np
import numpy.typing as npt

from longshort.data.sequences.encoded import EncodedSequences
from longshort.data.sequences.gaps import gaps_in_prediction
from longshort.data.sequences.scaling import filled, measured
from longshort.data.sequences.sequences import Floats, Integers, Sequences
from longshort.data.sequences.stored import Kind, StoredEncoding
from longshort.data.sequences.targets import classes_of, in_order, numbers_of, value_of, values_of
from longshort.errors import DataError, nearest

__all__ = ["Kind", "SequenceEncoding"]

AnyArray = npt.NDArray[Any]
"""An array of numbers of any type."""


@final
class SequenceEncoding:
    """Scales of the channels, and the labels or the scale of the targets. No sequence depends on others in a batch.

    A value that is missing is the last one of its channel, before the first one its mean; where the training split had
    any, as many channels more say where: 1 if it was missing, else 0.

    Args:
        kind: "classification" or "regression".
        channels: their names, in the order of the values.
        means: of each channel, over the observed values of the training split.
        scales: their standard deviations; 1 for a channel that is constant.
        masked: whether there are channels that say what was missing.
        labels: names of the classes; the index is the class.
        target_mean, target_scale: of the targets of a regression.
        missing: the share of values of each channel that were missing in the training split; 0 when not given.
        steps: the median length of the sequences of the training split.
    """

    multi_label: ClassVar[bool] = False

    def __init__(
        self,
        *,
        kind: Kind,
        channels: Sequence[str],
        means: Sequence[float] | Floats,
        scales: Sequence[float] | Floats,
        masked: bool = False,
        labels: Sequence[str] = (),
        target_mean: float = 0.0,
        target_scale: float = 1.0,
        missing: Sequence[float] | Floats | None = None,
        steps: int = 1,
    ) -> None:
        self.kind: Kind = kind
        self.channels = tuple(channels)
        self.means = tuple(float(each) for each in means)
        self.scales = tuple(float(each) for each in scales)
        self.masked = masked
        self.labels = list(labels)
        self.target_mean = float(target_mean)
        self.target_scale = float(target_scale)
        self.steps = steps
        self.missing = (0.0,) * len(self.channels) if missing is None else tuple(float(each) for each in missing)
        self._codes = {label: code for code, label in enumerate(self.labels)}
        self._values = values_of(self.labels)

    @classmethod
    def fit(cls, sequences: Sequences, *, labels: Sequence[str] | None = None, kind: Kind | None = None) -> Self:
        """Measure the training split.

        Args:
            sequences: the training split, with its targets.
            labels: all classes; those of the split when not given, sorted, numbers by their value.
            kind: what is to be learnt. When not given, targets that are text make a classification, numbers a
                regression.

        Raises:
            DataError: there are no targets, or one class alone, or the targets of a regression are no numbers.
        """
        if sequences.targets is None:
            raise DataError(f"{sequences.name}: sequences to learn from must have targets. Got none.", "Give them too.")
        if not len(sequences):
            raise DataError(f"{sequences.name}: there must be sequences to learn from. Got none.", "Give some.")
        kind = kind or ("regression" if isinstance(sequences.targets, np.ndarray) else "classification")
        means, scales = measured(sequences.values)
        missing = np.isnan(sequences.values).mean(axis=0)
        found: dict[str, Any] = {"kind": kind, "channels": sequences.channels, "means": means, "scales": scales}
        found |= {"missing": missing, "masked": bool(missing.any()), "steps": int(np.median(sequences.lengths))}
        if kind == "regression":
            mean, scale = measured(numbers_of(sequences)[:, None])
            return cls(**found, target_mean=mean[0], target_scale=scale[0])
        names = list(labels) if labels is not None else in_order(classes_of(sequences))
        if len(names) < 2:
            raise DataError(
                f"{sequences.name}: there must be at least two classes. Got "
                f"{f'{names[0]!r} alone' if names else 'none'}.",
                "Give sequences of another class too.",
            )
        return cls(**found, labels=names)

    @property
    def features(self) -> int:
        """Numbers per step that enter the network."""
        return len(self.channels) * (1 + self.masked)

    def encode(self, sequences: Sequences) -> EncodedSequences:
        """What the network takes.

        Channels that have the names of training in another order are put into that of training.

        Raises:
            DataError: other channels than in training, a class that was not there, or a value too far from those of
                training for float32.
        """
        self.check_channels(sequences)
        ordered = self._ordered(sequences)
        starts = np.repeat(sequences.offsets[:-1], sequences.lengths)
        values = self._scaled(ordered, starts, np.array(self.means))
        if not np.isfinite(values).all():
            raise self._too_far(sequences, ordered, values)
        missing = np.isnan(ordered).mean(axis=0) if len(ordered) else np.zeros(len(self.channels))
        notes = () if self.masked else gaps_in_prediction(self.channels, missing)
        return EncodedSequences(values, sequences.lengths, self.targets(sequences), missing, notes)

    def scaled(self, values: Floats, last: Floats | None = None) -> npt.NDArray[np.float32]:
        """`(steps, features)` float32 of `(steps, channels)`, NaN if a value is missing.

        Args:
            values: the steps of one sequence, or a chunk of them.
            last: `(channels,)`: what `last_values` gave after the chunk before; the means when not given.

        Raises:
            DataError: a value is too far from those of training for float32.
        """
        before = np.array(self.means) if last is None else last
        found = self._scaled(values, np.zeros(len(values), dtype=np.int64), before)
        if not np.isfinite(found).all():
            step, feature = np.argwhere(~np.isfinite(found))[0]
            raise self._beyond(values[step, feature], f"step {step + 1}", int(feature))
        return found

    def last_values(self, values: Floats, last: Floats | None = None) -> Floats:
        """`(channels,)`: what stands for a value that is missing right after these."""
        full = np.concatenate([(np.array(self.means) if last is None else last)[None], values])
        places = np.where(np.isnan(full), 0, np.arange(len(full))[:, None]).max(axis=0)
        return np.asarray(full[places, np.arange(full.shape[1])])

    def targets(self, sequences: Sequences) -> AnyArray:
        """`(sequences,)` int64 class numbers, or float32 standardised numbers; zeros if none are known.

        Raises:
            DataError: a class that was not in the training split, or targets of the other kind.
        """
        if sequences.targets is None:
            return np.zeros(len(sequences), dtype=np.int64 if self.kind == "classification" else np.float32)
        if self.kind == "regression":
            with np.errstate(over="ignore"):
                numbers = ((numbers_of(sequences) - self.target_mean) / self.target_scale).astype(np.float32)
            beyond = np.flatnonzero(~np.isfinite(numbers))
            if len(beyond):
                raise DataError(
                    f"{sequences.name}: targets must be near those of training. Got {sequences.targets[beyond[0]]} at "
                    f"{sequences.origins[beyond[0]]}.",
                    "Mend it, or leave the sequence out.",
                )
            return numbers
        codes = [self._code(label, row, sequences) for row, label in enumerate(classes_of(sequences))]
        return np.array(codes, dtype=np.int64)

    def check_channels(self, sequences: Sequences) -> None:
        """Raise `DataError` where the channels are not as many as in training, or have other names."""
        count, given = len(self.channels), sequences.channels
        if len(given) != count:
            raise DataError(
                f"{sequences.name}: sequences must have {count} channel{'s' if count > 1 else ''}, as in training: "
                f"{_listed(self.channels)}. Got {len(given)}.",
                "Give the same channels in the same order.",
            )
        other = next((name for name in self.channels if name not in given), None)
        if other is not None and _are_names(self.channels) and _are_names(given):
            raise DataError(
                f"{sequences.name}: sequences must have the channels of training: {_listed(self.channels)}. There is "
                f"no {other!r}, but {_listed(given)}.",
                "Name the columns as in training, or choose them with --channels.",
            )

    def to_json(self) -> str:
        """Everything, as the text of an `encoding.json`; every number comes back exactly."""
        return StoredEncoding(
            kind=self.kind,
            channels=list(self.channels),
            means=list(self.means),
            scales=list(self.scales),
            missing=list(self.missing),
            masked=self.masked,
            labels=list(self.labels),
            target_mean=self.target_mean,
            target_scale=self.target_scale,
            steps=self.steps,
        ).model_dump_json(indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The encoding that `to_json` wrote.

        Raises:
            BundleError: the text holds none.
        """
        return cls(**StoredEncoding.read(text).model_dump())

    # --- parts of encoding ---

    def _scaled(self, values: Floats, starts: Integers, before: Floats) -> npt.NDArray[np.float32]:
        with np.errstate(over="ignore"):
            scaled = (filled(values, starts, before) - np.array(self.means)) / np.array(self.scales)
            parts = [scaled, np.isnan(values)] if self.masked else [scaled]
            return np.concatenate(parts, axis=1).astype(np.float32)

    def _ordered(self, sequences: Sequences) -> Floats:
        given = sequences.channels
        if given == self.channels or set(given) != set(self.channels) or len(set(given)) < len(given):
            return sequences.values
        return sequences.values[:, [given.index(name) for name in self.channels]]

    def _too_far(self, sequences: Sequences, values: Floats, scaled: npt.NDArray[np.float32]) -> DataError:
        step, channel = (int(each) for each in np.argwhere(~np.isfinite(scaled))[0])
        row = int(np.searchsorted(sequences.offsets, step, side="right")) - 1
        where = f"{sequences.origins[row]}, step {step - sequences.offsets[row] + 1}"
        error = self._beyond(values[step, channel], where, channel)
        return DataError(f"{sequences.name}: {error.message}", error.hint)

    def _beyond(self, value: float, where: str, channel: int) -> DataError:
        return DataError(
            f"values must be finite and near those of training. Got {value} at {where}, channel "
            f"{self.channels[channel]!r}, which was {self.means[channel]:g} ± {self.scales[channel]:g} in training.",
            "A missing value is NaN.",
        )

    def _code(self, label: str, row: int, sequences: Sequences) -> int:
        if label in self._codes:
            return self._codes[label]
        code = self._values.get(value_of(label)) if self._values else None
        if code is None:
            raise DataError(
                f"{sequences.name}: each class must be one of the training: {_listed(self.labels)}. Got {label!r} at "
                f"{sequences.origins[row]}.",
                nearest(label, self.labels) or "Leave these sequences out.",
            )
        return code


def _are_names(channels: Sequence[str]) -> bool:
    """Whether channels were named by the user; arrays have none, and any order is theirs."""
    return tuple(channels) not in (("value",), tuple(f"channel {number}" for number in range(len(channels))))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:20])) + (", ..." if len(names) > 20 else "")
