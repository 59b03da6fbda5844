"""How sure it is that one model errs less than another, where the answers are numbers."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from longshort.errors import DataError
from longshort.evaluation.arrays import Floats
from longshort.plain import Plain

__all__ = ["ErrorComparison", "compare_errors"]

SIGNIFICANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class ErrorComparison:
    """Two models that answered the same with numbers; a positive difference is in favour of the first, ours.

    Attributes:
        moments: answers that stand apart in time; examples, if there is no time.
        difference: mean absolute error of the other less ours, in the unit of the targets.
        interval: its 95 % interval; None if there are too few moments for one.
        p_value: of "both err alike", two-sided; 1 if there are too few moments.
    """

    moments: int
    difference: float
    interval: tuple[float, float] | None
    p_value: float

    @property
    def outcome(self) -> Literal["better", "worse", "undecided"]:
        """Whether ours is better or worse; undecided unless the test says so at 5 %."""
        if self.p_value >= SIGNIFICANCE:
            return "undecided"
        return "better" if self.difference > 0 else "worse"

    def to_dict(self) -> Plain:
        """The fields and the outcome, as JSON holds them."""
        ends = None if self.interval is None else list(self.interval)
        return {**asdict(self), "interval": ends, "outcome": self.outcome}


def compare_errors(
    ours: ArrayLike, theirs: ArrayLike, moments: ArrayLike | None = None, horizon: int = 1, stride: int = 1
) -> ErrorComparison:
    """The test of Diebold & Mariano 1995 of equal absolute errors, as Harvey, Leybourne & Newbold 1997 corrected it.

    Forecasts from neighbouring origins share their future, so their errors are correlated: the variance of the mean
    includes the covariances over a horizon, with falling weights (Newey & West 1987) that keep it positive. Series that
    are forecast from the same moment are averaged first, since what moves one may move all. Without an order in time it
    is the paired t-test of the absolute errors.

    Args:
        ours, theirs: `(answers,)` absolute errors; of forecasts, the mean of each over its steps.
        moments: `(answers,)` int64: when each forecast was made; each answer stands for itself when not given.
        horizon: steps ahead of each.
        stride: steps from one moment to the next.

    Raises:
        DataError: the shapes differ, or there is no answer.
    """
    mine, other = np.asarray(ours), np.asarray(theirs)
    when = np.arange(len(mine)) if moments is None else np.asarray(moments)
    if mine.ndim != 1 or not len(mine) or not mine.shape == other.shape == when.shape:
        raise DataError(
            f"Models are compared by one error for each answer. Got {mine.shape}, {other.shape} and {when.shape}.",
            "Give the errors of the same examples.",
        )
    _, place = np.unique(when, return_inverse=True)
    gains = np.bincount(place, weights=other - mine) / np.bincount(place)
    count, difference = len(gains), float((other - mine).mean())
    error = _standard_error(gains, math.ceil(horizon / stride))
    if error is None:
        return ErrorComparison(moments=count, difference=difference, interval=None, p_value=1.0)
    half = float(stats.t.ppf(1 - SIGNIFICANCE / 2, count - 1)) * error
    p_value = float(2 * stats.t.sf(abs(difference) / error, count - 1)) if error > 0 else float(difference == 0)
    return ErrorComparison(
        moments=count, difference=difference, interval=(difference - half, difference + half), p_value=p_value
    )


def _standard_error(gains: Floats, reach: int) -> float | None:
    """Return that of the mean of a series, correlated over less than `reach` steps; None if the series is too short."""
    count = len(gains)
    correction = (count + 1 - 2 * reach + reach * (reach - 1) / count) / count
    if count <= reach or correction <= 0:
        return None
    around = gains - gains.mean()
    variance = float(around @ around)
    for lag in range(1, reach):
        variance += 2 * (1 - lag / reach) * float(around[lag:] @ around[:-lag])
    return math.sqrt(max(variance, 0.0)) / count / math.sqrt(correction)
