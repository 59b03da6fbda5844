"""What a search over settings chooses from: sensible values for each setting that is worth a search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

__all__ = ["Choice", "Knob", "Range", "Trial"]


class Trial(Protocol):
    """What is used of an optuna trial."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """Return a number between the bounds."""
        ...

    def suggest_categorical(self, name: str, choices: list[Any]) -> Any:
        """Return one of the values."""
        ...


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
