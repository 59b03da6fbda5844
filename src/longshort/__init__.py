"""longshort: train, see through and ship LSTMs on an ordinary computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily
from longshort.version import __version__

if TYPE_CHECKING:
    from longshort.estimators import Forecaster, SequenceClassifier, SequenceRegressor, TextClassifier, load
    from longshort.insight.attribution.explaining import explain
    from longshort.insight.horizon import horizon
    from longshort.insight.tracing import trace
    from longshort.insight.units.study import units
    from longshort.insight.watch import watch
    from longshort.lstm import LSTM, EmbeddingLSTM
    from longshort.lstm.accelerate import accelerate, restore
    from longshort.ragged import Ragged

__all__ = [
    "LSTM",
    "EmbeddingLSTM",
    "Forecaster",
    "Ragged",
    "SequenceClassifier",
    "SequenceRegressor",
    "TextClassifier",
    "__version__",
    "accelerate",
    "explain",
    "horizon",
    "load",
    "restore",
    "trace",
    "units",
    "watch",
]

# Loaded on first use: importing longshort does not load torch.
_HOMES = {
    "EmbeddingLSTM": "longshort.lstm",
    "Forecaster": "longshort.estimators",
    "LSTM": "longshort.lstm",
    "Ragged": "longshort.ragged",
    "SequenceClassifier": "longshort.estimators",
    "SequenceRegressor": "longshort.estimators",
    "TextClassifier": "longshort.estimators",
    "accelerate": "longshort.lstm.accelerate",
    "explain": "longshort.insight.attribution.explaining",
    "horizon": "longshort.insight.horizon",
    "load": "longshort.estimators",
    "restore": "longshort.lstm.accelerate",
    "trace": "longshort.insight.tracing",
    "units": "longshort.insight.units.study",
    "watch": "longshort.insight.watch",
}

if not TYPE_CHECKING:  # with __getattr__, a type checker would accept any name
    __getattr__ = lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
