"""Forecasting: quantiles of the steps ahead of one or many series."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, ClassVar, final

import numpy as np
import torch
from torch import Tensor, nn

from longshort.config import ForecastModelSettings
from longshort.data.series import ForecastEncoding, SeriesSet, Windows, called
from longshort.errors import DataError, SettingError
from longshort.kinds.forecast.answer import Forecast
from longshort.networks.forecast_network import ForecastNetwork
from longshort.networks.inference import predict_logits

__all__ = ["Forecasting", "QuantileObjective", "check_quantiles"]

Array = np.ndarray[Any, Any]


@final
class QuantileObjective:
    """Quantiles of a number: the pinball loss (Koenker & Bassett 1978).

    Args:
        quantiles: rising, each between 0 and 1.
    """

    def __init__(self, quantiles: Sequence[float]) -> None:
        self.quantiles = torch.tensor(quantiles, dtype=torch.float32)

    def losses(self, logits: Tensor, targets: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """`(batch,)` float32: the mean pinball loss of each window's steps and quantiles, in the scale of the window.

        Args:
            logits: `(batch, horizon, quantiles)` float32.
            targets: `(batch, horizon)` float32.
            class_weights: there are none.
        """
        short = targets[..., None] - logits
        levels = self.quantiles.to(logits.device)
        return torch.maximum(levels * short, (levels - 1) * short).mean(dim=(1, 2))

    def correct(self, logits: Tensor, targets: Tensor) -> None:
        """A number is not right or wrong: None."""

    def balance(self, targets: Tensor) -> Tensor:
        """There are no classes to balance.

        Raises:
            SettingError: always.
        """
        raise SettingError("class_weights must not be set for a forecast, which has no classes.", "Leave it out.")


@final
class Forecasting:
    """What is particular to forecasting: how windows become numbers, the network, and what it is to learn.

    Args:
        encoding: the shape and scaling of windows, fitted on the training part.
        settings: the network's sizes and quantiles.

    Raises:
        SettingError: the quantiles do not rise between 0 and 1, or 0.5 is not among them.
    """

    name: ClassVar[str] = "forecast"

    def __init__(self, encoding: ForecastEncoding, settings: ForecastModelSettings) -> None:
        check_quantiles(settings.quantiles)
        self.encoding = encoding
        self.settings = settings
        self.objective = QuantileObjective(settings.quantiles)

    def build(self) -> nn.ModuleList:
        """Networks with fresh weights, drawn from torch's global generator: `members` for each of what `each` of the
        encoding gives, one after the other."""
        parts = [encoding for _, encoding in self.encoding.each()]
        return nn.ModuleList(self.build_one(encoding) for encoding in parts for _ in range(self.settings.members))

    def build_one(self, encoding: ForecastEncoding) -> ForecastNetwork:
        """One of the networks."""
        return ForecastNetwork(
            encoding.features, encoding.context, encoding.horizon, encoding.known_features, self.settings
        )

    def predict(
        self, networks: nn.ModuleList, series: SeriesSet, origins: Sequence[Array], steps: int | None = None
    ) -> Array:
        """`(origins, steps, quantiles)` float64 in the unit of the series, rising along the last axis: the mean of the
        networks' quantiles.

        Args:
            networks: trained, in the order of `build`.
            series: on the grid of the training.
            origins: for each series, the steps to forecast from; nothing at or after them is used but covariates
                that are known ahead.
            steps: ahead; the whole horizon when not given. No answer depends on what is known of the steps after it.

        Raises:
            DataError: a series has too little past, or not all is known that must be known ahead.
        """
        mean: Array = np.zeros(())
        count = 0
        for place, (trend, encoding) in enumerate(self.encoding.each()):
            windows = Windows(encoding, series, origins, trend, steps)
            for member in range(self.settings.members):
                network = networks[place * self.settings.members + member]
                answers = windows.decode(predict_logits(network, windows).double().numpy())
                count += 1
                mean = mean + (answers - mean) / count  # of answers that are all the same it is exactly that
        # Quantiles rise in float32; a rounding later they must still.
        rising: Array = np.maximum.accumulate(mean[:, :steps], axis=-1)
        return rising

    def forecast(self, networks: nn.ModuleList, series: SeriesSet, horizon: int | None = None) -> Forecast:
        """The steps after the last value of each series.

        Args:
            networks: trained, in the order of `build`.
            series: on the grid of the training; their last values are where the forecast begins.
            horizon: steps ahead, at most those that were trained; all of them when not given.

        Raises:
            SettingError: the horizon is longer than the one that was trained.
            DataError: a series has too little past, another grid, or other covariates, or not all that must be known
                ahead.
        """
        steps = self._steps(horizon)
        self._check_alike(series)
        quantiles = self.predict(networks, series, [np.array([len(each)]) for each in series], steps)
        times = tuple(
            tuple(series.step.text(each.start + len(each) + ahead) for ahead in range(steps)) for each in series
        )
        names = tuple(each.name for each in series)
        return Forecast(self.encoding.target, names, times, self.settings.quantiles, quantiles)

    def notes(self, series: SeriesSet) -> list[str]:
        """Sentences about values that this forecast cannot answer, for it answers by logarithms, and about series of
        which it knows less than it looks at."""
        notes = []
        found = int(sum((each.values <= 0).sum() for each in series)) if self.encoding.logarithm else 0
        if found:
            notes.append(
                f"{found:,} value{'s are' if found > 1 else ' is'} not above 0. This forecast is made by logarithms "
                "and so always above 0; it reads such a value as the least one above 0 before. --logarithm never "
                "trains another."
            )
        context = max(encoding.context for _, encoding in self.encoding.each())
        short = [each for each in series if len(each) < context]
        if short:
            more = f"; {len(short) - 1:,} more are too short" if len(short) > 1 else ""
            notes.append(
                f"The model looks at the last {context:,} steps, and {called(short[0])} has {len(short[0]):,}{more}. "
                "Give all that is known of the past: it forecasts worse from less."
            )
        return notes

    def _steps(self, horizon: int | None) -> int:
        trained = self.encoding.horizon
        if horizon is not None and not 1 <= horizon <= trained:
            raise SettingError(
                f"horizon must be from 1 to {trained}, as many steps as this model was trained to look ahead. "
                f"Got {horizon}.",
                f"Train again with --horizon {horizon}." if horizon > 0 else "Ask for at least one step.",
            )
        return horizon or trained

    def _check_alike(self, series: SeriesSet) -> None:
        mine = (self.encoding.step, self.encoding.known, self.encoding.past)
        if mine == (series.step, series.known, series.past):
            return
        raise DataError(
            f"{series.source}: series must be as those of the training: a step of {self.encoding.step}, "
            f"{_listed(self.encoding.known)} known ahead and {_listed(self.encoding.past)} of the past. Got a step of "
            f"{series.step}, {_listed(series.known)} and {_listed(series.past)}.",
            "Read them with the settings and the step of the training.",
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names)) or "nothing"


def check_quantiles(quantiles: Sequence[float]) -> None:
    """Refuse quantiles that do not rise.

    Raises:
        SettingError: they do not rise between 0 and 1, or 0.5 is not among them.
    """
    rising = all(a < b for a, b in itertools.pairwise(quantiles))
    if not rising or not all(0 < each < 1 for each in quantiles) or 0.5 not in quantiles:
        raise SettingError(
            f"quantiles must rise between 0 and 1, with 0.5 among them. Got {', '.join(map(str, quantiles))}.",
            "For example 0.1,0.5,0.9.",
        )
