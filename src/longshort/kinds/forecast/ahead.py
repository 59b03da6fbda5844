"""What comes next: the forecast of a stored model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from torch import nn

from longshort.artifacts.bundle import Bundle, load_bundle
from longshort.artifacts.run_directory import RunDirectory
from longshort.data.series import SeriesSet, open_series, stored_settings
from longshort.data.times import IN_UTC
from longshort.errors import RunError, UserError
from longshort.kinds.forecast.answer import Forecast
from longshort.kinds.forecast.settings import ForecastRunSettings
from longshort.kinds.forecast.task import Forecasting
from longshort.plain import Plain, PlainMapping

__all__ = ["Ahead", "kept_series", "look_ahead", "read_series"]

ForecastBundle = Bundle[Forecasting, ForecastRunSettings]

HISTORY = 36
"""Steps of the past that a figure shows at least; more where it looks far ahead."""


@dataclass(frozen=True, eq=False)
class Ahead:
    """A forecast, and the series that it continues.

    Args:
        forecast: quantiles of the steps ahead.
        series: the series that it continues.
        notes: sentences for the user.
    """

    forecast: Forecast
    series: SeriesSet
    notes: tuple[str, ...] = ()

    def panels(self) -> list[Plain]:
        """One for each series, as `longshort.figures.forecast.forecast` takes them."""
        text, steps = self.series.step.text, self.forecast.quantiles.shape[1]
        found = []
        for each, times, quantiles in zip(self.series, self.forecast.times, self.forecast.quantiles, strict=True):
            shown = range(max(0, len(each) - max(HISTORY, 4 * steps)), len(each))
            found.append(
                {
                    "name": each.name,
                    "past_times": [text(each.start + place) for place in shown],
                    "past": each.values[shown.start :],
                    "times": list(times),
                    "quantiles": quantiles,
                }
            )
        return found


def load_forecast(run: Path | str) -> ForecastBundle:
    """Load a model that is a forecast.

    Raises:
        BundleError: there is no model.
        UserError: the model is of another kind.
    """
    bundle = load_bundle(run)
    if not isinstance(bundle.task, Forecasting):
        raise UserError(
            f"The model must be one of a forecast. {run} is one of {bundle.task.name}.",
            "longshort predict asks a classifier.",
        )
    return cast("ForecastBundle", bundle)


def look_ahead(
    run: Path | str, data: object = None, *, horizon: int | None = None, changes: PlainMapping | None = None
) -> Ahead:
    """The steps after the last value of each series.

    Args:
        run: a run directory, or a model's own.
        data: series that continue those of the training, or others like them; those that the run was made of, to
            their very end, when not given.
        horizon: steps ahead, at most those that were trained; all of them when not given.
        changes: settings of how `data` is read that differ from those of the training.

    Raises:
        BundleError: there is no model.
        UserError: the model is none of a forecast, or no data are given and none are kept.
        DataError: the data are no even series, or unlike those of the training.
        SettingError: the horizon is longer than the one that was trained.
    """
    bundle = load_forecast(run)
    series = _kept(run, bundle, horizon) if data is None else read_series(bundle, data, changes)
    forecast = bundle.task.forecast(cast("nn.ModuleList", bundle.network), series, horizon)
    return Ahead(forecast, series, (*series.notes, *bundle.task.notes(series)))


def read_series(bundle: ForecastBundle, data: object, changes: PlainMapping | None = None) -> SeriesSet:
    """Series read as those of the training were, on the same grid.

    Raises:
        DataError: they are no such series.
    """
    settings = bundle.settings.data
    return open_series(data, settings.replace(**changes) if changes else settings, step=bundle.task.encoding.step)


def kept_series(run: Path | str, bundle: ForecastBundle) -> SeriesSet | None:
    """The series that are kept beside a model, in its own folder or in that of its run; None if there are none."""
    places = [RunDirectory(path).series for path in (Path(run), Path(run).parent)]
    kept = next((path for path in places if path.is_file()), None)
    if kept is None:
        return None
    encoding = bundle.task.encoding
    return open_series(kept, stored_settings(encoding), step=encoding.step)


def _kept(run: Path | str, bundle: ForecastBundle, horizon: int | None) -> SeriesSet:
    found, encoding = kept_series(run, bundle), bundle.task.encoding
    if found is None:
        raise UserError(
            f"A forecast continues a series of values. {run} keeps none, and none are given.",
            "Name a file with the values so far: longshort forecast RUN DATA",
        )
    needed, given = min(horizon or encoding.horizon, encoding.horizon), found.steps_known_ahead
    if encoding.known and given < needed:
        raise UserError(
            f"{', '.join(map(repr, encoding.known))} must be known for the {needed} steps ahead. The data that {run} "
            f"was trained on hold {given}.",
            (f"--horizon {given}, or name" if given else "Name")
            + " a file that has rows after the last value, with times and covariates, and the value left empty: "
            "longshort forecast RUN DATA",
        )
    return replace(found, notes=_notes_kept(run))


def _notes_kept(run: Path | str) -> tuple[str, ...]:
    """What is still to be known of the times, which are kept without a zone."""
    found = RunDirectory.around(run)
    try:
        notes = found.read_metrics()["data"]["notes"] if found else ()
    except (RunError, KeyError, TypeError):
        notes = ()
    return (IN_UTC,) if IN_UTC in notes else ()
