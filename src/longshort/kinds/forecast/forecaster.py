"""`Forecaster`: what comes next in one or many series."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, Self, Unpack, cast, final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.utils.validation import check_is_fitted
from torch import nn

from longshort.artifacts.bundle import Bundle
from longshort.artifacts.run_directory import RunDirectory
from longshort.data.series import SeriesSet, stored_columns
from longshort.errors import DataError, SettingError
from longshort.estimators.arguments import TrainingArguments, constructor
from longshort.estimators.base import Estimator
from longshort.estimators.fit_checkpoints import checkpoints_of
from longshort.evaluation.backtest import Backtest, backtest
from longshort.kinds.forecast.ahead import kept_series
from longshort.kinds.forecast.answer import Forecast
from longshort.kinds.forecast.fitting import fit_forecast
from longshort.kinds.forecast.preparing import SeriesPart
from longshort.kinds.forecast.series_inputs import answer_like, read_series
from longshort.kinds.forecast.settings import ForecastRunSettings
from longshort.kinds.forecast.task import Forecasting
from longshort.training import Listener

__all__ = ["Forecaster"]


class ForecasterArguments(TrainingArguments, total=False):
    """Arguments of `Forecaster`, for type checkers."""

    horizon: int | None
    season: int | None
    time: str | None
    value: str | None
    series: str | None
    known: tuple[str, ...]
    past: tuple[str, ...]
    fill: Literal["linear", "last", "zero"] | None
    context: int | None
    trend: Literal["auto", "none", "level", "last", "season"]
    logarithm: Literal["auto", "always", "never"]
    quantiles: tuple[float, ...]
    dropout: float
    linear: bool
    members: int


@final
class Forecaster(Estimator[Forecasting, ForecastRunSettings]):
    """Forecasts one or many series: quantiles of each step ahead, all at once.

    Every argument is a setting of `longshort train --task forecast` with its name and its default (see
    `longshort.config`), but for `checkpoints`: a folder in which `fit` stores its state while it runs. The same
    fit resumes from there after it was killed, and ends with the same bits.

    A series is an array `(steps,)`, or a list or a mapping of such for several; a pandas series, whose index may be the
    time; a frame or the path of a .csv, .tsv or .parquet file, with a time and its numbers in each row. Frames and
    files may hold several series (`series=`), and covariates that are known ahead (`known=`) or of the past alone
    (`past=`); rows after the last value give what is known ahead. Missing values are NaN, and need `fill=`.

    Attributes:
        series_: what it was fitted on, from whose end it forecasts; None after `load` of a model that keeps none.
        horizon_: steps ahead that it was trained for.
        trends_: what windows are measured against; their networks are averaged.
        history_: one record per epoch of the training that chose how long to train.
        best_epoch_: the epoch that it chose, counted from 1.

    Example:
        >>> model = Forecaster(horizon=12).fit(sales)  # doctest: +SKIP
        >>> model.predict()  # the median of the next 12 steps  # doctest: +SKIP
        >>> model.predict_interval(coverage=0.8)  # doctest: +SKIP
    """

    _kind = ForecastRunSettings

    series_: SeriesSet | None
    horizon_: int
    trends_: tuple[str, ...]
    _given: Any

    checkpoints: Path | str | None

    @constructor(
        ForecastRunSettings,
        left_out=("encoding", "skip_bad", "test_share", "test_steps"),
        own={"checkpoints": None},
    )
    def __init__(self, **arguments: Unpack[ForecasterArguments]) -> None:
        """See the class."""

    def fit(self, X: object, y: object = None, *, listener: Listener | None = None) -> Self:  # noqa: N803
        """Train on all of the series.

        The end of each chooses what windows are measured against, how long to train and how wide the bands are; then
        all of it is trained on.

        Args:
            X: the series, see above.
            y: nothing; what is to be forecast is the series itself.
            listener: receives events.

        Raises:
            DataError: the series do not hold what they must, or are too short.
            SettingError: an argument of the constructor is out of its bounds, or y is given.
            NonFiniteError: the loss became NaN or infinite.
        """
        if y is not None:
            raise SettingError(
                "A series is its own target. Got y.", "fit(series); covariates are columns of a frame, named in known."
            )
        settings = self._settings()
        found, listener = read_series(X, settings.data), listener or Listener()
        part = SeriesPart(found, np.zeros(len(found), dtype=np.int64))
        with checkpoints_of(self.checkpoints, {"train": part}, settings, None, None, listener) as kept:
            fitted = fit_forecast(
                found,
                settings.data,
                listener,
                model=settings.model,
                training=settings.training,
                checkpoints=kept,
            )
        self._keep(fitted, settings)
        self._adopt(self.bundle_)
        self.series_, self._given = found, _kind_of(X)
        return self

    def forecast(self, X: object = None, horizon: int | None = None) -> Forecast:  # noqa: N803
        """All quantiles of the steps after the end of each series, with their times.

        Args:
            X: series that are on the grid of the training; those it was fitted on when not given.
            horizon: steps ahead, at most those that were trained; all of them when not given.

        Raises:
            DataError: the series are unlike those of the training, or none are given and none are kept.
            SettingError: the horizon is longer than the one that was trained.
        """
        check_is_fitted(self, "bundle_")
        task = self.bundle_.task
        found: Forecast = task.forecast(self._networks, self._read(X), horizon)
        return found

    def predict(self, X: object = None, horizon: int | None = None) -> Any:  # noqa: N803
        """The median of the steps after the end of each series.

        Args:
            X, horizon: as for `forecast`.

        Returns:
            For one array or pandas series the same type, `(horizon,)`; for several arrays `(series, horizon)`; of a
            mapping a mapping; of a frame or a path a frame with the series where they have names, the time, the value.
        """
        found = self.forecast(X, horizon)
        return answer_like(self._given if X is None else X, found, found.median)

    def predict_interval(
        self,
        X: object = None,  # noqa: N803
        horizon: int | None = None,
        *,
        coverage: float = 0.8,
    ) -> tuple[Any, Any]:
        """The lower and the upper end of the band that should hold a share of what comes.

        Args:
            X, horizon: as for `forecast`.
            coverage: the share: two of `quantiles` must stand so far apart, equally far from 0.5.

        Raises:
            SettingError: no two quantiles make that band.
        """
        found = self.forecast(X, horizon)
        pairs = {round(1 - 2 * level, 9): level for level in found.levels if level < 0.5}
        low = pairs.get(round(coverage, 9))
        places = [i for i, level in enumerate(found.levels) if low is not None and abs(level + low - 1) < 1e-9]
        if low is None or not places:
            raise SettingError(
                f"coverage must be a band between two quantiles, such as {', '.join(map(str, sorted(pairs)))}. "
                f"Got {coverage}.",
                "Train with quantiles equally far from 0.5, such as (0.1, 0.5, 0.9) for 0.8.",
            )
        like = self._given if X is None else X
        ends = (found.quantiles[..., found.levels.index(low)], found.quantiles[..., places[0]])
        lower, upper = (answer_like(like, found, each) for each in ends)
        return lower, upper

    def backtest(self, X: object, *, share: float = 0.2, steps: int | None = None) -> Backtest:  # noqa: N803
        """Forecast from every origin of the end of each series, beside the last value, the season before, drift, ridge.

        Honest only where that end was not fitted on.

        Args:
            X: whole series, whose beginning the model may have been fitted on.
            share: of their steps that are forecast, at the end.
            steps: how many, in place of the share.

        Raises:
            DataError: the series are too short, or unlike those of the training.
        """
        check_is_fitted(self, "bundle_")
        series, task = self._read(X), self.bundle_.task
        encoding = task.encoding
        return backtest(
            lambda whole, origins: task.predict(self._networks, whole, origins),
            task.settings.quantiles,
            series,
            series.holdout(share=share, steps=steps, least=encoding.horizon),
            horizon=encoding.horizon,
            season=encoding.season,
        )

    def score(self, X: object, y: object = None) -> float:  # noqa: N803
        """Minus the mean absolute scaled error (MASE) of `backtest`; minus the mean absolute error if there is none.

        Args:
            X: whole series; the last fifth is forecast.
            y: nothing.
        """
        model = self.backtest(X).model
        return -(model.mae if model.mase is None else model.mase)

    def save(self, path: Path | str, *, series: bool = True) -> None:
        """Write the model to the folder `path`: settings, weights and encoding; no pickle.

        Args:
            path: the folder.
            series: whether to keep the series beside it, from whose end a loaded model forecasts.
        """
        super().save(path)
        if series and self.series_ is not None:
            pq.write_table(pa.table(stored_columns(self.series_)), RunDirectory(Path(path)).series)

    @property
    def _networks(self) -> nn.ModuleList:
        return cast("nn.ModuleList", self.bundle_.network)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "bundle_")

    def _read(self, given: object) -> SeriesSet:
        if given is not None:
            return read_series(given, self.bundle_.settings.data, self.bundle_.task.encoding.step)
        if self.series_ is None:
            raise DataError(
                "A forecast continues a series of values. This model keeps none.", "Give the values so far as X."
            )
        return self.series_

    def _adopt(self, bundle: Bundle[Forecasting, ForecastRunSettings], path: Path | str | None = None) -> None:
        super()._adopt(bundle, path)
        self.horizon_ = bundle.task.encoding.horizon
        self.trends_ = bundle.task.encoding.trends
        self.series_ = None if path is None else kept_series(path, bundle)
        self._given = None


def _kind_of(given: Any) -> object:
    """As little of what was given as says in what container to answer."""
    if hasattr(given, "iloc"):
        return given.iloc[:] if not hasattr(given, "columns") else None
    if isinstance(given, np.ndarray):
        return np.zeros((1,) * given.ndim)
    return given if isinstance(given, list | tuple | dict) else None
