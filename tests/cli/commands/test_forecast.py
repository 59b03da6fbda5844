"""`longshort forecast`, and a forecast in the other commands."""

from __future__ import annotations

import csv
import io
import json
import re

import numpy as np
import pytest

pytestmark = pytest.mark.usefixtures("without_report")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of two years of days, trained for an epoch."""
    from click.testing import CliRunner

    from longshort.cli import main

    place = tmp_path_factory.mktemp("cli")
    days = np.arange("2023-01-01", "2024-12-31", dtype="datetime64[D]")
    values = 20 + 5 * np.sin(2 * np.pi * np.arange(len(days)) / 7) + np.random.default_rng(0).normal(size=len(days))
    lines = [f"{day},{value:.3f}" for day, value in zip(days, values, strict=True)]
    (place / "days.csv").write_text("\n".join(["day,degrees", *lines]) + "\n")
    options = [
        "--task",
        "forecast",
        "--horizon",
        "5",
        "--epochs",
        "1",
        "--hidden-size",
        "4",
        "--run",
        str(place / "run"),
    ]
    result = CliRunner().invoke(main, ["train", str(place / "days.csv"), *options])
    assert result.exit_code == 0, result.stderr
    (place / "train.out").write_text(result.stdout)
    return place


def test_a_training_ends_with_how_good_it_is_and_what_to_type_next(folder):
    said = (folder / "train.out").read_text()
    assert re.match(r"On 14\d forecasts of 5 steps:\n", said)
    assert "MASE" in said
    assert re.search(r"Actual values: [\d.]+ % within the 50 % band, ", said)
    assert f"Next: longshort forecast {folder / 'run'} --figure forecast.png\n" in said


def test_a_pipe_gets_csv(folder, longshort):
    result = longshort("forecast", str(folder / "run"), "--horizon", "3")
    header, *rows = csv.reader(io.StringIO(result.stdout))
    assert (result.exit_code, result.stderr) == (0, "")
    assert header == ["time", "q0.05", "q0.1", "q0.25", "q0.5", "q0.75", "q0.9", "q0.95"]
    assert [row[0] for row in rows] == ["2024-12-31", "2025-01-01", "2025-01-02"]
    assert result.stdout == longshort("forecast", str(folder / "run"), "--horizon", "3", "--csv").stdout


def test_json_has_every_number(folder, longshort):
    content = json.loads(longshort("forecast", str(folder / "run"), str(folder / "days.csv"), "--json").stdout)
    rows = list(csv.reader(io.StringIO(longshort("forecast", str(folder / "run")).stdout)))[1:]
    assert content["target"] == "degrees"
    assert [[float(cell) for cell in row[1:]] for row in rows] == content["forecasts"][0]["quantiles"]


@pytest.mark.parametrize(("suffix", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_figure_is_drawn_the_same_each_time(folder, longshort, tmp_path, suffix, start):
    path = tmp_path / f"f.{suffix}"
    drawn = []
    for _ in range(2):
        result = longshort("forecast", str(folder / "run"), "--figure", str(path))
        assert result.stderr == f"Wrote {path}.\n"
        drawn.append(path.read_bytes())
    assert drawn[0] == drawn[1]
    assert drawn[0].startswith(start)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--horizon", "6"],
            "horizon must be from 1 to 5, as many steps as this model was trained to look ahead. Got 6",
        ),
        (["--csv", "--json"], "The forecast is printed as CSV or as JSON. Got both."),
        (["--figure", "f.gif"], "A figure is a file with one of .png, .svg, .pdf. Got f.gif."),
        (["--figure", "no/such/f.png"], "no/such/f.png: The file could not be written: No such file or directory."),
        (["--fill", "linear"], "--fill says how DATA is read. Got no DATA."),
        (["missing.csv"], "there is no file 'missing.csv'"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(folder, longshort, arguments, message):
    result = longshort("forecast", str(folder / "run"), *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "\n\nhint: " in result.stderr


def test_gaps_are_refused_or_filled_as_asked(folder, longshort, tmp_path):
    lines = (folder / "days.csv").read_text().splitlines()
    (tmp_path / "gap.csv").write_text("\n".join([*lines[:400], *lines[402:]]) + "\n")
    refused = longshort("forecast", str(folder / "run"), str(tmp_path / "gap.csv"))
    assert (refused.exit_code, "--fill" in refused.stderr) == (2, True)
    filled = longshort("forecast", str(folder / "run"), str(tmp_path / "gap.csv"), "--fill", "linear")
    assert filled.exit_code == 0
    assert "2 " in filled.stderr


def test_a_forecast_is_judged_again(folder, longshort):
    result = longshort("evaluate", str(folder / "run"), str(folder / "days.csv"), "--json")
    content = json.loads(result.stdout)
    assert set(content["baselines"]) == {"last value", "seasonal last value", "drift", "ridge autoregression"}
    assert "forecasts of 5 steps" in longshort("evaluate", str(folder / "run"), str(folder / "days.csv")).stdout


def test_a_classifier_is_no_forecast_and_a_forecast_no_classifier(folder, longshort):
    result = longshort("predict", str(folder / "run"), "text")
    assert (result.exit_code, "is a forecast, which has no classes" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "command", [["memory", "RUN"], ["units", "RUN"], ["explain", "RUN"], ["trace", "RUN"], ["trace", "RUN", "a text"]]
)
def test_what_looks_into_other_models_says_so(folder, longshort, command):
    run = str(folder / "run")
    result = longshort(*(run if each == "RUN" else each for each in command))
    kinds = "texts" if command[0] in ("memory", "units") else "texts or of sequences"
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"error: The model must be one of {kinds}. {run} is one of a forecast.\n\n"
        "hint: longshort.watch inspects any network, in Python.\n"
    )


@pytest.mark.parametrize(
    ("known", "ahead", "ends"),
    [
        ([], 0, " --figure forecast.png"),
        (["p"], 5, "forecast.png"),
        (["p", "{q}"], 4, "DATA, where DATA has rows after the last value with p, {q}"),
    ],
)
def test_what_to_type_next_needs_what_must_be_known(known, ahead, ends):
    from longshort.kinds import kind_of

    metrics = {"task": "forecast", "training": {"known": known, "horizon": 5}}
    metrics["data"] = {"parts": {"test": {"steps_known_ahead": ahead}}}
    said = kind_of("forecast").next_command(metrics, "runs/a")
    assert said.startswith("longshort forecast runs/a ")
    assert said.endswith(ends)


def test_the_help_has_the_options_and_defaults_of_the_task(longshort):
    said = longshort("train", "--task", "forecast", "--help").stdout
    for words in ("--horizon", "--season", "--known", "--trend", "--logarithm", "--quantiles", "default: 0.001"):
        assert words in said
    assert "--pretraining-epochs" not in said
