"""Compare forecasts with the baselines, using the task's defaults for every data set.

python -m benchmarks.forecasts FOLDER [--seeds 5] [--set NAME] [--rehearse] [--json FILE]

FOLDER holds airline-passengers.csv, daily-min-temperatures.csv and ETTh1.csv. The end of each is the test split.
Forecasts start at every test step with a full horizon after it (rolling origins); networks and baselines are fitted
once, on the data before. --rehearse drops the test split and evaluates on the end of the rest, to choose settings.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longshort.config import ForecastDataSettings
from longshort.data.series import SeriesSet, open_series
from longshort.evaluation.backtest import Backtest, backtest
from longshort.kinds.forecast.fitting import TRAINING, FittedForecast, fit_forecast


@dataclass(frozen=True)
class Problem:
    """A file, how to read it, and the horizon.

    The metric `judged` must be below that of every baseline in `against`, or of all if it is empty.
    """

    file: str
    settings: ForecastDataSettings
    judged: str = "mae"
    against: tuple[str, ...] = ()


PROBLEMS = {
    "airline-passengers": Problem(
        "airline-passengers.csv",
        ForecastDataSettings(horizon=12, test_steps=24),
        "mase",
        ("seasonal last value", "ridge autoregression"),
    ),
    # Two years of it have no 31 December.
    "daily-min-temperatures": Problem("daily-min-temperatures.csv", ForecastDataSettings(horizon=24, fill="linear")),
    "ETTh1": Problem("ETTh1.csv", ForecastDataSettings(value="OT", horizon=24)),
}


def evaluate(fitted: FittedForecast, series: SeriesSet, starts: np.ndarray[Any, Any]) -> Backtest:
    """Evaluate the trained forecast and the baselines from the same origins."""
    task, encoding = fitted.task, fitted.task.encoding
    return backtest(
        lambda whole, origins: task.predict(fitted.networks, whole, origins),
        task.settings.quantiles,
        series,
        starts,
        horizon=encoding.horizon,
        season=encoding.season,
    )


def measure(name: str, folder: Path, seeds: int, rehearse: bool) -> dict[str, Any]:
    """Measure one data set with several seeds."""
    problem = PROBLEMS[name]
    settings = problem.settings
    series = open_series(folder / problem.file, settings)
    held = {"share": settings.test_share, "steps": settings.test_steps}
    if rehearse:
        series = series.until(series.holdout(**held))
    starts = series.holdout(**held)
    print(f"{name}: {len(series.series[0]):,} steps of {series.step}, tested from {_when(series, starts)}", flush=True)
    runs = []
    for seed in range(seeds):
        began = time.perf_counter()
        fitted = fit_forecast(series.until(starts), settings, training=TRAINING.replace(seed=seed, statistics=False))
        seconds = time.perf_counter() - began
        found = evaluate(fitted, series, starts)
        runs.append({"seconds": seconds, "trends": fitted.task.encoding.trends, **found.to_dict()})
        epochs = "+".join(str(len(each.history)) for each in fitted.trained.values())
        chosen = f"trend {'+'.join(fitted.task.encoding.trends)}, {epochs} epochs, {seconds:.0f} s"
        print(f"  seed {seed} ({chosen}): {found.headline()}", flush=True)
    return summary(problem, runs)


def summary(problem: Problem, runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Average over the runs, and compare with the baselines, which are the same in every run."""
    metrics = ("mase", "smape", "mae", "crps")
    model = {each: statistics.mean(run["test"][each] for run in runs) for each in metrics}
    model["worst"] = max(run["test"][problem.judged] for run in runs)
    model["coverage of 80 %"] = statistics.mean(run["test"]["coverage"]["0.8"] for run in runs)
    baselines = {name: {each: other[each] for each in metrics} for name, other in runs[0]["baselines"].items()}
    rivals = problem.against or tuple(baselines)
    reached = all(model[problem.judged] < baselines[name][problem.judged] for name in rivals)
    seconds = statistics.mean(run["seconds"] for run in runs)
    return {"judged": problem.judged, "model": model, "baselines": baselines, "reached": reached, "seconds": seconds}


def show(name: str, result: dict[str, Any]) -> None:
    """Print the table of one data set."""
    model = result["model"]
    print(f"\n{name}: {'reached' if result['reached'] else 'missed'}, by {result['judged']}")
    print(f"  {'':<22}{'MASE':>8}{'sMAPE':>8}{'MAE':>9}{'CRPS':>9}")
    for label, row in {"this model (mean)": model, **result["baselines"]}.items():
        print(f"  {label:<22}{row['mase']:>8.3f}{row['smape']:>8.4f}{row['mae']:>9.4f}{row['crps']:>9.4f}")
    print(
        f"  worst seed {model['worst']:.4f}; 80 % band holds {model['coverage of 80 %']:.1%}; {result['seconds']:.0f} s"
    )


def _when(series: SeriesSet, starts: np.ndarray[Any, Any]) -> str:
    return series.step.text(series.series[0].start + int(starts[0]))


def main() -> None:
    """Measure the chosen data sets."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--set", choices=list(PROBLEMS), action="append")
    parser.add_argument("--rehearse", action="store_true")
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    results = {
        name: measure(name, chosen.folder, chosen.seeds, chosen.rehearse) for name in chosen.set or list(PROBLEMS)
    }
    for name, result in results.items():
        show(name, result)
    if chosen.json:
        chosen.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
