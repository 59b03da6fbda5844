"""Fit a forecast: choose how windows are measured, train, and train once more on everything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from longshort.config import ForecastDataSettings, ForecastModelSettings, TrainingSettings
from longshort.data.series import SeriesSet, Trend, Windows, usual_context
from longshort.data.series.windows import whole_seasons
from longshort.errors import Interrupted
from longshort.kinds.forecast.answer import Forecast
from longshort.kinds.forecast.choice import Shape, TrendChoice, choose_trends, training_windows
from longshort.kinds.forecast.settings import ForecastRunSettings
from longshort.kinds.forecast.start import ridge_start
from longshort.kinds.forecast.task import Forecasting
from longshort.networks.forecast_network import ForecastNetwork
from longshort.networks.inference import predict_logits
from longshort.training import Checkpoints, Listener, Training, TrainingResult

__all__ = ["TRAINING", "FittedForecast", "fit_forecast", "shape_of"]

Array = np.ndarray[Any, Any]

TRAINING = ForecastRunSettings().training
"""Settings of the training that suit forecasts; epochs and batches are chosen by the number of windows."""

BATCH_WINDOWS = 32
UPDATES = 1_200
FEWEST_EPOCHS, MOST_EPOCHS = 8, 30
WIDENINGS = tuple(round(1.1**power, 4) for power in range(-5, 16))


@dataclass(frozen=True, eq=False)
class FittedForecast:
    """A trained forecast, and all that was chosen on the way.

    Args:
        task: what was learnt, with its encoding.
        networks: trained on everything that was given, in the order of `Forecasting.build`.
        series: what they were trained on.
        choice: what windows are measured against, and why.
        choosing: for each trend the training of its first network on the part before the validation part, which chose
            the epochs.
        trained: for each trend the training of its first network on everything.
    """

    task: Forecasting
    networks: nn.ModuleList
    series: SeriesSet
    choice: TrendChoice
    choosing: dict[Trend, TrainingResult]
    trained: dict[Trend, TrainingResult]

    @property
    def network(self) -> nn.ModuleList:
        """All networks."""
        return self.networks

    @property
    def result(self) -> TrainingResult:
        """The training that chose the epochs, of the first trend."""
        return self.choosing[self.choice.trends[0]]

    def forecast(self, series: SeriesSet | None = None, horizon: int | None = None) -> Forecast:
        """The steps after the last value of each series; of those it was trained on when none are given.

        Raises:
            SettingError: the horizon is longer than the one that was trained.
            DataError: the series are unlike those of the training, or too short.
        """
        return self.task.forecast(self.networks, series or self.series, horizon)


def shape_of(series: SeriesSet, settings: ForecastDataSettings, model: ForecastModelSettings) -> Shape:
    """Take what is set; choose the rest.

    The season is the usual one of the step. The horizon is a season of at most 60 steps (12 if there is none), but
    no more than an eighth of the shortest series. The context is three seasons or horizons, but no more than a quarter
    of a series, in whole seasons where that is possible; with it go half and twice as much, where that is 2 steps and
    no more than that quarter.
    """
    season = settings.season or series.step.season
    most = max(1, int(series.lengths.min()) // 8)
    horizon = settings.horizon or min(season if season > 1 else 12, 60, most)
    if model.context is not None:
        return Shape(model.context, horizon, season)
    most = int(np.median(series.lengths)) // 4
    context = usual_context(series.lengths, horizon, season)
    others = (whole_seasons(context // 2, season), 2 * context)
    contexts = (context, *(each for each in others if 2 <= each <= most))
    return Shape(context, horizon, season, contexts)


def fit_forecast(
    series: SeriesSet,
    settings: ForecastDataSettings,
    listener: Listener | None = None,
    *,
    model: ForecastModelSettings | None = None,
    training: TrainingSettings = TRAINING,
    checkpoints: Checkpoints | None = None,
) -> FittedForecast:
    """Train a forecast of `series`, all of which may be known: what is held out for a test must not be in them.

    The last part chooses what windows are measured against, for how many epochs to train and how far apart the
    quantiles stand; then networks with the same settings are trained on all windows for as many epochs. The same seed
    gives the same bits.

    Args:
        series: the training period.
        settings: horizon, season, and the share that validates.
        listener: receives events.
        model: the network; its defaults when not given.
        training: how fast and how long.
        checkpoints: where trainings are resumed from, and stored.

    Raises:
        DataError: the series are too short.
        SettingError: the quantiles are none.
        NonFiniteError: the loss became NaN or infinite.
        Interrupted: Ctrl-C.
    """
    listener, model = listener or Listener(), model or ForecastModelSettings()
    shape = shape_of(series, settings, model)
    starts = series.holdout(share=settings.validation_share, least=shape.horizon, validates=True)
    choice = choose_trends(series, starts, shape, None if model.trend == "auto" else model.trend, model.logarithm)
    listener.note(choice.describe())
    early = series.until(starts)
    first = Forecasting(shape.encoding(early, choice.trends, logarithm=choice.logarithm), model)
    final = Forecasting(shape.encoding(series, choice.trends, logarithm=choice.logarithm), model)
    networks: list[ForecastNetwork] = []
    choosing: dict[Trend, TrainingResult] = {}
    trained: dict[Trend, TrainingResult] = {}
    for (trend, before), (_, encoding) in zip(first.encoding.each(), final.encoding.each(), strict=True):
        what = f"trend {trend}, {encoding.context} past steps"
        listener.stage(f"Training on the part before {_date(series, starts)} ({what})")
        validation = training_windows(before, series, trend, starts)
        network, chosen = _train(
            first,
            training_windows(before, early, trend),
            validation,
            training,
            listener,
            checkpoints and checkpoints.of(f"{trend}-{encoding.context}-choosing"),
        )
        choosing.setdefault(trend, chosen)
        widening = _widening(first, network, validation)
        epochs = max(1, chosen.best_epoch)
        listener.stage(f"Training on everything ({what}, epochs: {epochs})")
        windows = training_windows(encoding, series, trend)
        for member in range(model.members):
            again = training.replace(epochs=epochs, seed=training.seed + member)
            kept = checkpoints and checkpoints.of(f"{trend}-{encoding.context}-{member + 1}")
            network, result = _train(final, windows, None, again, listener, kept)
            network.widen(widening)
            networks.append(network)
            trained.setdefault(trend, result)
    return FittedForecast(final, nn.ModuleList(networks).eval(), series, choice, choosing, trained)


def _date(series: SeriesSet, starts: Array) -> str:
    return series.step.text(series.series[0].start + int(starts[0]))


def _train(
    task: Forecasting,
    windows: Windows,
    validation: Windows | None,
    settings: TrainingSettings,
    listener: Listener,
    checkpoints: Checkpoints | None,
) -> tuple[ForecastNetwork, TrainingResult]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)
        network = task.build_one(windows.encoding)
    start = ridge_start(windows)
    parts = (start.weights, start.known, start.bias, start.deviations)
    network.start(*(torch.from_numpy(part).float() for part in parts))
    result = Training(
        task.objective, network, windows, validation, _planned(settings, windows), listener, checkpoints=checkpoints
    ).run()
    if result.ended == "interrupted":
        raise Interrupted("The training was stopped; nothing was kept.", "Run it again.")
    return network, result


def _widening(task: Forecasting, network: ForecastNetwork, validation: Windows) -> float:
    """How many times as far from the median the quantiles must be, for the least pinball loss on the validation part.

    A network that has seen every window of a short series is too sure of itself.
    """
    answers, targets = predict_logits(network, validation), torch.from_numpy(validation.targets)
    median = answers[..., network.middle : network.middle + 1]
    losses = [
        float(task.objective.losses(median + factor * (answers - median), targets).double().mean())
        for factor in WIDENINGS
    ]
    return WIDENINGS[int(np.argmin(losses))]


def _planned(settings: TrainingSettings, windows: Windows) -> TrainingSettings:
    """What the settings leave open: batches of 32 windows, about 1,200 updates."""
    longest = int(windows.lengths.max())
    batch_tokens = settings.batch_tokens or BATCH_WINDOWS * longest
    batches = math.ceil(len(windows) / max(1, batch_tokens // longest))
    epochs = settings.epochs or min(max(math.ceil(UPDATES / batches), FEWEST_EPOCHS), MOST_EPOCHS)
    patience = settings.patience or max(4, math.ceil(epochs / 4))
    return settings.replace(batch_tokens=batch_tokens, epochs=epochs, patience=patience)
