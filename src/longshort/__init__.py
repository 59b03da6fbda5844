"""longshort: train, see through and ship LSTMs on an ordinary computer."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from longshort.version import __version__

if TYPE_CHECKING:
    from longshort.estimators import TextClassifier, load
    from longshort.lstm import LSTM
    from longshort.ragged import Ragged

__all__ = ["LSTM", "Ragged", "TextClassifier", "__version__", "load"]

# Loaded when first asked for: importing longshort loads no torch.
_HOMES = {
    "LSTM": "longshort.lstm",
    "Ragged": "longshort.ragged",
    "TextClassifier": "longshort.estimators",
    "load": "longshort.estimators",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'longshort' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
