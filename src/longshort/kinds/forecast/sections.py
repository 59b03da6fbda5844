"""A forecast in the report: how good it is beside the baselines, what it looks like, and what it was made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from markupsafe import Markup

from longshort.errors import RunError
from longshort.evaluation.words import count
from longshort.figures.interactive import error_by_step, forecast_chart
from longshort.pages import view as pages
from longshort.pages.chart import Chart
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section, render
from longshort.pages.sections import dynamics, learning, settings
from longshort.plain import Plain, PlainMapping

__all__ = ["SECTIONS"]

SHOWN = 6
"""Series that are drawn."""

HISTORY = 4
"""Past steps that are drawn, for each step ahead; 36 at least."""


def _results(evidence: Evidence) -> Markup:
    metrics, test = evidence.metrics, evidence.test
    return render(
        "kinds/forecast/results",
        metrics=metrics,
        test=test,
        models=pages.models(metrics),
        bands=[(f"{100 * float(said):.3g} %", held) for said, held in test["coverage"].items()],
        chart=_by_step(metrics),
    )


def _by_step(metrics: PlainMapping) -> Chart:
    errors = {model.name: model.metrics["mae_by_step"] for model in pages.models(metrics)}
    ours = errors["this model"]
    summary = (
        f"Mean absolute error of this model from {ours[0]:,.4g} one step ahead to {ours[-1]:,.4g} at "
        f"{count(len(ours), 'step')}."
    )
    steps = zip(*errors.values(), strict=True)
    return Chart(
        "error-by-step",
        error_by_step(errors, unit=metrics["training"]["target"]),
        summary,
        summary,
        title="How the error grows with the distance",
        columns=("steps ahead", *errors),
        rows=[(str(ahead), *values) for ahead, values in enumerate(steps, start=1)],
    )


@dataclass(frozen=True, eq=False)
class _Answers:
    """The tables of a run: `predictions` and the `series` themselves, as columns."""

    predictions: dict[str, Any]
    series: dict[str, Any]


def _read(evidence: Evidence) -> _Answers:
    run = evidence.run
    if run is None or not (run.predictions.is_file() and run.series.is_file()):
        raise Missing("Its forecasts are not kept beside this report.")
    try:
        tables = [pq.read_table(path).to_pydict() for path in (run.predictions, run.series)]
    except (OSError, KeyError, ValueError, pa.ArrowException) as error:
        raise RunError(f"{run.path} must hold the forecasts of the run: {error}.", "Train it again.") from None
    return _Answers(*tables)


def _forecasts(evidence: Evidence) -> Markup:
    """The last forecast of each series that is within the part held out, and the actual values."""
    answers = _read(evidence)
    target = evidence.metrics["training"]["target"]
    levels = [float(name) for name in evidence.test["pinball"]]
    names = list(dict.fromkeys(answers.predictions.get("series", [""])))
    charts = [_chart(answers, name, levels, target, place) for place, name in enumerate(names[:SHOWN])]
    return render("kinds/forecast/forecasts", charts=charts, left_out=len(names) - len(charts), word=target)


def _chart(answers: _Answers, name: str, levels: list[float], target: str, place: int) -> Chart:
    panel = _panel(answers, name, levels, target)
    table, truth = np.asarray(panel["quantiles"]), np.asarray(panel["truth"])
    inside = int(((truth >= table[:, 0]) & (truth <= table[:, -1])).sum())
    width = 100 * (levels[-1] - levels[0])
    summary = f"From {panel['past_times'][-1]} on: {inside} of {count(len(truth), 'step')} came within the "
    return Chart(
        f"forecast-{place}",
        forecast_chart(panel, levels, target=target),
        f"{summary}{width:.3g} % band.",
        f"{summary}{width:.3g} % band.",
        title=name,
        columns=("time", "actual", *(f"q{level:g}" for level in levels)),
        rows=[(time, came, *row) for time, came, row in zip(panel["times"], truth, table.tolist(), strict=True)],
    )


def _panel(answers: _Answers, name: str, levels: list[float], target: str) -> Plain:
    held, whole = answers.predictions, answers.series
    named = held.get("series", [""] * len(held["origin"]))
    last = [place for place, each in enumerate(named) if each == name][-1]
    horizon = held["ahead"][last]
    steps = slice(last + 1 - horizon, last + 1)
    origin = held["origin"][last]
    key = next(column for column in ("series", "series_") if column in whole) if name else None
    time = "time" if target != "time" and "time" in whole else "time_"
    mine = [i for i in range(len(whole[target])) if key is None or whole[key][i] == name]
    times = [whole[time][i] for i in mine]
    past = mine[: times.index(origin)][-max(36, HISTORY * horizon) :]
    return {
        "past_times": [whole[time][i] for i in past],
        "past": [whole[target][i] for i in past],
        "times": held["time"][steps],
        "quantiles": [[held[f"q{level:g}"][i] for level in levels] for i in range(steps.start, steps.stop)],
        "truth": held["truth"][steps],
    }


def _data(evidence: Evidence) -> Markup:
    metrics = evidence.metrics
    return render(
        "kinds/forecast/data",
        metrics=metrics,
        training=metrics["training"],
        parts=pages.parts(metrics),
        fingerprints=pages.fingerprints(metrics),
    )


SECTIONS: tuple[Section[Evidence], ...] = (
    Section("results", "Results", _results),
    Section("forecasts", "Forecasts", _forecasts),
    settings.SECTION,
    Section("data", "Data", _data),
    learning.SECTION,
    dynamics.SECTION,
)
