"""What models of sequences of numbers learn: a class, or a number."""

from __future__ import annotations

from typing import ClassVar, final

from longshort.config import SequenceModelSettings
from longshort.data.sequences import SequenceEncoding
from longshort.networks.classification_objective import ClassificationObjective
from longshort.networks.ensemble import Ensemble, ensemble_of
from longshort.networks.regression_objective import RegressionObjective
from longshort.networks.sequence_network import SequenceNetwork

__all__ = ["SequenceClassification", "SequenceRegression"]


@final
class SequenceClassification:
    """How numbers are scaled, the network, and what it is to learn.

    Args:
        encoding: the scaling and the labels, fitted on the training split.
        settings: the network's sizes, pooling and dropout, and how many there are; one where that is left open.
    """

    name: ClassVar[str] = "sequence-classification"

    def __init__(self, encoding: SequenceEncoding, settings: SequenceModelSettings) -> None:
        self.encoding = encoding
        self.settings = settings
        self.objective = ClassificationObjective(len(encoding.labels))

    def build(self) -> SequenceNetwork | Ensemble[SequenceNetwork]:
        """One network or several, with fresh weights, drawn from torch's global generator."""
        return ensemble_of(self._build_one, self.settings.members or 1)

    def _build_one(self) -> SequenceNetwork:
        return SequenceNetwork(self.encoding.features, self.objective.outputs, self.settings, self.encoding.steps)


@final
class SequenceRegression:
    """How numbers are scaled, the network, and what it is to learn.

    Args:
        encoding: the scaling of values and targets, fitted on the training split.
        settings: the network's sizes, pooling and dropout, and how many there are; one where that is left open.
    """

    name: ClassVar[str] = "sequence-regression"

    def __init__(self, encoding: SequenceEncoding, settings: SequenceModelSettings) -> None:
        self.encoding = encoding
        self.settings = settings
        self.objective = RegressionObjective(encoding.target_mean, encoding.target_scale)

    def build(self) -> SequenceNetwork | Ensemble[SequenceNetwork]:
        """One network or several, with fresh weights, drawn from torch's global generator."""
        return ensemble_of(self._build_one, self.settings.members or 1)

    def _build_one(self) -> SequenceNetwork:
        return SequenceNetwork(self.encoding.features, self.objective.outputs, self.settings, self.encoding.steps)
