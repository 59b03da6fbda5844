"""A run of a regression, from a file to a model that answers again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import longshort
from longshort.cli import main
from longshort.config import RegressionRunSettings
from longshort.errors import DataError
from longshort.pages.report import report_html
from longshort.runs import RunDirectory, compare, evaluate, train

pytestmark = pytest.mark.usefixtures("without_report")

SETTINGS = RegressionRunSettings.from_flat(
    {"hidden_size": 8, "filters": 8, "members": 1, "epochs": 12, "learning_rate": 0.01}
)


def ts(path: Path, count: int, seed: int) -> Path:
    """Ramps with noise, of different lengths; the target is how steep they are, in thousandths."""
    rng = np.random.default_rng(seed)
    lines = []
    for _ in range(count):
        slope, steps = rng.uniform(-1, 1), int(rng.integers(12, 25))
        values = slope * np.arange(steps) + rng.normal(0, 0.1, steps)
        lines.append(",".join(f"{value:.4f}" for value in values) + f":{1000 * slope:.3f}")
    path.write_text("@problemName ramps\n@targetLabel true\n@data\n" + "\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("regressions")
    ts(place / "train.ts", 120, 0)
    ts(place / "test.ts", 60, 1)
    train(place / "train.ts", test=place / "test.ts", settings=SETTINGS, directory=place / "runs" / "ramps")
    return place


@pytest.fixture(scope="module")
def run(folder: Path) -> RunDirectory:
    return RunDirectory.open(folder / "runs" / "ramps")


def typed(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(each) for each in arguments])


def test_a_run_tells_the_whole_story(run: RunDirectory) -> None:
    metrics, table = run.read_metrics(), pq.read_table(run.predictions).to_pandas()
    assert metrics["task"] == "sequence-regression"
    assert metrics["test"]["r2"] > 0.8
    assert metrics["test"]["mae"] == pytest.approx((table["truth"] - table["answer"]).abs().mean())
    assert set(metrics["baselines"]) == {
        "mean of the targets",
        "summary features + ridge regression",
        "resampled series + ridge regression",
        "1-nearest neighbour",
    }
    for name, baseline in metrics["baselines"].items():
        assert baseline["mae"] == pytest.approx((table["truth"] - table[name]).abs().mean())
    worst = metrics["worst_errors"]
    assert [abs(each["truth"] - each["answer"]) for each in worst] == sorted(
        (table["truth"] - table["answer"]).abs(), reverse=True
    )[:10]
    nearest, furthest = metrics["examples"]
    assert abs(nearest["truth"] - nearest["answer"]) == (table["truth"] - table["answer"]).abs().min()
    assert {name: furthest[name] for name in worst[0]} == worst[0]
    assert {path.name for path in run.figures.iterdir()} >= {"curves.png", "answers.png"}
    assert "R²" in run.card.read_text()


def test_the_report_shows_results_answers_errors_and_data(run: RunDirectory) -> None:
    page, failures = report_html(run.read_metrics(), run.read_history(), run.figures, run)
    assert failures == []
    for anchor in ("results", "answers", "errors", "data", "learning"):
        assert f'id="{anchor}"' in page
    assert "of them are nearer than the mean absolute error" in page
    assert page.count('<img class="series"') == 4 + 2
    assert 'id="calibration"' not in page


def _kept(run: RunDirectory, baseline: str) -> dict[str, object]:
    found = run.read_metrics()["baselines"][baseline]
    return {name: value for name, value in found.items() if name not in ("comparison", "seconds")}


def test_a_model_answers_and_is_judged_again(run: RunDirectory, folder: Path) -> None:
    again = evaluate(run.path, folder / "test.ts")
    assert again.metrics == pytest.approx(run.read_metrics()["test"])
    assert again.baselines == {"mean of the targets": pytest.approx(_kept(run, "mean of the targets"))}
    seen = evaluate(run.path, folder / "train.ts")
    assert [each.sentence.split()[0] for each in seen.verdict.findings if each.kind == "leaking"] == ["120"]
    answers = [float(line) for line in typed("predict", run.path, "--file", folder / "test.ts").stdout.splitlines()]
    assert answers == pytest.approx(pq.read_table(run.predictions)["answer"].to_pylist())
    first = json.loads(typed("predict", run.path, "--file", folder / "test.ts", "--json").stdout.splitlines()[0])
    assert first["answer"] == pytest.approx(answers[0])
    assert isinstance(longshort.load(run.path), longshort.SequenceRegressor)


def test_the_header_of_a_file_says_the_task(folder: Path, tmp_path: Path) -> None:
    options = ("--epochs", 1, "--hidden-size", 4, "--front", "none", "--run", tmp_path / "run")
    result = typed("train", folder / "train.ts", *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("On 12 test sequences:\n")
    assert f"Next: longshort predict {tmp_path / 'run'} --file FILE" in result.stdout
    assert typed("evaluate", tmp_path / "run", folder / "test.ts").stdout.startswith("On 60 labelled sequences:\n")


def test_runs_are_listed_by_their_error(run: RunDirectory) -> None:
    (found,) = compare(run.path.parent).runs
    assert (found.measure, found.examples) == ("mean absolute error", 60)
    assert "MAE" in typed("runs", run.path.parent).stdout


def test_classes_are_no_numbers(tmp_path: Path) -> None:
    (tmp_path / "classes.csv").write_text("a,b,c,label\n1,2,3,up\n3,2,1,down\n")
    with pytest.raises(DataError, match="must be a number"):
        train(tmp_path / "classes.csv", settings=SETTINGS, directory=tmp_path / "run")
