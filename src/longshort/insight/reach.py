"""How far back one layer and direction of an LSTM reaches: its gradient by lag, and how long its units hold on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from longshort.insight.trace import Direction
from longshort.plain import Plain

__all__ = ["MODELS", "GradientCurve", "Reach", "half_life"]

Array = npt.NDArray[np.float64]

MODELS: dict[str, str] = {
    "trained": "LSTM as trained",
    "start": "LSTM at its start",
    "plain": "plain RNN at its start",
    "plain_orthogonal": "plain RNN, orthogonal start",
}
"""What is set side by side, and how it is called."""

BAND = (0.25, 0.75)


@final
@dataclass(frozen=True, eq=False, repr=False)
class GradientCurve:
    """The norm of d h_T / d x_(T-k) by lag k, over several examples.

    Args:
        norms: `(examples, lags)`: the Frobenius norm; NaN if an example has no input so far back.
    """

    norms: Array

    def __repr__(self) -> str:
        return f"GradientCurve({self.norms.shape[0]} examples, lags 0 to {self.norms.shape[1] - 1})"

    @property
    def count(self) -> npt.NDArray[np.int64]:
        """`(lags,)`: the examples that reach so far back."""
        return np.asarray((~np.isnan(self.norms)).sum(axis=0))

    @property
    def shares(self) -> Array:
        """`(examples, lags)`: each norm as a share of that of the last input; NaN if that one is 0."""
        first = self.norms[:, :1]
        return np.divide(self.norms, first, out=np.full_like(self.norms, np.nan), where=first > 0)

    @property
    def median(self) -> Array:
        """`(lags,)`: the median of the shares."""
        return _quantile(self.shares, 0.5)

    @property
    def band(self) -> tuple[Array, Array]:
        """The quartiles of the shares, each `(lags,)`: half of the examples lie between them."""
        low, high = (_quantile(self.shares, part) for part in BAND)
        return low, high

    def falls_to(self, share: float) -> int | None:
        """The lag from which on the median stays at or below `share` of that of the last input.

        None if it does not within the lags that were measured, or where there is nothing to measure.
        """
        median = self.median
        above = np.flatnonzero(median > share)
        lag = int(above[-1]) + 1 if len(above) else 0
        return lag if lag < len(median) and not np.isnan(median).any() else None

    def to_dict(self) -> Plain:
        """The curve as JSON holds it: medians and quartiles; a lag without a share has None."""
        low, high = self.band
        return {
            "half_lag": self.falls_to(0.5),
            "hundredth_lag": self.falls_to(0.01),
            "count": self.count.tolist(),
            "norm_median": numbers(_quantile(self.norms, 0.5)),
            "share_median": numbers(self.median),
            "share_low": numbers(low),
            "share_high": numbers(high),
        }


@final
@dataclass(frozen=True, eq=False, repr=False)
class Reach:
    """How far back one layer reaches in one direction.

    Args:
        layer: counted from 0.
        direction: "forward" or "reverse".
        curves: the gradient by lag, by the names of `MODELS`.
        half_lives: `(units,)` steps, of the model "as trained" and "at its start"; see `half_life`.
    """

    layer: int
    direction: Direction
    curves: Mapping[str, GradientCurve]
    half_lives: Mapping[str, Array]

    def __repr__(self) -> str:
        lags = ", ".join(f"{name} {curve.falls_to(0.5)}" for name, curve in self.curves.items())
        return f"Reach(layer {self.layer}, {self.direction}; half is gone after: {lags})"

    def longest_units(self, count: int = 5) -> list[tuple[int, float]]:
        """The units of the trained model that hold on longest, with their half-lives in steps, longest first."""
        lives = self.half_lives["trained"]
        return [(int(unit), float(lives[unit])) for unit in np.argsort(-lives, kind="stable")[:count]]

    def to_dict(self) -> Plain:
        """Everything as JSON holds it; an infinite half-life is None."""
        return {
            "layer": self.layer,
            "direction": self.direction,
            "curves": {name: curve.to_dict() for name, curve in self.curves.items()},
            "half_lives": {name: numbers(lives) for name, lives in self.half_lives.items()},
        }


def half_life(log_forget: Array) -> Array:
    """The steps after which a cell has forgotten half of what was in it, `(units,)`: ln(1/2) / mean(ln f).

    Over many steps a cell keeps the product of its forget gates, so their mean is the geometric one. Infinite where a
    gate was wide open at every step, and 0 if it was shut at one.

    Args:
        log_forget: the mean of ln f over all steps of all examples, `(units,)`, at most 0.
    """
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(2) / np.abs(log_forget))


def numbers(values: Array) -> list[float | None]:
    """A list for JSON, which has neither NaN nor infinity."""
    return [float(value) if np.isfinite(value) else None for value in values]


def _quantile(values: Array, part: float) -> Array:
    """Over the examples that have a value; NaN if none has."""
    found = np.full(values.shape[1], np.nan)
    known = (~np.isnan(values)).any(axis=0)
    if known.any():
        found[known] = np.nanquantile(values[:, known], part, axis=0)
    return found
