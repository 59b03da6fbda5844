"""A ridge regression on windows: where the training of a forecast begins, and what chooses how windows are measured.

Least squares with a penalty has a closed form (Hoerl & Kennard 1970), so that it costs next to nothing beside the
training; the linear path of the network would take long to find the same weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from longshort.data.series import Windows

__all__ = ["LinearStart", "ridge_start"]

Array = np.ndarray[Any, Any]

PENALTIES = tuple(float(p) for p in 10.0 ** np.arange(-2, 5))
"""Per window would be another scale for each data set; these are on the sum of squares of numbers near 1."""

SHARE = 0.2  # of the windows, the latest, on which the penalty is chosen
SMALLEST = 1e-3  # deviation of an error, in the scale of a window: less would make the quantiles one


@dataclass(frozen=True, eq=False)
class LinearStart:
    """The linear path of a `ForecastNetwork`.

    Args:
        weights: `(horizon, context)` float64.
        known: `(horizon, known)` float64.
        bias: `(horizon,)` float64.
        deviations: `(horizon,)` float64: of the errors on the windows it was fitted on.
        penalty: that was chosen.
    """

    weights: Array
    known: Array
    bias: Array
    deviations: Array
    penalty: float

    def answers(self, lags: Array, known: Array) -> Array:
        """`(windows, horizon)` scaled answers, from `linear_inputs`."""
        covariates: Array = np.einsum("whk,hk->wh", known, self.known)
        found: Array = lags @ self.weights.T + covariates + self.bias
        return found


def ridge_start(windows: Windows) -> LinearStart:
    """Fit a ridge regression for each step ahead; the penalty is the one that does best on the latest windows.

    Args:
        windows: of a training part, all with values ahead.
    """
    lags, known = linear_inputs(windows)
    targets = windows.targets.astype(np.float64)
    early, late = _in_time(windows)
    penalty = PENALTIES[len(PENALTIES) // 2]
    if len(early) >= 2 and len(late):
        fits = _fit(lags[early], known[early], targets[early], PENALTIES)
        errors = [float(np.abs(fit.answers(lags[late], known[late]) - targets[late]).mean()) for fit in fits]
        penalty = PENALTIES[int(np.argmin(errors))]
    return _fit(lags, known, targets, (penalty,))[0]


def linear_inputs(windows: Windows) -> tuple[Array, Array]:
    """The values of the past, `(windows, context)`, 0 before a short one's first, and what is known ahead,
    `(windows, horizon, known)`; float64."""
    encoding = windows.encoding
    lags = np.zeros((len(windows), encoding.context))
    known = np.zeros((len(windows), encoding.horizon, encoding.known_features))
    for first in range(0, len(windows), 1024):
        rows = np.arange(first, min(first + 1024, len(windows)))
        inputs = windows.batch(rows).inputs
        values, ends = inputs.values.numpy(), inputs.offsets[1:].numpy()
        starts = inputs.offsets[:-1].numpy()
        where = ends[:, None] - encoding.horizon - encoding.context + np.arange(encoding.context)
        lags[rows] = np.where(where >= starts[:, None], values[np.maximum(where, 0), 0], 0.0)
        ahead = ends[:, None] - encoding.horizon + np.arange(encoding.horizon)
        known[rows] = values[ahead][..., encoding.features - encoding.known_features :]
    return lags, known


def _in_time(windows: Windows) -> tuple[Array, Array]:
    """Early windows whose steps ahead end before the late ones begin, by the share of each series' own origins."""
    early, late = [], []
    for index in np.unique(windows.which):
        rows = np.flatnonzero(windows.which == index)
        cut = windows.origin[rows[int(len(rows) * (1 - SHARE))]]
        late.append(rows[windows.origin[rows] >= cut])
        early.append(rows[windows.origin[rows] + windows.encoding.horizon <= cut])
    return np.concatenate(early), np.concatenate(late)


def _fit(lags: Array, known: Array, targets: Array, penalties: tuple[float, ...]) -> list[LinearStart]:
    """A fit for each penalty; each step ahead has covariates of its own, and so a system of its own."""
    horizon, context = targets.shape[1], lags.shape[1]
    weights = np.zeros((len(penalties), horizon, context + known.shape[2]))
    bias = np.zeros((len(penalties), horizon))
    lag_mean = lags.mean(axis=0)
    centered = lags - lag_mean
    gram = centered.T @ centered
    for step in range(horizon):
        mean = np.concatenate([lag_mean, known[:, step].mean(axis=0)])
        extra = known[:, step] - mean[context:]
        cross = centered.T @ extra
        roots, basis = np.linalg.eigh(np.block([[gram, cross], [cross.T, extra.T @ extra]]))
        goal = targets[:, step] - targets[:, step].mean()
        projected = basis.T @ np.concatenate([centered.T @ goal, extra.T @ goal])
        for index, penalty in enumerate(penalties):
            weights[index, step] = basis @ (projected / (np.maximum(roots, 0.0) + penalty))
        bias[:, step] = targets[:, step].mean() - weights[:, step] @ mean
    return [
        _measured(w[:, :context], w[:, context:], b, penalty, lags, known, targets)
        for w, b, penalty in zip(weights, bias, penalties, strict=True)
    ]


def _measured(
    weights: Array, known_weights: Array, bias: Array, penalty: float, lags: Array, known: Array, targets: Array
) -> LinearStart:
    fit = LinearStart(weights, known_weights, bias, np.ones(len(bias)), penalty)
    errors = fit.answers(lags, known) - targets
    return replace(fit, deviations=np.maximum(np.sqrt((errors**2).mean(axis=0)), SMALLEST))
