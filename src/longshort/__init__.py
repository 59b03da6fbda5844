"""longshort: train, see through and ship LSTMs on an ordinary computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily
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


__getattr__ = lazily(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
