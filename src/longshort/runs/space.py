"""What a search may choose: for each setting that is worth it, the values that are sensible."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from longshort.config import (
    ForecastRunSettings,
    RegressionRunSettings,
    RunSettings,
    SequenceRunSettings,
    Settings,
)

__all__ = ["SPACES", "Choice", "Knob", "Range", "space"]


class Trial(Protocol):
    """What is used of an optuna trial."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float: ...
    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


@dataclass(frozen=True)
class Range:
    """A number from `low` to `high`; on a logarithmic scale where what counts is the ratio."""

    name: str
    low: float
    high: float
    log: bool = False

    def suggest(self, trial: Trial) -> float:
        """A value for this trial, of three digits, so that it can be typed again."""
        return float(f"{trial.suggest_float(self.name, self.low, self.high, log=self.log):.3g}")


@dataclass(frozen=True)
class Choice:
    """One of several values."""

    name: str
    values: tuple[Any, ...]

    def suggest(self, trial: Trial) -> Any:
        """A value for this trial."""
        return trial.suggest_categorical(self.name, list(self.values))


Knob = Range | Choice

SIZES = (32, 64, 128, 256)
POOLING = Choice("pooling", ("last", "mean", "max", "mean+max"))
TRAINING: tuple[Knob, ...] = (
    Range("learning_rate", 3e-4, 3e-2, log=True),
    Range("weight_decay", 1e-4, 0.3, log=True),
    Range("output_dropout", 0.0, 0.7),
)

SEQUENCES: tuple[Knob, ...] = (
    *TRAINING,
    Choice("front", ("conv", "none")),
    Choice("filters", (16, *SIZES[:3])),
    Choice("hidden_size", (16, *SIZES[:3])),
    Choice("num_layers", (1, 2)),
    POOLING,
)

SPACES: dict[type[RunSettings], tuple[Knob, ...]] = {
    Settings: (
        *TRAINING,
        Range("word_dropout", 0.0, 0.7),
        Choice("embedding_size", SIZES),
        Choice("hidden_size", SIZES),
        Choice("num_layers", (1, 2)),
        POOLING,
    ),
    SequenceRunSettings: SEQUENCES,
    RegressionRunSettings: SEQUENCES,
    # Trend, logarithm and context are chosen in each training by itself.
    ForecastRunSettings: (
        Range("learning_rate", 1e-4, 1e-2, log=True),
        Range("weight_decay", 1e-3, 1.0, log=True),
        Range("dropout", 0.0, 0.5),
        Choice("hidden_size", (16, *SIZES[:3])),
        Choice("num_layers", (1, 2)),
        Choice("linear", (True, False)),
    ),
}
"""What is searched, by the settings of the task; the defaults are among the values."""


def space(kind: type[RunSettings], fixed: Collection[str]) -> tuple[Knob, ...]:
    """What is searched where some settings are fixed."""
    return tuple(knob for knob in SPACES[kind] if knob.name not in fixed)
