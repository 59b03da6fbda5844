"""A run of a forecast, from a file to a model that looks ahead."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from longshort.config import ForecastRunSettings
from longshort.errors import DataError, RunError, SettingError, UserError
from longshort.kinds.forecast.ahead import look_ahead
from longshort.kinds.forecast.kind import KIND
from longshort.pages.report import comparison_html, report_html
from longshort.runs import RunDirectory, compare, evaluate, load_bundle, train
from longshort.training import Listener

pytestmark = pytest.mark.usefixtures("without_report")

SETTINGS = ForecastRunSettings.from_flat(
    {"horizon": 6, "epochs": 2, "hidden_size": 8, "series": "shop", "known": ["price"]}
)
QUANTILES = [f"q{level:g}" for level in SETTINGS.model.quantiles]


def sales(path: Path, shops: tuple[str, ...] = ("north", "south"), *, steps: int = 120, future: int = 6) -> Path:
    """Sold pieces, which fall with the price; the prices of the next steps are known."""
    rng = np.random.default_rng(0)
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["month", "shop", "sold", "price"])
        for number, shop in enumerate(shops):
            prices = rng.uniform(1, 3, steps + future)
            season = 10 * np.sin(2 * np.pi * np.arange(steps) / 12)
            sold = 100 * (number + 1) + season - 8 * prices[:steps] + rng.normal(0, 1, steps)
            for step in range(steps + future):
                value = f"{sold[step]:.3f}" if step < steps else ""
                writer.writerow([f"{2000 + step // 12}-{step % 12 + 1:02}", shop, value, f"{prices[step]:.3f}"])
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("forecasts")
    train(sales(place / "sales.csv"), settings=SETTINGS, directory=place / "runs" / "sales")
    return place


@pytest.fixture(scope="module")
def run(folder: Path) -> RunDirectory:
    return RunDirectory.open(folder / "runs" / "sales")


def test_a_run_tells_the_whole_story(run: RunDirectory) -> None:
    metrics = run.read_metrics()
    parts = metrics["data"]["parts"]

    assert metrics["task"] == "forecast"
    assert metrics["verdict"]["headline"].startswith("Mean absolute error ")
    assert set(metrics["baselines"]) == {"last value", "seasonal last value", "drift", "ridge autoregression"}
    assert all(set(each["comparison"]) >= {"outcome", "interval"} for each in metrics["baselines"].values())
    assert (parts["train"]["rows"], parts["test"]["rows"]) == (2 * 96, 2 * 24)
    assert (parts["train"]["ends"], parts["test"]["begins"]) == ("2007-12", "2008-01")
    assert metrics["test"]["forecasts"] == 2 * 19
    assert metrics["training"]["known"] == ["price"]
    assert {path.name for path in run.figures.iterdir()} >= {"curves.png", "forecast.png"}
    assert "Mean absolute error" in run.card.read_text()
    assert "pipeline_tag: time-series-forecasting" in run.card.read_text()
    assert len(run.read_history()) == metrics["training"]["epochs"]


def test_every_forecast_is_kept_beside_the_truth_and_the_baselines(run: RunDirectory, folder: Path) -> None:
    table = pq.read_table(run.predictions).to_pandas()
    metrics = run.read_metrics()["test"]
    truth = {
        (row["shop"], row["month"]): float(row["sold"])
        for row in csv.DictReader((folder / "sales.csv").read_text().splitlines())
        if row["sold"]
    }
    assert len(table) == 38 * 6
    assert [truth[key] for key in zip(table["series"], table["time"], strict=True)] == table["truth"].tolist()
    assert metrics["mae"] == pytest.approx((table["truth"] - table["q0.5"]).abs().mean())
    by_step = (table["truth"] - table["q0.5"]).abs().groupby(table["ahead"]).mean()
    assert metrics["mae_by_step"] == pytest.approx(by_step.tolist())
    assert (table[QUANTILES].diff(axis=1).iloc[:, 1:] >= 0).all(axis=None)
    assert (table["origin"] <= table["time"]).all()


def test_the_model_looks_ahead_from_the_end_of_its_own_data(run: RunDirectory, folder: Path) -> None:
    kept = look_ahead(run.path).forecast
    given = look_ahead(run.model, folder / "sales.csv").forecast
    assert kept.names == ("north", "south")
    assert kept.times[0] == tuple(f"2010-{month:02}" for month in range(1, 7))
    assert np.array_equal(kept.quantiles, given.quantiles)
    assert np.array_equal(look_ahead(run.path, horizon=2).forecast.quantiles, kept.quantiles[:, :2])
    panels = look_ahead(run.path).panels()
    assert [len(each["past"]) for each in panels] == [36, 36]
    assert panels[0]["past_times"][-1] == "2009-12"


def test_what_must_be_known_ahead_is_asked_for(tmp_path: Path) -> None:
    done = train(sales(tmp_path / "s.csv", future=2), settings=SETTINGS, directory=tmp_path / "run")
    assert done.metrics["data"]["parts"]["test"]["steps_known_ahead"] == 2
    with pytest.raises(UserError) as caught:
        look_ahead(tmp_path / "run")
    assert caught.value.message == (
        f"'price' must be known for the 6 steps ahead. The data that {tmp_path / 'run'} was trained on hold 2."
    )
    assert caught.value.hint.startswith("--horizon 2, or name a file that has rows after the last value")
    assert look_ahead(tmp_path / "run", horizon=2).forecast.quantiles.shape[1] == 2
    with pytest.raises(SettingError, match="horizon must be from 1 to 6"):
        look_ahead(tmp_path / "run", horizon=7, data=tmp_path / "s.csv")


def test_times_in_utc_are_said_again(tmp_path: Path) -> None:
    hours = [f"2024-{'01-31' if i < 24 else '02-01'}T{i % 24:02}:00+02:00,{i % 5}" for i in range(48)]
    (tmp_path / "h.csv").write_text("\n".join(["time,value", *hours]))
    train(
        tmp_path / "h.csv",
        settings=ForecastRunSettings.from_flat({"horizon": 2, "epochs": 1}),
        directory=tmp_path / "r",
    )
    for run in (tmp_path / "r", tmp_path / "r" / "model"):
        ahead = look_ahead(run)
        assert ahead.notes == ("Times have a time zone; they are counted in UTC.",)
        assert ahead.forecast.times[0][0] == "2024-02-01 22:00"


def test_a_model_without_its_run_needs_data(run: RunDirectory, tmp_path: Path) -> None:
    load_bundle(run.model)
    (tmp_path / "alone").mkdir()
    for file in run.model.iterdir():
        (tmp_path / "alone" / file.name).write_bytes(file.read_bytes())
    with pytest.raises(UserError, match="alone keeps none, and none are given"):
        look_ahead(tmp_path / "alone")


def test_prices_that_are_not_known_ahead_are_missed(run: RunDirectory, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'price' must be known for all 6 steps ahead of the series 'north'. Got 2"):
        look_ahead(run.path, sales(tmp_path / "short.csv", future=2))


def test_a_model_is_judged_again_as_it_was(run: RunDirectory, folder: Path) -> None:
    again, metrics = evaluate(run.path, folder / "sales.csv"), run.read_metrics()
    assert again.metrics == metrics["test"]
    assert again.task == "forecast"
    for name, baseline in again.baselines.items():
        assert baseline["mae"] == metrics["baselines"][name]["mae"]
    assert again.verdict.headline == metrics["verdict"]["headline"]


def test_steps_of_the_training_are_no_test(run: RunDirectory, folder: Path, tmp_path: Path) -> None:
    rows = (folder / "sales.csv").read_text().splitlines()
    early = [row for row in rows if row < "2008-05" or row.startswith("month")]  # 100 of 120 steps; 96 were trained on
    (tmp_path / "early.csv").write_text("\n".join(early))
    found = evaluate(run.path, tmp_path / "early.csv")
    assert found.verdict.headline.endswith("; it has seen these steps in training.")
    assert found.verdict.findings[0].sentence.startswith("32 steps that it was judged on were in its training")
    assert evaluate(run.model, tmp_path / "early.csv").verdict == found.verdict
    shutil.copytree(run.model, tmp_path / "model")
    alone = evaluate(tmp_path / "model", tmp_path / "early.csv")
    assert "leaking" not in [each.kind for each in alone.verdict.findings]


def test_the_report_shows_results_forecasts_and_data(run: RunDirectory) -> None:
    page, failures = report_html(run.read_metrics(), run.read_history(), run.figures, run)
    assert failures == []
    for words in ("How the error grows with the distance", "seasonal last value", "From 2009-06 on:", "2007-12"):
        assert words in page
    for anchor in ("results", "forecasts", "settings", "data", "learning"):
        assert f'id="{anchor}"' in page
    assert 'id="calibration"' not in page


def test_a_report_without_its_tables_says_so(run: RunDirectory, tmp_path: Path) -> None:
    page, failures = report_html(run.read_metrics(), run.read_history(), tmp_path)
    assert failures == []
    assert "Its forecasts are not kept beside this report." in page


def test_runs_are_listed_by_their_error(run: RunDirectory) -> None:
    (found,) = compare(run.path.parent).runs
    assert (found.measure, found.score) == ("mean absolute error", run.read_metrics()["test"]["mae"])


def test_two_forecasts_are_not_compared_as_classifiers_are(run: RunDirectory) -> None:
    with pytest.raises(RunError, match="Two runs are compared where both answer with classes"):
        comparison_html(run, run)


@pytest.mark.parametrize(
    ("changes", "arguments", "message"),
    [
        ({}, {"test": "other.csv"}, "A forecast is judged by the end of its own series. Got a file with --test"),
        ({}, {"validation": "v.csv"}, "Got a file with --validation"),
        ({"test_share": 0.0}, {}, "Some steps must be held out to judge the forecast by. Got a test_share of 0"),
    ],
)
def test_what_cannot_be_done_is_refused(
    changes: dict[str, float], arguments: dict[str, str], message: str, folder: Path, tmp_path: Path
) -> None:
    settings = ForecastRunSettings.from_flat({**SETTINGS.flat(), **changes})
    with pytest.raises(SettingError, match=message):
        train(folder / "sales.csv", settings=settings, directory=tmp_path / "run", **arguments)
    assert not (tmp_path / "run").exists()


def test_a_series_too_short_is_told_before_anything_is_written(tmp_path: Path) -> None:
    data = sales(tmp_path / "sales.csv", steps=8)
    with pytest.raises(DataError, match="the series 'north' must have at least 6 steps before and 6 within"):
        train(data, settings=SETTINGS, directory=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_what_metrics_json_holds_is_plain(run: RunDirectory) -> None:
    assert json.loads(run.metrics.read_text()) == run.read_metrics()


def test_a_part_held_out_that_is_shorter_than_the_horizon_is_refused_before_the_training(tmp_path: Path) -> None:
    settings = ForecastRunSettings.from_flat({"series": "shop", "known": ["price"], "test_steps": 6})
    with pytest.raises(
        DataError, match=r"at least 12 steps before and 12 within .* Of its 120 steps, 6 are in that part"
    ):
        KIND.prepare(sales(tmp_path / "sales.csv"), None, None, settings, Listener())


def test_values_that_logarithms_cannot_read_end_no_run_and_are_told(tmp_path: Path) -> None:
    growth = [100 * 1.02**step for step in range(100)]
    growth[90] = growth[99] = 0
    lines = (f"{step},{value}" for step, value in enumerate(growth))
    path = tmp_path / "growth.csv"
    path.write_text("\n".join(["step,value", *lines]))
    told: list[str] = []

    class Ear(Listener):
        def note(self, text: str) -> None:
            told.append(text)

    settings = ForecastRunSettings.from_flat({"horizon": 4, "epochs": 1, "hidden_size": 4, "logarithm": "always"})
    run = train(path, settings=settings, directory=tmp_path / "run", listener=Ear()).directory
    (note,) = (each for each in told if "logarithms and so always above 0" in each)
    assert note.startswith("2 values are not above 0. ")
    truth = pq.read_table(RunDirectory(run).predictions)["truth"].to_numpy()
    assert 0 < (truth == 0).sum() < len(truth)
    found = look_ahead(run)
    assert note in found.notes
    assert np.isfinite(found.forecast.quantiles).all()
