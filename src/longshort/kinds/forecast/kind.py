"""Forecasts: what comes next in one or many series."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, final

from longshort.errors import UserError
from longshort.kinds.base import Kind
from longshort.kinds.forecast.settings import ForecastRunSettings
from longshort.kinds.seam import Evaluation, Judgement, Request
from longshort.kinds.space import Choice, Knob, Range
from longshort.kinds.words import MAE, Card, Measure, Metric, Table, Words
from longshort.plain import Plain, PlainMapping

if TYPE_CHECKING:
    from torch import nn

    from longshort.artifacts.bundle import Bundle
    from longshort.kinds.answers import Answer
    from longshort.kinds.forecast.fitting import FittedForecast
    from longshort.kinds.forecast.forecaster import Forecaster
    from longshort.kinds.forecast.model_files import ForecastConfig
    from longshort.kinds.forecast.preparing import PreparedForecast
    from longshort.kinds.forecast.task import Forecasting
    from longshort.pages.evidence import Evidence
    from longshort.pages.section import Section
    from longshort.training import Checkpoints, Listener

    ForecastBundle = Bundle[Forecasting, ForecastRunSettings]

__all__ = ["KIND"]

INNER = 3
"""Parts at the end of a short training period, on each of which a search compares settings."""


@final
class ForecastKind(Kind[ForecastRunSettings, "Forecasting", "PreparedForecast", "FittedForecast"]):
    """One or many series over time."""

    name = "forecast"
    settings = ForecastRunSettings
    words = Words("forecast", "step", "steps and values", "step", "pinball loss, in the scale of a window")
    measure = Measure(
        metrics=(
            MAE,
            Metric("mase", "MASE"),
            Metric("smape", "sMAPE"),
            Metric("crps", "CRPS", has_unit=True),
        ),
        rises=False,
        better="nearer",
        count="forecasts",
        loss="CRPS as a share of the usual change from season to season",
    )
    # Trend, logarithm and context are chosen in each training.
    space: ClassVar[tuple[Knob, ...]] = (
        Range("learning_rate", 1e-4, 1e-2, log=True),
        Range("weight_decay", 1e-3, 1.0, log=True),
        Range("dropout", 0.0, 0.5),
        Choice("hidden_size", (16, 32, 64, 128)),
        Choice("num_layers", (1, 2)),
        Choice("linear", (True, False)),
    )
    analyses = frozenset({"forecast"})
    # The loss of an epoch is in the scale of a window, and of one network of several.
    loss_of_epochs = False

    def prepare(
        self, data: object, validation: object, test: object, settings: ForecastRunSettings, listener: Listener
    ) -> PreparedForecast:
        """Read, check, and hold out the end of each series."""
        from longshort.kinds.forecast.preparing import prepare_series

        return prepare_series(data, validation, test, settings, listener)

    def folds(
        self, data: object, settings: ForecastRunSettings, count: int, listener: Listener
    ) -> Iterator[PreparedForecast]:
        """Folds follow one another in time, each with all that comes before it, and nothing that comes after."""
        from longshort.data.series import open_series
        from longshort.kinds.forecast.folds import folds_of_time

        listener.stage(f"Reading {data}" if isinstance(data, str | Path) else "Reading the data")
        return folds_of_time(open_series(data, settings.data), settings, count)

    def inner_folds(self, prepared: PreparedForecast, settings: ForecastRunSettings) -> Sequence[PreparedForecast]:
        """Return the end of the training period, in parts where it is short."""
        from longshort.kinds.forecast.folds import inner_folds_of_time

        train, share = prepared.parts["train"].series, settings.data.validation_share
        return list(inner_folds_of_time(train, share, INNER, prepared.horizon))

    def fit(
        self,
        prepared: PreparedForecast,
        settings: ForecastRunSettings,
        listener: Listener,
        *,
        folder: Path | None = None,
        on_better: Callable[[Forecasting, nn.Module], None] | None = None,
        checkpoints: Checkpoints | None = None,
    ) -> FittedForecast:
        """Choose on the end of the training split, then train on all of it; `folder` is not used."""
        from longshort.kinds.forecast.fitting import fit_forecast

        fitted = fit_forecast(
            prepared.parts["train"].series,
            settings.data.replace(horizon=prepared.horizon),
            listener,
            model=settings.model,
            training=settings.training,
            checkpoints=checkpoints,
        )
        if on_better is not None:
            on_better(fitted.task, fitted.networks)
        return fitted

    def validation_loss(self, fitted: FittedForecast, prepared: PreparedForecast) -> float:
        """Return the CRPS from every origin, as a share of the usual change of each series from season to season."""
        from longshort.kinds.forecast.judging import compared_loss

        part = prepared.parts["validation"]
        return compared_loss(fitted.task, fitted.networks, part.series, part.begins)

    def judge(
        self, fitted: FittedForecast, prepared: PreparedForecast, settings: ForecastRunSettings, listener: Listener
    ) -> Judgement:
        """Evaluate from every origin of the split held out, beside the last value, the season before, drift, ridge."""
        from longshort.kinds.forecast.judging import judge_run

        return judge_run(fitted, prepared, settings, listener)

    def describe_parts(self, prepared: PreparedForecast, fitted: FittedForecast) -> dict[str, Plain]:
        """Return source, series, steps, and from when to when."""
        from longshort.data.series import fingerprint
        from longshort.kinds.forecast.preparing import describe_part

        mark = fingerprint(prepared.series)
        return {name: describe_part(part) | {"fingerprint": mark} for name, part in prepared.parts.items()}

    def describe_inputs(self, fitted: FittedForecast) -> Plain:
        """Return the shape of a window, and what was chosen on the validation split."""
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
            "chosen": fitted.choice.describe(),
            "members": len(fitted.networks),
            "final_epochs": {trend: len(each.history) for trend, each in fitted.trained.items()},
        }

    def evaluate(
        self, run: Path | str, bundle: ForecastBundle, data: object, settings: ForecastRunSettings, listener: Listener
    ) -> Evaluation:
        """Evaluate a stored model on the end of each series, as long as the settings say."""
        from longshort.kinds.forecast.judging import evaluate

        return evaluate(run, bundle, data, settings, listener)

    def model_config(self) -> type[ForecastConfig]:
        """Return what `config.json` holds."""
        from longshort.kinds.forecast.model_files import ForecastConfig

        return ForecastConfig

    def estimator(self) -> type[Forecaster]:
        """Return the estimator."""
        from longshort.kinds.forecast.forecaster import Forecaster

        return Forecaster

    def predict(self, bundle: ForecastBundle, request: Request) -> Iterator[Sequence[Answer]]:
        """Refuse: `longshort forecast` answers."""
        raise UserError(
            f"{request.run} is a forecast, which has no classes to give.", f"longshort forecast {request.run}"
        )

    def tables(self, metrics: PlainMapping, baselines: Mapping[str, Plain], *, on: str = "") -> Iterator[Table | str]:
        """Yield how good a forecast is, beside the baselines."""
        _, table = super().tables(metrics, baselines, on=on)
        yield f"On {metrics['forecasts']:,} forecasts of {metrics['horizon']:,} steps:"
        yield table
        coverage = metrics["coverage"].items()
        held = ", ".join(f"{100 * share:.1f} % within the {100 * float(said):.3g} % band" for said, share in coverage)
        if held:
            yield f"Actual values: {held}."

    def next_command(self, metrics: PlainMapping, run: str) -> str:
        """Return a call of forecast, with data where covariates must be known ahead."""
        known, ahead = metrics["training"]["known"], metrics["data"]["parts"]["test"]["steps_known_ahead"]
        if known and ahead < metrics["training"]["horizon"]:
            return f"longshort forecast {run} DATA, where DATA has rows after the last value with {', '.join(known)}"
        return f"longshort forecast {run} --figure forecast.png"

    def describe_folds(self, rows: int, source: str, folds: int) -> str:
        """Return the steps that were forecast."""
        return f"the last {rows:,} steps of {source}, in {folds} folds, each forecast from all that is before it"

    def inputs(self, training: PlainMapping) -> str:
        """Return the windows, in words."""
        from longshort.evaluation.words import count

        past, ahead = count(training["context"], "past step"), count(training["horizon"], "step")
        return f"windows of {past} to look {ahead} ahead"

    def measures(self, part: PlainMapping) -> dict[str, str]:
        """Return series, and from when to when."""
        return {"series": f"{part['series']:,}", "from": part["begins"], "to": part["ends"]}

    def card(self, metrics: PlainMapping) -> Card:
        """Return results and limits."""
        return Card("kinds/forecast/templates/card.md.j2", {}, self.limits(metrics))

    def limits(self, metrics: PlainMapping) -> Sequence[str]:
        """Return what follows from its data and its errors."""
        return _limits(metrics)

    def sections(self) -> Sequence[Section[Evidence]]:
        """Return the sections of the report."""
        from longshort.kinds.forecast.sections import SECTIONS

        return SECTIONS


def _limits(metrics: PlainMapping) -> list[str]:
    from longshort.evaluation.words import count, listed

    test, training, train = metrics["test"], metrics["training"], metrics["data"]["parts"]["train"]
    series = count(train["series"], "series", "series")
    limits = [
        f"It has seen {series} of {train['source']} from {train['begins']} to {train['ends']} and nothing else: how it "
        "does on others has not been measured.",
        f"It looks at the last {count(training['context'], 'step')} and answers at most "
        f"{count(training['horizon'], 'step')} ahead, all at once.",
        "What has never happened in its training part, such as a new level, a new rhythm or a shock, it cannot know; "
        "its bands do not include it.",
    ]
    if training["known"]:
        limits.append(f"It needs {listed(training['known'])} for every step that it forecasts.")
    errors = test["mae_by_step"]
    limits.append(
        f"On the part held out it erred by {errors[0]:,.4g} one step ahead and by {errors[-1]:,.4g} at "
        f"{count(len(errors), 'step')}; for a longer way nothing has been measured."
    )
    return limits


KIND = ForecastKind()
