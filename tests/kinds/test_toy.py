"""A kind that is one file, through the real commands."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from tests.kinds.toy import read

import longshort
from longshort.artifacts.bundle import load_bundle
from longshort.cli import main
from longshort.errors import UserError
from longshort.kinds import registry

FLAGS = ("--epochs", "4")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of lists, and the kind that reads them."""
    place = tmp_path_factory.mktemp("lists")
    draw = np.random.default_rng(0)
    for name, count in (("train", 120), ("more", 30)):
        lists = [draw.integers(0, 9, draw.integers(1, 6)).tolist() for _ in range(count)]
        lines = [f"{' '.join(map(str, each))} = {sum(each)}" for each in lists]
        (place / f"{name}.lists").write_text("\n".join(lines) + "\n")
    return place


@pytest.fixture(autouse=True)
def registered(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_HOMES", dict(registry._HOMES))
    registry.register("list-sum", "tests.kinds.toy:KIND")
    monkeypatch.chdir(folder)


def typed(*command: str) -> Result:
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return result


@pytest.fixture
def run(folder: Path) -> Path:
    """A run of the kind; trained once."""
    if not (folder / "runs" / "sums").exists():
        result = typed("train", "train.lists", "--name", "sums", "--epochs", "30")
        assert "Next: longshort predict runs/sums --file FILE" in result.stdout
    return Path("runs/sums")


def test_it_is_trained_and_keeps_a_whole_run(run: Path) -> None:
    metrics = json.loads((run / "metrics.json").read_bytes())
    assert metrics["task"] == "list-sum"
    assert metrics["test"]["mae"] < metrics["baselines"]["mean"]["mae"]
    assert "mean absolute error" in metrics["verdict"]["headline"].lower()
    for name in ("model/config.json", "model/encoding.json", "predictions.parquet", "train.log", "figures/curves.png"):
        assert (run / name).is_file()


def test_it_is_loaded_and_predicts(run: Path) -> None:
    bundle = load_bundle(run)
    line = typed("predict", str(run), "3 1 4").stdout.strip()
    assert bundle.task.answers(bundle.network, read(["3 1 4"])).tolist() == [pytest.approx(float(line))]
    assert len(typed("predict", str(run), "--file", "more.lists").stdout.splitlines()) == 30
    with pytest.raises(UserError, match="list-sum models have none"):
        longshort.load(run)


def test_it_is_evaluated(run: Path) -> None:
    found = json.loads(typed("evaluate", str(run), "more.lists", "--json").stdout)
    assert found["metrics"]["examples"] == 30
    assert set(found["baselines"]) == {"mean"}


def test_it_is_cross_validated() -> None:
    found = json.loads(typed("cross-validate", "train.lists", "--folds", "3", "--json", *FLAGS).stdout)
    assert [fold["rows"]["test"] for fold in found["folds"]] == [40, 40, 40]
    assert (
        "On 120 lists of train.lists, each held out once, in 3 folds:"
        in typed("cross-validate", "train.lists", "--folds", "3", *FLAGS).stdout
    )


def test_its_settings_are_searched() -> None:
    assert "Next: longshort train train.lists " in typed("tune", "train.lists", "--trials", "2", *FLAGS).stdout


def test_its_report_and_card_show_its_metrics(run: Path) -> None:
    page = Path(typed("report", str(run)).stdout.strip()).read_text()
    assert all(word in page for word in ("Results", "mean absolute error", "R²", "Settings", "Learning"))
    assert "could not be made" not in page
    card = (run / "README.md").read_text()
    assert "It has seen short lists alone." in card
    assert "| this model |" in card


def test_it_stands_among_the_runs(run: Path) -> None:
    found = json.loads(typed("runs", "--json").stdout)
    assert [(each["task"], each["measure"], each["baseline"]) for each in found] == [
        ("list-sum", "mean absolute error", "mean")
    ]


def test_it_is_resumed(folder: Path) -> None:
    """What --resume needs of a kind is its settings alone; a finished run is refused in the usual words."""
    result = CliRunner().invoke(main, ["train", "--resume", "runs/sums"])
    assert (result.exit_code, "is finished" in result.stderr) == (2, True)


def test_its_options_are_in_the_help() -> None:
    said = typed("train", "--task", "list-sum", "--help").stdout
    assert "list-sum" in said
    assert "Hidden units." in said


def test_it_is_one_short_file() -> None:
    assert len(Path(__file__).with_name("toy.py").read_text().splitlines()) <= 150
