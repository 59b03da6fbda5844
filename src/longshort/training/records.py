"""The records of a training: what one line of its history holds."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

__all__ = [
    "ActivationStatistics",
    "Dynamics",
    "EpochRecord",
    "GateStatistics",
    "GroupMoment",
    "GroupStatistics",
    "Kind",
    "Moment",
    "PlaceStatistics",
]

Kind = Literal["embedding", "gate", "projection", "other"]


class GateStatistics(TypedDict):
    """What a gate does. All are shares, 0 to 1.

    Keys:
        mean: mean opening, over units and steps.
        low, high: values below 0.05, above 0.95.
        still: units that never leave a band 0.01 wide.
        shut: units that never come above 0.05.
    """

    mean: float
    low: float
    high: float
    still: float
    shut: float


class ActivationStatistics(TypedDict):
    """What candidates or hidden states do.

    Keys:
        mean: mean distance from 0, over units and steps.
        saturated: share of values beyond 0.95 on either side.
        still: share of units that never leave a band 0.01 wide.
    """

    mean: float
    saturated: float
    still: float


class PlaceStatistics(TypedDict):
    """What the gates, the candidate and the hidden state of one layer and direction do."""

    input: GateStatistics
    forget: GateStatistics
    output: GateStatistics
    candidate: ActivationStatistics
    hidden: ActivationStatistics


class GroupMoment(TypedDict):
    """A group of weights at one update; all are Euclidean norms.

    Keys:
        gradient: of its gradient, before the gradient of all weights was cut to `gradient_clip`.
        update: of the difference that the update made.
        weight: of the weights before it.
    """

    gradient: float
    update: float
    weight: float


class Moment(TypedDict):
    """One update, looked at closely.

    Keys:
        step: the update, counted from 1 over the whole training.
        groups: by name, such as "embedding", "lstm.l0.forget" and "linear".
        gates: by layer and direction, after the update, on a few examples of its batch, with dropout off.
        reach: ten numbers, from the first tenth of a sequence to its last: how large the gradient of the loss is with
            respect to what the LSTM reads there, as a share of the largest; may be empty.
    """

    step: int
    groups: dict[str, GroupMoment]
    gates: dict[str, PlaceStatistics]
    reach: list[float]


class GroupStatistics(TypedDict):
    """A group of weights at the end of an epoch.

    Keys:
        kind: what it is; the four gates of each layer and direction are a group each.
        moved: distance from the first weights, as a share of their norm; None where that is 0.
    """

    kind: Kind
    moved: float | None


class Dynamics(TypedDict):
    """How the weights of an epoch went; what an `EpochRecord` holds as `dynamics`.

    The weights are those in training, not their running mean.

    Keys:
        steps: updates in the epoch.
        learning_rate: the highest in the epoch.
        clip: the norm that larger gradients are cut to.
        clipped: share of the updates whose gradient was cut.
        gradient_median: of the norm of the whole gradient, before it was cut; its largest is in the record.
        moved: distance of all weights from the first ones, as a share of the first ones' norm; None where that is 0.
        groups: by name.
        moments: the updates of the epoch that were looked at closely; may be empty.
    """

    steps: int
    learning_rate: float
    clip: float
    clipped: float
    gradient_median: float
    moved: float | None
    groups: dict[str, GroupStatistics]
    moments: list[Moment]


class EpochRecord(TypedDict):
    """One line of the history. Losses are means over examples, in nats; accuracies are shares, None for regression.

    `train_loss` and `train_accuracy` are those of the epoch's own steps, with dropout on and weights that still move.
    `gradient_norm` is the largest of the epoch, before it was cut to `gradient_clip`. `dynamics` is there where
    `longshort.training.statistics` listened.
    """

    epoch: int
    train_loss: float
    train_accuracy: float | None
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    gradient_norm: float
    seconds: float
    dynamics: NotRequired[Dynamics]
