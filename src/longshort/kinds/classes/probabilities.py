"""The probability that a classifier gives to each class."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from longshort.networks import Dataset, predict_logits

__all__ = ["probabilities_of"]

Numbers = npt.NDArray[np.float64]


class _Objective(Protocol):
    def probabilities(self, logits: Tensor) -> Tensor: ...


class _Classification(Protocol):
    @property
    def objective(self) -> _Objective: ...


def probabilities_of(task: _Classification, network: nn.Module, examples: Dataset) -> Numbers:
    """Return the probability of each class for each example, `(examples, classes)`."""
    logits = predict_logits(network, examples)
    return np.asarray(task.objective.probabilities(logits.double()).numpy())
