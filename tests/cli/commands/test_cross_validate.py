"""`longshort cross-validate`: every row held out once, the baselines beside, nothing kept."""

from __future__ import annotations

import json
import signal
import tempfile

import pytest
from tests.kinds.sequences.test_classification import ts, waves
from tests.small_runs import table

from longshort.kinds.text.kind import TextKind

QUICK = ("--epochs", "1", "--embedding-size", "4", "--hidden-size", "4", "--minimum-count", "1")
FAST = ("--hidden-size", "4", "--filters", "4", "--epochs", "3")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "films.csv")
    months(tmp_path / "months.csv")
    return tmp_path


def test_folds_mean_spread_and_the_baselines(longshort, elsewhere):
    result = longshort("cross-validate", "films.csv", "--folds", "3", *QUICK, "--pretraining-epochs", "0")
    lines = result.stdout.splitlines()

    assert result.exit_code == 0, result.stderr
    assert lines[0] == "On 60 texts of films.csv, each held out once, in 3 folds:"
    assert lines[1].split("  ")[0] == "fold"
    assert [line.split()[:2] for line in lines[2:5]] == [["1", "20"], ["2", "20"], ["3", "20"]]
    assert lines[5] == "(the columns of the baselines: their accuracy on the same rows)"
    assert [line.split("  ")[0] for line in lines[7:11]] == [
        "mean ± spread",
        "this model",
        "majority class",
        "TF-IDF + logistic regression",
    ]
    assert lines[-1].startswith("The model is more accurate than TF-IDF + logistic regression in 0 of 3 folds, by -0.")
    assert "Fold 3 of 3" in result.stderr
    assert sorted(path.name for path in elsewhere.iterdir()) == ["films.csv", "months.csv"]


def test_as_json_with_settings_and_seed(longshort):
    command = ("cross-validate", "films.csv", "--folds", "2", *QUICK, "--pretraining-epochs", "0", "--json")
    content = json.loads(longshort(*command, "--seed", "5").stdout)

    assert content["settings"]["training"]["seed"] == 5
    assert content["settings"]["model"]["hidden_size"] == 4
    assert [fold["rows"]["test"] for fold in content["folds"]] == [30, 30]
    accuracies = [fold["model"]["accuracy"] for fold in content["folds"]]
    assert content["model"]["accuracy"]["mean"] == pytest.approx(sum(accuracies) / 2)
    assert set(content["baselines"]) == {"majority class", "TF-IDF + logistic regression"}
    again = json.loads(longshort(*command, "--seed", "5").stdout)
    assert again["model"] == content["model"]


def test_sequences(longshort, elsewhere):
    ts(elsewhere / "waves.ts", waves(24, 0))
    result = longshort("cross-validate", "waves.ts", "--folds", "2", *FAST)

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("On 24 sequences of waves.ts, each held out once, in 2 folds:\n")


def swings(path, count=30):
    """Sequences of one value over and over, which is also what is to be answered."""
    values = [round(0.1 * number - 1, 1) for number in range(count)]
    lines = [
        f"{number},{step},{value + step / 100},{value}" for number, value in enumerate(values) for step in range(6)
    ]
    path.write_text("name,time,value,much\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return ("--task", "sequence-regression", "--id", "name", "--time", "time", "--label", "much", "--members", "1")


def test_numbers(longshort, elsewhere):
    command = ("cross-validate", "much.csv", *swings(elsewhere / "much.csv"), "--folds", "3", *FAST)
    result = longshort(*command)
    lines = result.stdout.splitlines()

    assert result.exit_code == 0, result.stderr
    assert lines[0] == "On 30 sequences of much.csv, each held out once, in 3 folds:"
    assert lines[1].split("  ")[0] == "fold"
    assert [line.split()[:2] for line in lines[2:5]] == [["1", "10"], ["2", "10"], ["3", "10"]]
    assert lines[5] == "(the columns of the baselines: their MAE on the same rows)"
    assert lines[7].split() == ["mean", "±", "spread", "MAE", "RMSE", "R²"]
    assert lines[-1].startswith("The model is nearer than ")
    assert " in 0 of 3 folds; its mean absolute error differs by +" in lines[-1]
    content = json.loads(longshort(*command, "--json").stdout)
    ours = content["model"]["mae"]["mean"]
    theirs = content["baselines"][content["difference"]["opponent"]]["mae"]["mean"]
    assert content["difference"]["mae"] == pytest.approx(ours - theirs)
    assert theirs == min(each["mae"]["mean"] for each in content["baselines"].values())


def months(path, steps=60):
    """A year that comes again and again, a little higher each time."""
    values = [
        f"{2000 + step // 12}-{step % 12 + 1:02},{100 + step + 20 * (step % 12 in (5, 6, 7))}" for step in range(steps)
    ]
    path.write_text("month,sold\n" + "\n".join(values) + "\n", encoding="utf-8")
    return ("--task", "forecast", "--horizon", "3", "--hidden-size", "4", "--epochs", "1", "--no-statistics")


def test_forecasts_are_of_parts_that_follow_one_another(longshort, elsewhere):
    command = ("cross-validate", "months.csv", *months(elsewhere / "months.csv"), "--trend", "level", "--folds", "2")
    result = longshort(*command)
    lines = result.stdout.splitlines()

    assert result.exit_code == 0, result.stderr
    assert lines[0] == "On the last 40 steps of months.csv, in 2 folds, each forecast from all that is before it:"
    assert [line.split()[:2] for line in lines[1:4]] == [["from", "steps"], ["2001-09", "20"], ["2003-05", "20"]]
    assert lines[6].split() == ["mean", "±", "spread", "MAE", "MASE", "sMAPE", "CRPS"]
    assert lines[-1].startswith("The model is nearer than ridge autoregression in ")
    assert "epoch" not in result.stderr
    content = json.loads(longshort(*command, "--test-steps", "6", "--json").stdout)
    assert [fold["begins"] for fold in content["folds"]] == ["2004-01", "2004-07"]
    assert [fold["rows"] for fold in content["folds"]] == [{"train": 48, "test": 6}, {"train": 54, "test": 6}]
    assert content["difference"]["mae"] == pytest.approx(
        content["model"]["mae"]["mean"] - content["baselines"]["ridge autoregression"]["mae"]["mean"]
    )


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_in_order(longshort, elsewhere, monkeypatch, number, code):
    stores = elsewhere / "stores"
    stores.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(stores))

    def stopped(self, prepared, settings, listener, *, folder):
        assert list(stores.iterdir()) == [folder]
        signal.raise_signal(number)

    monkeypatch.setattr(TextKind, "fit", stopped)
    result = longshort("cross-validate", "films.csv", "--folds", "2", *QUICK)

    assert result.exit_code == code
    assert result.stderr.endswith(
        "stopped: Stopped before the last fold was done; nothing is kept.\n\nhint: Run it again.\n"
    )
    assert list(stores.iterdir()) == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("films.csv", "--folds", "1"), "error: There must be at least 2 folds. Got 1.\n\nhint: Usual numbers are 5 and 10.\n"),
        (
            ("films.csv", "--folds", "40"),
            "Reading films.csv\nerror: films.csv: each of 40 folds must have every class, and leave the others enough: class 'neg' "
            "has 30 that are different.\n\nhint: Ask for fewer folds, or leave rare classes out.\n",
        ),
        (
            ("months.csv", "--task", "forecast", "--horizon", "3", "--folds", "20"),
            "Reading months.csv\nerror: months.csv: to look 3 ahead, the series must have at least 3 steps in each of 20 folds and 6 "
            "before. Of its 60 steps, 2 are in each and 20 before.\n\nhint: Ask for fewer folds or a smaller horizon, ",
        ),
        (("nothing.csv",), "error: there is no file, folder or sample 'nothing.csv'.\n\nhint: "),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_and_one_hint(longshort, args, message):
    result = longshort("cross-validate", *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
