"""How good a forecast is: a backtest on the part held out, the baselines from the same origins, the verdict."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

import numpy as np
from matplotlib.figure import Figure
from torch import nn

from longshort.artifacts.bundle import Bundle
from longshort.data.series import SeriesSet, open_series, stored_columns
from longshort.errors import UserError
from longshort.evaluation.backtest import Backtest, backtest, scaled_crps
from longshort.evaluation.error_comparison import ErrorComparison, compare_errors
from longshort.evaluation.forecast_verdict import ForecastFacts, judge_forecast
from longshort.evaluation.verdict import Verdict
from longshort.figures.forecast import forecast as forecast_figure
from longshort.kinds.forecast.ahead import kept_series
from longshort.kinds.forecast.fitting import FittedForecast
from longshort.kinds.forecast.preparing import PreparedForecast
from longshort.kinds.forecast.settings import ForecastRunSettings
from longshort.kinds.forecast.task import Forecasting
from longshort.kinds.seam import Evaluation, Judgement
from longshort.plain import Plain
from longshort.training import Listener

__all__ = ["ForecastJudgement", "compared_loss", "evaluate", "judge_forecasts", "judge_run"]

Array = np.ndarray[Any, Any]

ORIGINS = 20_000
"""Origins from which a backtest forecasts at most; of more, every second one, or third, and so on."""


@dataclass(frozen=True, eq=False)
class ForecastJudgement:
    """What a backtest found.

    Args:
        found: the answers of the model and of the baselines, and how good they are.
        comparisons: the model against each baseline, by its name.
        verdict: the honest sentences.
        stride: steps from one origin to the next.
        series: what was forecast.
        starts: `(series,)` int64: where the part held out begins.
        target: the name of what is forecast.
    """

    found: Backtest
    comparisons: Mapping[str, ErrorComparison]
    verdict: Verdict
    stride: int
    series: SeriesSet
    starts: Array

    @property
    def metrics(self) -> Plain:
        """The model's, as plain data."""
        return self.found.model.to_dict() | {"stride": self.stride}

    @property
    def baselines(self) -> dict[str, Plain]:
        """Each baseline's metrics, with its comparison, as plain data."""
        return {
            name: metrics.to_dict()
            | {"comparison": self.comparisons[name].to_dict(), "seconds": self.found.baselines[name].seconds}
            for name, metrics in self.found.baseline_metrics.items()
        }

    def table(self) -> Plain:
        """One row for each origin and step ahead: the series, the times, the truth, every quantile, every baseline."""
        step, horizon = self.series.step, self.found.model.horizon
        names, origins, times = [], [], []
        for each, own in zip(self.series, self.found.origins, strict=True):
            texts = [step.text(each.start + place) for place in range(len(each))]
            for origin in own.tolist():
                names += [each.name] * horizon
                origins += [texts[origin]] * horizon
                times += texts[origin : origin + horizon]
        levels = {f"q{level:g}": self.found.quantiles[..., i].ravel() for i, level in enumerate(self.found.levels)}
        return {
            **({"series": names} if self.series.named else {}),
            "origin": origins,
            "time": times,
            "ahead": np.tile(np.arange(1, horizon + 1), sum(map(len, self.found.origins))),
            "truth": self.found.truth.ravel(),
            **levels,
            **{name: baseline.values.ravel() for name, baseline in self.found.baselines.items()},
        }

    def figures(self) -> dict[str, Callable[[], Figure]]:
        """What draws the last forecast of each series, beside what came."""
        draw = partial(forecast_figure, self._panels(), self.found.levels, target=self.series.target)
        return {"forecast.png": draw}

    def _panels(self) -> list[Plain]:
        panels, place, text = [], 0, self.series.step.text
        horizon = self.found.model.horizon
        for each, own in zip(self.series, self.found.origins, strict=True):
            place += len(own)
            if not len(own):
                continue
            origin = int(own[-1])
            times = [text(each.start + step) for step in range(origin + horizon)]
            panels.append(
                {
                    "name": each.name,
                    "past_times": times[:origin],
                    "past": each.values[:origin],
                    "times": times[origin:],
                    "quantiles": self.found.quantiles[place - 1],
                    "truth": self.found.truth[place - 1],
                }
            )
        return panels


def judge_forecasts(
    task: Forecasting, networks: nn.ModuleList, series: SeriesSet, starts: Array, **course: Any
) -> ForecastJudgement:
    """Forecast from every origin of the last part of each series, and compare with the baselines.

    Args:
        task: what was learnt.
        networks: trained on what comes before `starts` alone.
        series: the whole series.
        starts: `(series,)` int64: where the part held out begins.
        course: what is known of the training, as `ForecastFacts` has it.

    Raises:
        DataError: no origin has a whole horizon of values after it, or the series are unlike those of the training.
    """
    encoding = task.encoding
    stride = _stride(series, starts)
    found = backtest(
        lambda whole, origins: task.predict(networks, whole, origins),
        task.settings.quantiles,
        series,
        starts,
        horizon=encoding.horizon,
        season=encoding.season,
        stride=stride,
    )
    comparisons = _compare(found, series, stride)
    verdict = judge_forecast(ForecastFacts(backtest=found, comparisons=comparisons, **course))
    return ForecastJudgement(found, comparisons, verdict, stride, series, starts)


def compared_loss(task: Forecasting, networks: nn.ModuleList, series: SeriesSet, starts: Array) -> float:
    """The scaled CRPS from every origin of the last part of each series; arguments as for `judge_forecasts`."""
    return scaled_crps(
        lambda whole, origins: task.predict(networks, whole, origins),
        task.settings.quantiles,
        series,
        starts,
        horizon=task.encoding.horizon,
        season=task.encoding.season,
        stride=_stride(series, starts),
    )


def _stride(series: SeriesSet, starts: Array) -> int:
    return max(1, math.ceil(int((series.lengths - starts).sum()) / ORIGINS))


def _compare(found: Backtest, series: SeriesSet, stride: int) -> dict[str, ErrorComparison]:
    moments = np.concatenate([each.start + own for each, own in zip(series, found.origins, strict=True)])
    ours = np.abs(found.truth - found.quantiles[..., found.levels.index(0.5)]).mean(axis=1)
    horizon = found.model.horizon
    return {
        name: compare_errors(ours, np.abs(found.truth - each.values).mean(axis=1), moments, horizon, stride)
        for name, each in found.baselines.items()
    }


def judge_run(
    fitted: FittedForecast, prepared: PreparedForecast, settings: ForecastRunSettings, listener: Listener
) -> Judgement:
    """Evaluate from every origin of the split held out; see `Kind.judge`."""
    series, starts = prepared.series, prepared.parts["test"].begins
    held = int((series.lengths - starts).sum())
    for note in fitted.task.notes(series):
        listener.note(note)
    listener.stage(f"Forecasting, step by step, the {held:,} steps held out; the baselines too")
    judged = judge_forecasts(
        fitted.task,
        fitted.networks,
        series,
        starts,
        history=fitted.result.history,
        best_epoch=fitted.result.best_epoch,
        stopped_early=fitted.result.ended == "patience",
        schedule=settings.training.schedule,
    )
    return Judgement(
        part="test",
        metrics=judged.metrics,
        train_metrics={},
        baselines=judged.baselines,
        verdict=judged.verdict,
        errors=[],
        tables={"predictions.parquet": judged.table(), "series.parquet": stored_columns(series)},
        figures=judged.figures(),
    )


def evaluate(
    run: Path | str,
    bundle: Bundle[Forecasting, ForecastRunSettings],
    data: object,
    settings: ForecastRunSettings,
    listener: Listener,
) -> Evaluation:
    """On the end of each series, as long as the settings say; what comes before is what the baselines are fitted on."""
    listener.stage(f"Reading {data}")
    series = open_series(data, settings.data, step=bundle.task.encoding.step)
    for note in [*series.notes, *bundle.task.notes(series)]:
        listener.note(note)
    horizon = bundle.task.encoding.horizon
    starts = series.holdout(share=settings.data.test_share, steps=settings.data.test_steps, least=horizon)
    listener.stage(f"Forecasting the last {int((series.lengths - starts).sum()):,} steps; the baselines too")
    networks = cast("nn.ModuleList", bundle.network)
    judged = judge_forecasts(bundle.task, networks, series, starts, seen=_steps_seen(run, bundle, series, starts))
    return Evaluation(series.source, bundle.task.name, judged.metrics, judged.baselines, judged.verdict, [])


def _steps_seen(
    run: Path | str, bundle: Bundle[Forecasting, ForecastRunSettings], series: SeriesSet, starts: Array
) -> int:
    """How many steps from `starts` on the training has seen: they lie in its period, and have the same values.

    Args:
        run: a run directory, or a model's own folder in it.
        bundle: its model.
        series: that it is judged on.
        starts: `(series,)` int64: where the part begins that it is judged on.
    """
    data = bundle.settings.data
    try:
        kept = kept_series(run, bundle)
        if kept is None:
            return 0
        ends = kept.holdout(share=data.test_share, steps=data.test_steps, least=bundle.task.encoding.horizon)
    except UserError:  # damaged: what is known no longer is no reason not to judge
        return 0
    trained = {each.name: each.until(int(end)) for each, end in zip(kept, ends, strict=True)}
    seen = 0
    for each, start in zip(series, starts, strict=True):
        known = trained.get(each.name)
        if known is not None:
            first = max(each.start + int(start), known.start)
            last = max(min(each.start + len(each), known.start + len(known)), first)
            mine, theirs = (one.values[first - one.start : last - one.start] for one in (each, known))
            seen += int((mine == theirs).sum())
    return seen
