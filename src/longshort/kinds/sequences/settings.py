"""Settings of models of sequences of numbers."""

from __future__ import annotations

from longshort.config import RunSettings, SequenceDataSettings, SequenceModelSettings, TrainingSettings

__all__ = ["RegressionRunSettings", "SequenceRunSettings"]


class SequenceRunSettings(RunSettings):
    """All settings of a classifier of sequences of numbers."""

    kind = "sequence-classification"

    unused = frozenset({"pretraining_epochs", "embedding_rate"})

    data: SequenceDataSettings = SequenceDataSettings()
    model: SequenceModelSettings = SequenceModelSettings()
    training: TrainingSettings = TrainingSettings()


class RegressionRunSettings(SequenceRunSettings):
    """All settings of a regression on sequences of numbers."""

    kind = "sequence-regression"

    unused = SequenceRunSettings.unused | {"class_weights"}
