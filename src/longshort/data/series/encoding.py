"""`ForecastEncoding`: how windows become numbers near 1, fitted on the training part and stored with a model."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self, final

import numpy as np

from longshort.data.series.container import SeriesSet
from longshort.data.series.steps import Step
from longshort.data.strict_json import read_json
from longshort.errors import BundleError
from longshort.plain import Plain

__all__ = ["TRENDS", "ForecastEncoding", "Trend"]

Array = np.ndarray[Any, Any]
Trend = Literal["none", "level", "last", "season"]

TRENDS: tuple[Trend, ...] = ("none", "level", "last", "season")
"""What a window is measured against: the mean of its whole series, its own mean, its last value, or, each step ahead,
the value a season before."""

_DAMAGED = "Store the model again."
_FLAT = 1e-12  # of the size of a column: below this, its deviation is rounding
MOST = 1_000_000
MOST_CONTEXTS = 16


@final
@dataclass(frozen=True)
class ForecastEncoding:
    """The shape of a window, and means and scales of the training part.

    Args:
        trends: what windows are measured against: a network is trained for each, and their answers are averaged.
        context: past steps of a window, at least 1.
        horizon: steps ahead, at least 1.
        season: steps after which a series repeats itself; 1 for none.
        step: the grid.
        target: the name of what is forecast.
        known, past: names of the covariates.
        known_scaling, past_scaling: mean and scale of each.
        series_scaling: mean and scale of the values of each series by its name; "none" measures against them.
        logarithm: whether windows are of the values' logarithms, in which a growth by shares is a straight line.
        contexts: past steps of the windows of several networks, whose answers are averaged; `context` alone where
            there are none.
    """

    trends: tuple[Trend, ...]
    context: int
    horizon: int
    season: int
    step: Step
    target: str
    known: tuple[str, ...]
    past: tuple[str, ...]
    known_scaling: tuple[tuple[float, float], ...]
    past_scaling: tuple[tuple[float, float], ...]
    series_scaling: dict[str, tuple[float, float]]
    logarithm: bool = False
    contexts: tuple[int, ...] = ()

    @classmethod
    def fit(
        cls,
        series: SeriesSet,
        *,
        trends: Sequence[Trend],
        context: int,
        horizon: int,
        season: int,
        logarithm: bool = False,
        contexts: Sequence[int] = (),
    ) -> Self:
        """Means and scales of a training part; what is known of the time after it plays no part.

        Args:
            series: the training part alone.
            trends, context, horizon, season, logarithm, contexts: as above.

        Raises:
            DataError: the logarithm is to be taken, and a value is not above 0.
        """
        series = series.logarithms() if logarithm else series
        known = np.concatenate([each.known[: len(each)] for each in series])
        past = np.concatenate([each.past for each in series])
        return cls(
            tuple(trends),
            context,
            horizon,
            season,
            series.step,
            series.target,
            series.known,
            series.past,
            _scaling(known),
            _scaling(past),
            {each.name: _scaling(each.values[:, None])[0] for each in series},
            logarithm,
            tuple(contexts),
        )

    def each(self) -> Iterator[tuple[Trend, Self]]:
        """What the windows of each network are measured against, and their encoding: trend by trend, each context."""
        for trend in self.trends:
            for context in self.contexts or (self.context,):
                yield trend, replace(self, context=context)

    @property
    def least(self) -> int:
        """Past values that a forecast needs."""
        return max(2, self.season) if "season" in self.trends else 2

    @property
    def features(self) -> int:
        """Numbers per step that enter the network: the value, whether the step lies ahead, the past and the known
        covariates, sines and cosines of the calendar."""
        return 2 + len(self.past) + self.known_features

    @property
    def known_features(self) -> int:
        """The last of the features: those that are known ahead."""
        return len(self.known) + 2 * len(self.step.cycles)

    def scaled_known(self, known: Array) -> Array:
        """`(steps, known)`: each column less its mean, by its scale."""
        return _scaled(known, self.known_scaling)

    def scaled_past(self, past: Array) -> Array:
        """`(steps, past)`: each column less its mean, by its scale."""
        return _scaled(past, self.past_scaling)

    def to_json(self) -> str:
        """What `from_json` reads."""
        content = {field.name: getattr(self, field.name) for field in fields(self)} | {"step": self.step.to_dict()}
        if not self.contexts:
            del content["contexts"]
        return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The encoding that `to_json` wrote.

        Raises:
            BundleError: the text is anything else.
        """
        try:
            content = read_json(text)
            # What was stored before there were several contexts does not name them.
            if not isinstance(content, dict) or {*content, "contexts"} != {field.name for field in fields(cls)}:
                raise ValueError("its keys are not those of an encoding")
            content.setdefault("contexts", [])
            return cls(**_checked(content))
        except (ValueError, TypeError, OverflowError) as error:
            raise BundleError(f"The encoding of a forecast must be as it was stored: {error}.", _DAMAGED) from None


def _scaling(columns: Array) -> tuple[tuple[float, float], ...]:
    """Mean and standard deviation of each column, `(steps, columns)`; a constant column has the scale 1."""
    if not len(columns):
        return tuple((0.0, 1.0) for _ in range(columns.shape[1]))
    means, deviations = columns.mean(axis=0), columns.std(axis=0)
    size = np.abs(columns).max(axis=0)
    scales = np.where(deviations > _FLAT * size, deviations, 1.0)
    return tuple((float(mean), float(scale)) for mean, scale in zip(means, scales, strict=True))


def _scaled(columns: Array, scaling: tuple[tuple[float, float], ...]) -> Array:
    table = np.array(scaling, dtype=np.float64).reshape(-1, 2)
    found: Array = (columns - table[:, 0]) / table[:, 1]
    return found


def _checked(content: Plain) -> Plain:
    trends = content["trends"]
    if not isinstance(trends, list) or not trends or any(each not in TRENDS for each in trends):
        raise ValueError(f"trends must be among {', '.join(TRENDS)}")
    if len(set(trends)) < len(trends):
        raise ValueError("trends must differ")
    content |= {"trends": tuple(trends)}
    for name in ("context", "horizon", "season"):
        if not _is_count(content[name]):
            raise ValueError(f"{name} must be a whole number from 1 to {MOST:,}")
    contexts = content["contexts"]
    if not isinstance(contexts, list) or len(contexts) > MOST_CONTEXTS or not all(map(_is_count, contexts)):
        raise ValueError(f"contexts must be at most {MOST_CONTEXTS} whole numbers from 1 to {MOST:,}")
    content |= {"contexts": tuple(contexts)}
    if not isinstance(content["target"], str):
        raise ValueError("target must be text")
    if not isinstance(content["logarithm"], bool):
        raise ValueError("logarithm must be true or false")
    content |= {"step": Step.from_dict(content["step"])}
    for name in ("known", "past"):
        names = content[name]
        if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
            raise ValueError(f"{name} must be a list of names")
        content |= {name: tuple(names), f"{name}_scaling": _pairs(content[f"{name}_scaling"], len(names))}
    scaling = content["series_scaling"]
    if not isinstance(scaling, dict) or not scaling:
        raise ValueError("series_scaling must name at least one series")
    pairs = _pairs(list(scaling.values()), len(scaling))
    return content | {"series_scaling": dict(zip(scaling, pairs, strict=True))}


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST


def _pairs(values: object, count: int) -> tuple[tuple[float, float], ...]:
    if not isinstance(values, Sequence) or isinstance(values, str) or len(values) != count:
        raise ValueError(f"there must be {count} pairs of a mean and a scale")
    pairs = []
    for pair in values:
        if not isinstance(pair, list) or len(pair) != 2 or any(type(each) not in (int, float) for each in pair):
            raise ValueError("a scaling must be a mean and a scale")
        mean, scale = (float(each) for each in pair)
        if not (math.isfinite(mean) and math.isfinite(scale) and scale > 0):
            raise ValueError("a mean and a scale must be finite, and the scale above 0")
        pairs.append((mean, scale))
    return tuple(pairs)
