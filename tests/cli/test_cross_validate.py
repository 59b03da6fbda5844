"""`longshort cross-validate`: every row held out once, the baselines beside, nothing kept."""

from __future__ import annotations

import json

import pytest
from tests.runs.small import table
from tests.runs.test_sequences import ts, waves

QUICK = ("--epochs", "1", "--embedding-size", "4", "--hidden-size", "4", "--minimum-count", "1")
FAST = ("--hidden-size", "4", "--filters", "4", "--epochs", "3")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "films.csv")
    return tmp_path


def test_folds_mean_spread_and_the_opponents(longshort, elsewhere):
    result = longshort("cross-validate", "films.csv", "--folds", "3", *QUICK, "--pretraining-epochs", "0")
    lines = result.stdout.splitlines()

    assert result.exit_code == 0, result.stderr
    assert lines[0] == "On 60 texts of films.csv, each held out once, in 3 folds:"
    assert lines[1].split("  ")[0] == "fold"
    assert [line.split()[:2] for line in lines[2:5]] == [["1", "20"], ["2", "20"], ["3", "20"]]
    assert lines[5] == "(the columns of the opponents: their accuracy on the same rows)"
    assert [line.split("  ")[0] for line in lines[7:11]] == [
        "mean ± spread",
        "this model",
        "majority class",
        "TF-IDF + logistic regression",
    ]
    assert lines[-1].startswith("The model is more accurate than TF-IDF + logistic regression in 0 of 3 folds, by -0.")
    assert "Fold 3 of 3" in result.stderr
    assert sorted(path.name for path in elsewhere.iterdir()) == ["films.csv"]


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
    assert lines[5] == "(the columns of the opponents: their MAE on the same rows)"
    assert lines[7].split() == ["mean", "±", "spread", "MAE", "RMSE", "R²"]
    assert lines[-1].startswith("The model is nearer than ")
    assert " in 0 of 3 folds; its mean absolute error differs by +" in lines[-1]
    content = json.loads(longshort(*command, "--json").stdout)
    ours = content["model"]["mae"]["mean"]
    theirs = content["baselines"][content["difference"]["opponent"]]["mae"]["mean"]
    assert content["difference"]["mae"] == pytest.approx(ours - theirs)
    assert theirs == min(each["mae"]["mean"] for each in content["baselines"].values())


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
            ("films.csv", "--task", "forecast"),
            "error: longshort cross-validate takes --task text-classification, sequence-classification, sequence-regression. "
            "Got forecast.\n\nhint: longshort train --task forecast judges from many origins in time; ",
        ),
        (("nothing.csv",), "error: there is no file, folder or sample 'nothing.csv'.\n\nhint: "),
    ],
)  # fmt: skip
def test_a_mistake_is_one_message_and_one_hint(longshort, args, message):
    result = longshort("cross-validate", *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(message)
