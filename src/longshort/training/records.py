"""The records of a training: the types of one line of its history."""

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
"""The kind of a group of weights."""


class GateStatistics(TypedDict):
    """Activity of a gate, as shares from 0 to 1.

    Keys:
        mean: mean activation over units and steps.
        low, high: share of values below 0.05, above 0.95.
        still: share of units that stay within a band 0.01 wide.
        shut: share of units that never exceed 0.05.
    """

    mean: float
    low: float
    high: float
    still: float
    shut: float


class ActivationStatistics(TypedDict):
    """Activity of candidates or hidden states.

    Keys:
        mean: mean absolute value over units and steps.
        saturated: share of absolute values above 0.95.
        still: share of units that stay within a band 0.01 wide.
    """

    mean: float
    saturated: float
    still: float


class PlaceStatistics(TypedDict):
    """Activity of the gates, the candidate and the hidden state of one layer and direction."""

    input: GateStatistics
    forget: GateStatistics
    output: GateStatistics
    candidate: ActivationStatistics
    hidden: ActivationStatistics


class GroupMoment(TypedDict):
    """A group of weights at one update, as Euclidean norms.

    Keys:
        gradient: its gradient, before the gradient of all weights was clipped to `gradient_clip`.
        update: its change by the update.
        weight: its weights before the update.
    """

    gradient: float
    update: float
    weight: float


class Moment(TypedDict):
    """One update, measured in detail.

    Keys:
        step: number of the update, counted from 1 over the whole training.
        groups: by name, such as "embedding", "lstm.l0.forget" and "linear".
        gates: by layer and direction, after the update, on a few examples of its batch, without dropout.
        reach: ten numbers, from the first tenth of a sequence to its last: the size of the loss gradient with respect
            to the LSTM's inputs there, as a share of the largest; may be empty.
    """

    step: int
    groups: dict[str, GroupMoment]
    gates: dict[str, PlaceStatistics]
    reach: list[float]


class GroupStatistics(TypedDict):
    """A group of weights at the end of an epoch.

    Keys:
        kind: its kind; the four gates of each layer and direction are separate groups.
        moved: distance from the initial weights, as a share of their norm; None if that norm is 0.
    """

    kind: Kind
    moved: float | None


class Dynamics(TypedDict):
    """The weights over an epoch; stored in an `EpochRecord` as `dynamics`.

    Covers the weights in training, not their running mean.

    Keys:
        steps: updates in the epoch.
        learning_rate: highest in the epoch.
        clip: norm to which larger gradients are clipped.
        clipped: share of the updates with a clipped gradient.
        gradient_median: median norm of the whole gradient before clipping; the largest is in the record.
        moved: distance of all weights from their initial values, as a share of the initial norm; None if that is 0.
        groups: by name.
        moments: the updates of the epoch that were measured in detail; may be empty.
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

    `train_loss` and `train_accuracy` come from the epoch's own steps: with dropout, and with weights that change from
    step to step. `gradient_norm` is the largest of the epoch before clipping to `gradient_clip`. `dynamics` is present
    if `longshort.training.statistics` recorded it.
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
