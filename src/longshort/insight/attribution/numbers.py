"""`explain_numbers`: which steps, and which channels, of a sequence of numbers made the answer what it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from longshort.errors import SettingError, nearest
from longshort.insight.attribution.integrated_gradients import integrate
from longshort.insight.subject import Subject, evaluating, subject_of
from longshort.plain import Plain
from longshort.ragged import Ragged

__all__ = ["StepContributions", "explain_numbers"]


@final
@dataclass(frozen=True, eq=False, repr=False)
class StepContributions:
    """What each value of a sequence contributes to the score: above zero for the class, below zero against it.

    Args:
        values: `(steps, channels)` float64, in the unit of the score.
        channels: their names.
        label: the class; empty for a regression.
        scale: what the score is: log-odds of the class, its logit above the mean of the others, or the number itself.
        score: of the sequence.
        baseline_score: of one as long that is at the mean of each channel throughout.
        probabilities: the model's answer, the probability of each class; empty for a regression.
        evaluations: changed sequences that were answered for it.
        jumps: how much of the score, up and down, the way from the baseline takes in jumps.
    """

    values: npt.NDArray[np.float64]
    channels: tuple[str, ...]
    label: str
    scale: str
    score: float
    baseline_score: float
    probabilities: Mapping[str, float]
    evaluations: int
    jumps: float

    def __repr__(self) -> str:
        step, channel = self.strongest(1)[0]
        where = f"step {step}, {self.channels[channel]} {self.values[step, channel]:+.2f}"
        return f"StepContributions(to {self.scale}: {where}, of {len(self.values)} steps)"

    @property
    def steps(self) -> npt.NDArray[np.float64]:
        """`(steps,)`: the contribution of each step, over all channels."""
        return np.asarray(self.values.sum(axis=1))

    @property
    def by_channel(self) -> dict[str, float]:
        """The contribution of each channel, over all steps."""
        return dict(zip(self.channels, self.values.sum(axis=0).tolist(), strict=True))

    @property
    def completeness_error(self) -> float | None:
        """What the contributions miss of the difference of the scores, as a share of it; None if there is none."""
        difference = self.score - self.baseline_score
        return abs(float(self.values.sum()) - difference) / abs(difference) if difference else None

    def strongest(self, count: int) -> list[tuple[int, int]]:
        """Step and channel of the values that contribute most, for or against, the strongest first."""
        order = np.argsort(-np.abs(self.values), axis=None, kind="stable")[:count]
        return [(int(place) // self.values.shape[1], int(place) % self.values.shape[1]) for place in order]

    def to_dict(self) -> Plain:
        """Everything as plain data."""
        return {
            "label": self.label,
            "probabilities": dict(self.probabilities),
            "scale": self.scale,
            "score": self.score,
            "baseline_score": self.baseline_score,
            "completeness_error": self.completeness_error,
            "evaluations": self.evaluations,
            "jumps": self.jumps,
            "channels": list(self.channels),
            "values": self.values.tolist(),
        }

    def to_json(self) -> str:
        """`to_dict` as one JSON object."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True, eq=False)
class _Score:
    """A weighted sum of the outputs of a network of numbers, and a constant."""

    network: nn.Module
    readout: Tensor
    offset: float = 0.0

    def of_vectors(self, vectors: Ragged) -> Tensor:
        """`(batch,)` scores of encoded sequences `(steps, features)`."""
        scores: Tensor = self.network(vectors) @ self.readout + self.offset
        return scores


def explain_numbers(
    model: object, given: object, *, label: str | None = None, tolerance: float = 0.01
) -> StepContributions | list[StepContributions]:
    """Share out the score of a sequence among its values, by integrated gradients (Sundararajan, Taly & Yan 2017).

    The way begins at a sequence as long that is at the mean of each channel throughout. The score is the log-odds of
    the class (of more than two classes: its logit less the mean of the others), or the predicted number. What it
    matters that a value was missing counts for its channel.

    Args:
        model: of sequences of numbers: what `longshort.load` gives, or a loaded bundle.
        given: an array `(steps,)` or `(steps, channels)`, or a list of them.
        label: the class; the model's answer when not given.
        tolerance: share of the difference of the scores that may be missing.

    Raises:
        SettingError: the model is none of numbers, or has no such class.
        DataError: what is given is no sequence of such channels.
    """
    subject = subject_of(model)
    if subject.numbers is None or subject.task is None:
        raise SettingError(
            f"The model must be one of sequences of numbers, with its encoding. Got {type(model).__name__}.",
            "longshort.explain takes text models too.",
        )
    reading = subject.read(given)
    with evaluating(subject.module):
        found = [_explain(subject, each, label, tolerance) for each in reading.inputs]
    return found[0] if reading.alone else found


def _explain(subject: Subject, inputs: Tensor, label: str | None, tolerance: float) -> StepContributions:
    network, encoding = subject.module, subject.task.encoding
    probabilities = (subject.scores(Ragged.from_list([inputs])) or [{}])[0]
    if not encoding.labels:
        wanted, name = "", "the predicted number"
        score = _Score(network, torch.tensor([encoding.target_scale]), encoding.target_mean)
    else:
        wanted = max(probabilities, key=probabilities.__getitem__) if label is None else label
        readout, name = _readout(encoding.labels, wanted)
        score = _Score(network, readout)
    found = integrate(score, inputs, torch.zeros_like(inputs[0]), tolerance, by_feature=True)
    count = len(encoding.channels)
    values = found.values[:, :count] + (found.values[:, count:] if encoding.masked else 0.0)
    return StepContributions(
        values=values,
        channels=encoding.channels,
        label=wanted,
        scale=name,
        score=found.score,
        baseline_score=found.baseline_score,
        probabilities=probabilities,
        evaluations=found.points,
        jumps=found.jumps,
    )


def _readout(labels: list[str], label: str) -> tuple[Tensor, str]:
    """The weight of each output in the score of a class, and what the score is."""
    if label not in labels:
        raise SettingError(
            f"The class must be one that the model knows: {', '.join(labels[:20])}. Got {label!r}.",
            nearest(label, labels) or "Name one of them, written as it is there.",
        )
    code = labels.index(label)
    if len(labels) == 2:
        return torch.tensor([1.0 if code else -1.0]), f"log-odds of {label}"
    own = torch.nn.functional.one_hot(torch.tensor(code), len(labels)).float()
    return own - (1 - own) / (len(labels) - 1), f"logit of {label} above the mean of the others"
