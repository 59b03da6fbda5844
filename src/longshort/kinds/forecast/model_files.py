"""What `config.json` of a forecast holds."""

from __future__ import annotations

from typing import Literal

from longshort.artifacts.model_config import ModelConfig, StoredTask
from longshort.data.series import ForecastEncoding
from longshort.kinds.forecast.settings import ForecastRunSettings
from longshort.kinds.forecast.task import Forecasting

__all__ = ["ForecastConfig"]


class ForecastConfig(ModelConfig):
    """The settings of a forecast."""

    task: Literal["forecast"]
    settings: ForecastRunSettings

    def read_encoding(self, text: str, numbers: int) -> StoredTask:
        """Read the shape and scaling of windows."""
        encoding, model = ForecastEncoding.from_json(text), self.settings.model
        layers = model.num_layers * model.members * len(list(encoding.each()))
        return StoredTask(layers, lambda: Forecasting(encoding, model))
