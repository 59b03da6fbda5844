"""Settings of a forecast."""

from __future__ import annotations

from longshort.config import ForecastDataSettings, ForecastModelSettings, RunSettings, TrainingSettings

__all__ = ["ForecastRunSettings"]


class ForecastRunSettings(RunSettings):
    """All settings of a forecast."""

    kind = "forecast"

    unused = frozenset({"pretraining_epochs", "embedding_rate", "class_weights"})

    data: ForecastDataSettings = ForecastDataSettings()
    model: ForecastModelSettings = ForecastModelSettings()
    # A constant rate, whose weights are averaged, may end after any epoch: the best one is then trained again to.
    training: TrainingSettings = TrainingSettings(
        learning_rate=1e-3, schedule="constant", averaging=0.99, weight_decay=0.1
    )
