"""Everything that can be set, with its unit and bounds.

One definition serves the Python API, the stored `config.json` and the command line.
"""

from __future__ import annotations

import importlib
import warnings
from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.config.base import RunSettings, Section
    from longshort.config.forecast import ForecastDataSettings, ForecastModelSettings
    from longshort.config.sequences import SequenceDataSettings, SequenceModelSettings
    from longshort.config.texts import TextDataSettings, TextModelSettings, TokenizerSettings
    from longshort.config.training import TrainingSettings
    from longshort.kinds import ForecastRunSettings, RegressionRunSettings, SequenceRunSettings, TextRunSettings

__all__ = [
    "ForecastDataSettings",
    "ForecastModelSettings",
    "ForecastRunSettings",
    "RegressionRunSettings",
    "RunSettings",
    "Section",
    "SequenceDataSettings",
    "SequenceModelSettings",
    "SequenceRunSettings",
    "TextDataSettings",
    "TextModelSettings",
    "TextRunSettings",
    "TokenizerSettings",
    "TrainingSettings",
]

# Loaded when first asked for: a model of one kind needs the settings of no other.
_HOMES = {
    "ForecastDataSettings": "longshort.config.forecast",
    "ForecastModelSettings": "longshort.config.forecast",
    "ForecastRunSettings": "longshort.kinds",
    "RegressionRunSettings": "longshort.kinds",
    "RunSettings": "longshort.config.base",
    "Section": "longshort.config.base",
    "SequenceDataSettings": "longshort.config.sequences",
    "SequenceModelSettings": "longshort.config.sequences",
    "SequenceRunSettings": "longshort.kinds",
    "TextDataSettings": "longshort.config.texts",
    "TextModelSettings": "longshort.config.texts",
    "TextRunSettings": "longshort.kinds",
    "TokenizerSettings": "longshort.config.texts",
    "TrainingSettings": "longshort.config.training",
}

_RENAMED = {
    "DataSettings": "TextDataSettings",
    "ForecastSettings": "ForecastDataSettings",
    "ModelSettings": "TextModelSettings",
    "SequenceSettings": "SequenceDataSettings",
    "Settings": "TextRunSettings",
}
"""Names of earlier versions, and what they are called now."""

if not TYPE_CHECKING:  # to a type checker every name would be there
    _find = lazily(__name__, _HOMES)

    def __getattr__(name: str) -> object:
        if name in _RENAMED:
            message = f"longshort.config.{name} is now called {_RENAMED[name]}; the old name will be removed."
            warnings.warn(message, DeprecationWarning, stacklevel=2)
            return _find(_RENAMED[name])
        if name in ("PRESETS", "TASKS"):
            warnings.warn(f"longshort.config.{name} will be removed.", DeprecationWarning, stacklevel=2)
            registry = importlib.import_module("longshort.kinds.registry")
            every = {each: registry.kind_of(each).settings for each in registry.names()}
            return every if name == "TASKS" else {k: v for each in every.values() for k, v in each.presets.items()}
        return _find(name)
