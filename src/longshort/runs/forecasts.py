"""The run of a forecast."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, final

import numpy as np
from torch import nn

from longshort.config import ForecastRunSettings
from longshort.data.series import SeriesSet, fingerprint, open_series, stored_columns
from longshort.errors import SettingError
from longshort.runs.forecast_judging import compared_loss, judge_forecasts
from longshort.runs.forecasting import FittedForecast, fit_forecast, shape_of
from longshort.runs.work import Judgement
from longshort.training import Checkpoints, Listener

__all__ = ["ForecastWork", "PreparedForecast", "SeriesPart"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class SeriesPart:
    """Some steps of each series.

    Args:
        series: all that is known up to the end of the part.
        begins: `(series,)` int64: where the part begins.
    """

    series: SeriesSet
    begins: Array

    @property
    def rows(self) -> Array:
        """`(steps,)` int64: its steps, series after series."""
        return np.concatenate([np.arange(b, n) for b, n in zip(self.begins, self.series.lengths, strict=True)])

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of all that is known up to its end."""
        return fingerprint(self.series)


@dataclass(frozen=True, eq=False)
class PreparedForecast:
    """Series cut in time; see `runs.work.Prepared`.

    Args:
        series: all of them.
        parts: "train", whose end validates, and "test".
        horizon: steps ahead: those that are set, or what suits the series.
        notes: sentences for the user.
    """

    series: SeriesSet
    parts: dict[str, SeriesPart]
    horizon: int
    notes: list[str]
    labels: list[str] = field(default_factory=list)
    multi_label: bool = False
    overlaps: dict[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What the data are called."""
        return self.series.source


@final
class ForecastWork:
    """One or many series over time; see `runs.work.Work`."""

    def prepare(
        self, data: Any, validation: Any, test: Any, settings: ForecastRunSettings, listener: Listener
    ) -> PreparedForecast:
        """Read, check, and hold out the end of each series.

        Raises:
            DataError: the data are no even series, or one is too short.
            SettingError: a file to validate or test on is given, or nothing is held out.
        """
        for name, given in (("validation", validation), ("test", test)):
            if given is not None:
                raise SettingError(
                    f"A forecast is judged by the end of its own series. Got a file with --{name}.",
                    "Put all rows into one file; --test-steps or --test-share says how much of its end is held out.",
                )
        if settings.data.test_steps is None and settings.data.test_share == 0:
            raise SettingError(
                "Some steps must be held out to judge the forecast by. Got a test_share of 0.",
                "Leave it at 0.2, or say how many with --test-steps.",
            )
        listener.stage(f"Reading {data}" if isinstance(data, str | Path) else "Reading the data")
        series = open_series(data, settings.data)
        horizon = shape_of(series, settings.data, settings.model).horizon
        starts = series.holdout(share=settings.data.test_share, steps=settings.data.test_steps, least=horizon)
        parts = {
            "train": SeriesPart(series.until(starts), np.zeros_like(starts)),
            "test": SeriesPart(series, starts),
        }
        return PreparedForecast(series, parts, horizon, list(series.notes))

    def fit(
        self,
        prepared: PreparedForecast,
        settings: ForecastRunSettings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[Any, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedForecast:
        """Choose on the end of the training part, then train on all of it; `folder` is not needed."""
        train = prepared.parts["train"].series
        fitted = fit_forecast(
            train,
            settings.data.replace(horizon=prepared.horizon),
            listener,
            model=settings.model,
            training=settings.training,
            checkpoints=checkpoints,
        )
        if on_better is not None:
            on_better(fitted.task, fitted.networks)
        return fitted

    loss_of_epochs = False
    """That of an epoch is in the scale of a window, and of one network of several."""

    def validation_loss(self, fitted: FittedForecast, prepared: PreparedForecast) -> float:
        """CRPS from every origin, as a share of the usual change of each series from season to season."""
        part = prepared.parts["validation"]
        return compared_loss(fitted.task, fitted.networks, part.series, part.begins)

    def judge(
        self, fitted: FittedForecast, prepared: PreparedForecast, settings: ForecastRunSettings, listener: Listener
    ) -> Judgement:
        """From every origin of the part held out, beside the last value, the season before, drift and ridge."""
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

    def describe_parts(self, prepared: PreparedForecast, fitted: FittedForecast) -> dict[str, dict[str, Any]]:
        """Source, series, steps, and from when to when."""
        mark = fingerprint(prepared.series)
        return {name: _describe(part) | {"fingerprint": mark} for name, part in prepared.parts.items()}

    def describe_inputs(self, fitted: FittedForecast) -> dict[str, Any]:
        """The shape of a window, and what was chosen on the validation part."""
        encoding = fitted.task.encoding
        return {
            "target": encoding.target,
            "context": max(encoding.contexts, default=encoding.context),
            "horizon": encoding.horizon,
            "season": encoding.season,
            "step": str(encoding.step),
            "known": list(encoding.known),
            "past": list(encoding.past),
            "trends": list(encoding.trends),
            "logarithm": encoding.logarithm,
            "chosen": fitted.choice.told(),
            "members": len(fitted.networks),
            "final_epochs": {trend: len(each.history) for trend, each in fitted.trained.items()},
        }


def _describe(part: SeriesPart) -> dict[str, Any]:
    text, each = part.series.step.text, part.series.series[0]
    return {
        "source": part.series.source,
        "rows": len(part.rows),
        "steps_known_ahead": part.series.steps_known_ahead,
        "series": len(part.series),
        "begins": text(each.start + int(part.begins[0])),
        "ends": text(each.start + len(each) - 1),
    }
