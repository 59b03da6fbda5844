"""What the windows of a forecast are measured against: chosen on the end of the training part, and said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from longshort.data.series import TRENDS, ForecastEncoding, SeriesSet, Trend, Windows, every_origin
from longshort.errors import DataError
from longshort.kinds.forecast.start import linear_inputs, ridge_start

__all__ = ["Shape", "TrendChoice", "choose_trends", "training_windows"]

Array = np.ndarray[Any, Any]

FOLDS = 2
"""Parts at the end of the training period, each of which is forecast from what comes before it: one alone may be unlike
the rest."""

FEW = 10
"""Forecasts that do not overlap, in all validation parts together: with fewer, one odd season would choose, and the
average of all errs less than what looks best (docs/experiments.md)."""

HOPELESS = 3.0
"""Times the error of the best one, from which on even few forecasts show that a way to measure is of no use."""

_MEASURES = {
    "none": "the mean of its whole series",
    "level": "its own mean",
    "last": "its last value",
    "season": "the values a season before",
}


@dataclass(frozen=True)
class Shape:
    """What a window is like.

    Args:
        context: past steps.
        horizon: steps ahead.
        season: steps after which the series repeat themselves; 1 for none.
        contexts: past steps of several networks that answer together; none for `context` alone.
    """

    context: int
    horizon: int
    season: int
    contexts: tuple[int, ...] = ()

    def encoding(self, series: SeriesSet, trends: tuple[Trend, ...], *, logarithm: bool = False) -> ForecastEncoding:
        """Fitted on `series`."""
        return ForecastEncoding.fit(
            series,
            trends=trends,
            context=self.context,
            horizon=self.horizon,
            season=self.season,
            logarithm=logarithm,
            contexts=self.contexts,
        )


@dataclass(frozen=True)
class TrendChoice:
    """What was chosen, and why.

    Args:
        trends: whose forecasts are averaged.
        logarithm: whether the values' logarithms are forecast.
        errors: of every combination that was tried, by its trends: the mean absolute error of ridge regressions on the
            validation parts, as a share of the usual change from season to season; with or without logarithms, as was
            chosen. Empty where all was set.
        otherwise: the least of the errors the other way, with or without logarithms; None if it was not tried.
        few: whether the validation parts were too short to choose among the trends.
    """

    trends: tuple[Trend, ...]
    logarithm: bool
    errors: dict[tuple[Trend, ...], float]
    otherwise: float | None = None
    few: bool = False

    def describe(self) -> str:
        """One or two sentences for the user."""
        measured = " and ".join(_MEASURES[trend] for trend in self.trends)
        taken = " of logarithms" if self.logarithm else ""
        what = f"Each window{taken} is measured against {measured} (trend {'+'.join(self.trends)})"
        if not self.errors:
            return f"{what}, as was set."
        few = " The validation part is too short to choose among them: they are averaged." if self.few else ""
        return self._compared(what) + self._transform() + few

    def _transform(self) -> str:
        if self.otherwise is None:
            return ""
        other = "the values themselves" if self.logarithm else "their logarithms"
        return f" With {other} it would be {self.otherwise:.3f} at best."

    def _compared(self, what: str) -> str:
        single = {trends[0]: error for trends, error in self.errors.items() if len(trends) == 1}
        each = ", ".join(f"{trend} {error:.3f}" for trend, error in single.items())
        averaged = "" if len(self.trends) == 1 else ", averaged,"
        return (
            f"{what}: on the validation part ridge regressions so measured{averaged} err by "
            f"{self.errors[self.trends]:.3f} of the usual change from season to season; one by one: {each}."
        )


def choose_trends(
    series: SeriesSet, starts: Array, shape: Shape, trend: Trend | None = None, logarithm: str = "auto"
) -> TrendChoice:
    """Try every combination with ridge regressions, which take no time, and average what they answer.

    That an average of unlike forecasts errs less than each is among the oldest findings of the field (Bates & Granger
    1969), and that few data choose worse than the plain average of all is another (Smith & Wallis 2009).

    Args:
        series: the training period.
        starts: `(series,)` int64: where its validation part begins.
        shape: of a window.
        trend: the only one to try; all when not given.
        logarithm: "always" or "never" to take logarithms or not; "auto" tries both where all values are above 0.

    Raises:
        DataError: logarithms are to be taken, and a value is not above 0.
    """
    # A season of one step is the last value; and there must be a season before the first window.
    seasonal = shape.season > 1 and int(np.max(starts)) >= shape.season + shape.horizon
    tried = (trend,) if trend else tuple(each for each in TRENDS if seasonal or each != "season")
    both = (False, True) if series.positive else (False,)
    if logarithm == "always":
        series.logarithms()  # or the error, before anything is trained
    transforms = both if logarithm == "auto" else (logarithm == "always",)
    if len(tried) == len(transforms) == 1:
        return TrendChoice(tried, transforms[0], {})
    errors = {taken: _errors(series, starts, shape, tried, logarithm=taken) for taken in transforms}
    apart = sum(int((end - begin).sum()) for begin, end in _folds(series, starts, shape)) / shape.horizon
    few = apart < FEW and len(tried) > 1
    best = {taken: (_not_hopeless if few else _best)(found) for taken, found in errors.items()}
    least = {taken: errors[taken][trends] for taken, trends in best.items()}
    chosen = min(least, key=least.__getitem__)
    return TrendChoice(best[chosen], chosen, errors[chosen], least.get(not chosen), few and len(best[chosen]) > 1)


def _best(errors: dict[tuple[Trend, ...], float]) -> tuple[Trend, ...]:
    return min(errors, key=errors.__getitem__)


def _not_hopeless(errors: dict[tuple[Trend, ...], float]) -> tuple[Trend, ...]:
    """Those whose own error is not far above that of the best one."""
    single = {trends[0]: error for trends, error in errors.items() if len(trends) == 1}
    return tuple(trend for trend, error in single.items() if error <= HOPELESS * min(single.values()))


def _errors(
    series: SeriesSet, starts: Array, shape: Shape, tried: tuple[Trend, ...], *, logarithm: bool
) -> dict[tuple[Trend, ...], float]:
    """Errors of every combination, over the folds."""
    sums: dict[tuple[Trend, ...], float] = {}
    for begin, end in _folds(series, starts, shape):
        answers, truth, usual = _answers(series.until(end), begin, shape, tried, logarithm=logarithm)
        for count in range(1, len(tried) + 1):
            for chosen in combinations(tried, count):
                missed = np.abs(np.mean([answers[trend] for trend in chosen], axis=0) - truth)
                sums[chosen] = sums.get(chosen, 0.0) + float((missed / usual[:, None]).mean()) / FOLDS
    return sums


def training_windows(
    encoding: ForecastEncoding, series: SeriesSet, trend: Trend, starts: Array | None = None
) -> Windows:
    """All windows of `series`, or those from `starts` on.

    Raises:
        DataError: there is none.
    """
    origins = every_origin(series, encoding, starts)
    if not sum(map(len, origins)):
        raise DataError(
            f"{series.source}: a series must have {encoding.least + encoding.horizon} steps before its validation "
            f"part, to learn to look {encoding.horizon} ahead. The longest has {int(series.lengths.max())}.",
            "Give more history or a smaller horizon.",
        )
    return Windows(encoding, series, origins, trend)


def _folds(series: SeriesSet, starts: Array, shape: Shape) -> Iterator[tuple[Array, Array]]:
    """Where each part begins and ends, the latest first; an earlier one only where enough comes before it."""
    begin, end = starts, series.lengths
    yield begin, end
    for _ in range(FOLDS - 1):
        begin, end = 2 * begin - end, begin
        if bool((begin < max(2 * shape.season, shape.context) + 2 * shape.horizon).any()):
            return
        yield begin, end


def _answers(
    series: SeriesSet, starts: Array, shape: Shape, trends: tuple[Trend, ...], *, logarithm: bool
) -> tuple[dict[Trend, Array], Array, Array]:
    """What a ridge regression of each trend answers, what came, and the usual change of the series of each window."""
    early = series.until(starts)
    encoding = shape.encoding(early, trends, logarithm=logarithm)
    answers = {}
    for trend in trends:
        fit = ridge_start(training_windows(encoding, early, trend))
        windows = training_windows(encoding, series, trend, starts)
        answers[trend] = windows.decode(fit.answers(*linear_inputs(windows)))
    usual = np.array([_usual_change(each.values, shape.season) for each in early])
    return answers, windows.truth, usual[windows.which]


def _usual_change(values: Array, season: int) -> float:
    change = np.abs(values[season:] - values[:-season]).mean() if len(values) > season else 0.0
    return float(change) or 1.0
