"""`longshort tune`: judged on validation rows alone, goes on from its file, ends with what to type."""

from __future__ import annotations

import json
import shlex
import signal
from pathlib import Path

import pytest
from tests.cli.commands.test_cross_validate import months, swings
from tests.kinds.sequences.test_classification import ts, waves
from tests.small_runs import table

pytestmark = pytest.mark.usefixtures("without_report")

QUICK = ("--epochs", "2", "--embedding-size", "4", "--hidden-size", "4", "--minimum-count", "1", "--num-layers", "1")
QUICK = (*QUICK, "--pretraining-epochs", "0", "--batch-tokens", "128", "--no-statistics")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    table(tmp_path / "films.csv", rows=100)
    return tmp_path


def test_a_search_ends_with_a_command_that_gives_the_same_model(longshort):
    found = longshort("tune", "films.csv", "--trials", "6", *QUICK, "--seed", "3")
    lines = found.stdout.splitlines()

    assert found.exit_code == 0, found.stderr
    assert lines[0].startswith("6 trials")
    assert {line.split()[0] for line in lines if line.startswith("--")} == {
        "--learning-rate",
        "--output-dropout",
        "--pooling",
        "--weight-decay",
        "--word-dropout",
    }
    assert "(mattered: its share of the variance of the loss over all trials)" in lines
    assert "The trials are in runs/tuning/films.jsonl; the same command with more --trials adds to them." in lines
    best = float(next(line for line in lines if line.startswith("best trial")).split()[-1])
    default = float(next(line for line in lines if line.startswith("defaults")).split()[-1])
    assert best <= default
    command = shlex.split(lines[-1].removeprefix("Next: longshort "))
    trained = longshort(*command, "--name", "best")
    assert trained.exit_code == 0, trained.stderr
    history = [json.loads(line) for line in Path("runs/best/history.jsonl").read_text().splitlines()]
    assert min(record["validation_loss"] for record in history) == pytest.approx(best, abs=1e-4)


def test_the_same_command_goes_on(longshort):
    first = longshort("tune", "films.csv", "--trials", "2", *QUICK, "--json")
    size = Path("runs/tuning/films.jsonl").stat().st_size
    again = longshort("tune", "films.csv", "--trials", "2", *QUICK, "--json")
    more = longshort("tune", "films.csv", "--trials", "3", *QUICK, "--json")

    assert json.loads(first.stdout) == json.loads(again.stdout)
    assert "Trial" not in again.stderr
    assert Path("runs/tuning/films.jsonl").stat().st_size > size
    assert [line.split(":")[0] for line in more.stderr.splitlines() if line.startswith("Trial")] == ["Trial 3 of 3"]
    assert json.loads(more.stdout)["trials"] == 3
    assert json.loads(more.stdout)["importance"] == {}


def test_a_study_of_something_else_is_refused(longshort, elsewhere):
    longshort("tune", "films.csv", "--trials", "1", *QUICK)
    other = longshort("tune", "films.csv", "--trials", "1", *QUICK, "--seed", "1")
    table(elsewhere / "films.csv", rows=100, seed=9)
    changed = longshort("tune", "films.csv", "--trials", "1", *QUICK)

    hint = "hint: Name another file with --study, or remove that one.\n"
    assert (other.exit_code, changed.exit_code) == (2, 2)
    assert changed.stderr.endswith(f"error: The study in runs/tuning/films.jsonl is of other data.\n\n{hint}")
    assert other.stderr.endswith(
        f"error: The study in runs/tuning/films.jsonl has seed 0. Got 1, which is another search.\n\n{hint}"
    )


def test_the_rows_for_the_report_are_not_looked_at(longshort, monkeypatch):
    from longshort.kinds.text.kind import TextKind

    seen, fit = [], TextKind.fit

    def spied(self, prepared, *args, **extra):
        seen.append({name: len(part.rows) for name, part in prepared.parts.items()})
        return fit(self, prepared, *args, **extra)

    monkeypatch.setattr(TextKind, "fit", spied)
    assert longshort("tune", "films.csv", "--trials", "1", *QUICK).exit_code == 0
    assert seen == [{"train": 80, "validation": 10}]


def test_few_sequences_are_judged_in_folds_of_the_training_part(longshort, elsewhere):
    ts(elsewhere / "train.ts", waves(30, 0))
    ts(elsewhere / "test.ts", waves(12, 1))
    args = ("--hidden-size", "4", "--filters", "4", "--epochs", "2", "--num-layers", "1", "--no-statistics")
    result = longshort("tune", "train.ts", "--test", "test.ts", "--trials", "1", *args)

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("1 trial. Validation loss (mean over 3 folds of the training part):\n")
    line = result.stdout.splitlines()[-1]
    assert line.startswith("Next: longshort train train.ts --test test.ts --filters 4 --hidden-size 4 --num-layers 1 ")


def test_numbers_are_searched_too_and_the_command_at_the_end_works(longshort, elsewhere):
    task = swings(elsewhere / "much.csv")
    fixed = ("--hidden-size", "4", "--filters", "4", "--epochs", "2", "--num-layers", "1", "--no-statistics")
    result = longshort("tune", "much.csv", *task, "--trials", "2", *fixed)

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("2 trials. Validation loss (mean over 3 folds of the training part):\n")
    command = shlex.split(result.stdout.splitlines()[-1].removeprefix("Next: longshort "))
    assert command[:4] == ["train", "much.csv", "--task", "sequence-regression"]
    assert longshort(*command).exit_code == 0


def test_forecasts_are_compared_by_what_comes_after_the_training(longshort, elsewhere, monkeypatch):
    import optuna

    task = months(elsewhere / "months.csv")
    monkeypatch.setattr(optuna.trial.Trial, "should_prune", lambda self: self.number == 1)
    result = longshort("tune", "months.csv", *task, "--trials", "3", "--test-steps", "12", "--trend", "level")

    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(
        "3 trials, 1 of them stopped early. CRPS as a share of the usual change from season to season "
        "(mean over 3 folds of the training part):\n"
    )
    assert "epoch" not in result.stderr
    command = shlex.split(result.stdout.splitlines()[-1].removeprefix("Next: longshort "))
    assert command[:4] == ["train", "months.csv", "--task", "forecast"]
    assert longshort(*command).exit_code == 0


def test_a_trial_that_is_worse_than_most_is_given_up(longshort, monkeypatch):
    import optuna

    monkeypatch.setattr(optuna.trial.Trial, "should_prune", lambda self: self.number > 0)
    result = longshort("tune", "films.csv", "--trials", "3", *QUICK)

    assert result.stdout.startswith("3 trials, 2 of them stopped early. Validation loss:\n")
    assert result.stderr.count("  stopped: worse than most at this point\n") == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_keeps_what_was_tried(longshort, monkeypatch, number, code):
    from longshort.kinds.text.kind import TextKind

    longshort("tune", "films.csv", "--trials", "1", *QUICK)

    def stopped(self, *args, **extra):
        signal.raise_signal(number)

    with monkeypatch.context() as context:
        context.setattr(TextKind, "fit", stopped)
        result = longshort("tune", "films.csv", "--trials", "2", *QUICK)
    assert result.exit_code == code
    assert result.stderr.endswith(
        "stopped: Stopped in trial 2; the 1 before it are kept.\n\nhint: The same command continues from there.\n"
    )
    assert longshort("tune", "films.csv", "--trials", "2", *QUICK).stdout.startswith("2 trials")


def test_without_optuna_the_extra_is_named(longshort, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "optuna", None)
    result = longshort("tune", "films.csv", *QUICK)

    assert result.exit_code == 2
    assert result.stderr.endswith(
        "error: The search over settings needs the package optuna, which is not installed.\n\n"
        "hint: pip install 'longshort[tune]'\n"
    )


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--trials", "0"), "There must be at least 1 trial. Got 0."),
        (("--validation-share", "0"), "A search needs validation rows to judge by. Got a validation_share of 0."),
        (("--study", "films.csv"), "films.csv must hold a study. It does not."),
    ],
)
def test_a_mistake_is_one_message_and_one_hint(longshort, args, message):
    result = longshort("tune", "films.csv", *QUICK, *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert f"error: {message}\n\nhint: " in result.stderr
    assert "Traceback" not in result.stderr
