"""Correlations of units with what is known about tokens and texts, and how sure they are.

The tokens of one text are correlated, so a million tokens are not a million observations. The texts are distributed
over groups, and the jackknife over groups gives the error: each correlation is computed without each group in turn
(Shao & Wu 1989). Memory grows with the groups, not with the texts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal, final

import numpy as np
import numpy.typing as npt
import torch
from scipy import stats
from torch import Tensor

from longshort.plain import Plain

__all__ = ["Correlation", "Moments", "deal", "holm"]

GROUPS = 100
FEWEST_GROUPS = 10
"""With fewer texts than that nothing is said of how sure a correlation is."""

LEVEL = 0.95

Floats = npt.NDArray[np.float64]


@final
@dataclass(frozen=True)
class Correlation:
    """How a unit goes with one property.

    Args:
        property: what it is, for example "negation" or "label positive".
        over: "tokens": the unit's value at each token; or "texts": its mean over each text, or its highest value there.
        r: Pearson's correlation; for a property that is there or not, the point-biserial one.
        interval: its 95 % interval.
        p_value: of "no correlation", adjusted by Holm (1979) for all units and properties tested together.
    """

    property: str
    over: Literal["tokens", "texts"]
    r: float
    interval: tuple[float, float]
    p_value: float

    def to_dict(self) -> Plain:
        """The fields, as JSON holds them."""
        return {**asdict(self), "interval": list(self.interval)}


def deal(texts: int, seed: int = 0) -> tuple[npt.NDArray[np.int64], int]:
    """`(texts,)`: the group of each text, at random and equally many each; and how many groups there are."""
    groups = min(GROUPS, max(texts, 1))
    return np.random.default_rng(seed).permutation(texts) % groups, groups


@final
class Moments:
    """Sums over observations, kept for each group, from which all correlations of units and properties follow.

    Args:
        groups: how many there are.
        units: columns of the values.
        properties: columns of the properties.
    """

    def __init__(self, groups: int, units: int, properties: int) -> None:
        def zeros(*shape: int) -> Tensor:
            return torch.zeros(groups, *shape, dtype=torch.float64)

        self._count = zeros()
        self._value, self._value_square = zeros(units), zeros(units)
        self._property, self._property_square = zeros(properties), zeros(properties)
        self._product = zeros(properties, units)

    def add(self, group: Tensor, values: Tensor, properties: Tensor) -> None:
        """Take observations in.

        Args:
            group: `(observations,)` int64.
            values: `(observations, units)` floats.
            properties: `(observations, properties)` floats.
        """
        values, properties = values.double(), properties.double()
        self._count.index_add_(0, group, torch.ones(len(group), dtype=torch.float64))
        self._value.index_add_(0, group, values)
        self._value_square.index_add_(0, group, values.square())
        self._property.index_add_(0, group, properties)
        self._property_square.index_add_(0, group, properties.square())
        for number, column in enumerate(properties.T):
            there = column.nonzero()[:, 0]  # of most properties, few tokens
            self._product[:, number].index_add_(0, group[there], values[there] * column[there, None])

    @property
    def count(self) -> float:
        """Observations."""
        return float(self._count.sum())

    def means(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of each unit, `(units,)`."""
        mean = self._value.sum(0) / self.count
        variance = self._value_square.sum(0) / self.count - mean.square()
        return _numpy(mean), _numpy(variance.clamp(min=0).sqrt())

    def correlations(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The correlation of every property and unit; NaN if one of them never changes.

        Returns:
            r, the ends of its 95 % interval, and the p-value of "none", not adjusted; each `(properties, units)`. The
            interval and the test are those of Fisher's z with the jackknife's error; with fewer than ten groups, -1 to
            1, and 1.
        """
        sums = (
            self._count,
            self._value,
            self._value_square,
            self._property,
            self._property_square,
            self._product,
        )
        whole = _pearson(*(each.sum(0, keepdim=True) for each in sums))[0]
        groups = len(self._count)
        if groups < FEWEST_GROUPS:
            ones = torch.where(whole.isnan(), whole, 1.0)
            return _numpy(whole), _numpy(-ones), _numpy(ones), _numpy(ones)
        without = _fisher(_pearson(*(each.sum(0, keepdim=True) - each for each in sums)))
        error = ((groups - 1) / groups * (without - without.mean(0)).square().sum(0)).sqrt()
        z, reach = _fisher(whole), float(stats.t.ppf((1 + LEVEL) / 2, groups - 1)) * error
        p_value = 2 * stats.t.sf(_numpy((z / error.clamp(min=1e-12)).abs()), groups - 1)
        return _numpy(whole), _numpy((z - reach).tanh()), _numpy((z + reach).tanh()), p_value


def holm(p_values: Floats) -> Floats:
    """P-values adjusted so that, of all tests together, one wrong alarm or more is as rare as each says (Holm 1979).

    NaN stands for no test, and stays.
    """
    flat = p_values.ravel()
    tested = np.flatnonzero(~np.isnan(flat))
    order = tested[np.argsort(flat[tested], kind="stable")]
    adjusted = np.full(flat.shape, np.nan)
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(flat[order] * factors))
    return adjusted.reshape(p_values.shape)


def _pearson(count: Tensor, value: Tensor, value2: Tensor, prop: Tensor, prop2: Tensor, product: Tensor) -> Tensor:
    """`(..., properties, units)`, of sums `(..., units)` and `(..., properties)`; NaN if there is no variance."""
    n = count[..., None, None]
    value, value2, prop, prop2 = value[..., None, :], value2[..., None, :], prop[..., :, None], prop2[..., :, None]
    covariance = product - prop * value / n
    # What rounding leaves of a constant is no variance.
    value_variance, prop_variance = value2 - value.square() / n, prop2 - prop.square() / n
    moves = (value_variance > 1e-9 * value2) & (prop_variance > 1e-9 * prop2)
    r = covariance / (value_variance * prop_variance).clamp(min=1e-300).sqrt()
    return torch.where(moves, r.clamp(-1, 1), torch.nan)


def _fisher(r: Tensor) -> Tensor:
    return r.clamp(-1 + 1e-9, 1 - 1e-9).atanh()


def _numpy(tensor: Tensor) -> Floats:
    return np.asarray(tensor.numpy(), dtype=np.float64)
