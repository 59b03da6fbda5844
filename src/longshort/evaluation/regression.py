"""How near the answers of a regression are: each number computed in one place."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from longshort.errors import DataError
from longshort.plain import Plain

__all__ = ["RegressionMetrics", "regression_metrics"]


@dataclass(frozen=True, kw_only=True)
class RegressionMetrics:
    """How near answers are to the truth.

    Attributes:
        examples: number of examples.
        mae: mean absolute error, in the unit of the targets.
        rmse: root of the mean squared error, in the unit of the targets.
        r2: share of the targets' variance that the answers explain: 1 at best, 0 for their mean, below for worse; None
            where the targets are all the same.
        bias: mean of answer minus truth, in the unit of the targets.
    """

    examples: int
    mae: float
    rmse: float
    r2: float | None
    bias: float

    def to_dict(self) -> Plain:
        """The fields as JSON holds them."""
        return asdict(self)


def regression_metrics(predictions: ArrayLike, targets: ArrayLike) -> RegressionMetrics:
    """Measure a regression's answers.

    Args:
        predictions: `(examples,)` float, in the unit of the targets.
        targets: `(examples,)` float: the truth.

    Raises:
        DataError: not one finite prediction per finite target, or no example.
    """
    answers, truth = np.asarray(predictions, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    if truth.ndim != 1 or answers.shape != truth.shape or not len(truth):
        raise DataError(
            "Predictions and targets have the shape (examples,) with at least one example; "
            f"got {answers.shape} and {truth.shape}.",
            "Give one number per example for both.",
        )
    if not bool(np.isfinite(answers).all() and np.isfinite(truth).all()):
        raise DataError(
            "Predictions and targets are finite numbers. Got NaN or infinity.",
            "Leave the examples without a target out.",
        )
    return RegressionMetrics(
        examples=len(truth),
        mae=float(mean_absolute_error(truth, answers)),
        rmse=float(root_mean_squared_error(truth, answers)),
        r2=float(r2_score(truth, answers)) if truth.min() < truth.max() else None,
        bias=float((answers - truth).mean()),
    )
