"""What every experiment promises: its options, its folder, its files, its last lines."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from longshort.config import TrainingSettings
from longshort.errors import Interrupted, RunError, SettingError
from longshort.evaluation import Finding, Verdict
from longshort.experiments import EXPERIMENTS, Experiment
from longshort.experiments.base import Report, train_to_the_end
from longshort.experiments.sequence_sum import build, numbers
from longshort.networks import ClassificationObjective
from longshort.training import Listener, Training

VERDICT = Verdict(headline="It is a test.", findings=(Finding(kind="x", level="note", sentence="So it is."),))


def conduct(*, folder, out, fixed=False, seed=7):
    out(f"seed {seed}")
    (folder / "curves.png").write_bytes(b"")
    return Report({"seed": seed}, VERDICT, "longshort samples")


TRIAL = Experiment("trial", "A trial.", ("fixed", "seed"), conduct)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_experiments_are_under_their_names():
    assert {name: experiment.options for name, experiment in EXPERIMENTS.items()} == {
        "sequence-sum": ("fixed", "seed", "epochs"),
        "text": ("seed", "epochs"),
        "memory": ("problem", "length", "network", "seed", "steps", "full"),
    }
    assert all(name == experiment.name for name, experiment in EXPERIMENTS.items())


def test_it_prints_its_lines_then_the_verdict_the_folder_and_the_next_command():
    lines: list[str] = []
    outcome = TRIAL.run(out=lines.append)

    assert "\n".join(lines) == (
        "seed 7\n\nVerdict: It is a test.\n\n[note] So it is.\n\n"
        "Figure and metrics: runs/experiments/trial\nNext: longshort samples"
    )
    assert outcome.directory == Path("runs/experiments/trial")
    assert outcome.next_command == "longshort samples"
    assert outcome.verdict is VERDICT


def test_metrics_are_kept_as_json():
    outcome = TRIAL.run(seed=3, out=lambda _: None)
    kept = json.loads((outcome.directory / "metrics.json").read_text())

    assert kept == outcome.metrics
    assert (kept["experiment"], kept["options"], kept["seed"]) == ("trial", {"seed": 3}, 3)
    assert kept["verdict"] == VERDICT.to_dict()


def test_options_that_are_not_given_change_nothing():
    outcome = TRIAL.run(seed=None, fixed=False, epochs=None, length=(), out=lambda _: None)

    assert outcome.metrics["options"] == {}


def test_zero_is_a_seed_like_any_other():
    assert TRIAL.run(seed=0, out=lambda _: None).metrics["seed"] == 0


def test_put_right_has_a_folder_of_its_own_and_a_second_time_replaces_the_first():
    for _ in range(2):
        assert TRIAL.run(fixed=True, out=lambda _: None).directory == Path("runs/experiments/trial-fixed")


def test_an_option_that_it_does_not_take(tmp_path):
    with pytest.raises(SettingError) as caught:
        TRIAL.run(epochs=3, directory=tmp_path / "new")

    assert caught.value.message == "The experiment trial has no option --epochs."
    assert caught.value.hint == "Its options are: --fixed, --seed."
    assert not (tmp_path / "new").exists()


def test_a_misspelt_option_gets_the_right_one():
    with pytest.raises(SettingError) as caught:
        TRIAL.run(fixt=True)

    assert caught.value.hint == "Did you mean 'fixed'?"


def test_a_folder_that_holds_something_is_not_written_into(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "metrics.json").write_text("mine")

    with pytest.raises(RunError):
        TRIAL.run(directory=tmp_path / "run")
    assert (tmp_path / "run" / "metrics.json").read_text() == "mine"


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "runs").write_text("a file")

    with pytest.raises(RunError) as caught:
        TRIAL.run()
    assert str(caught.value) == (
        "The folder runs/experiments/trial could not be made: Not a directory.\n\n"
        "hint: Give a folder you may write to with --run."
    )


class _CtrlC(Listener):
    def step(self, batch, loss):
        os.kill(os.getpid(), signal.SIGINT)


def test_ctrl_c_ends_it():
    rows, _ = numbers()
    training = Training(ClassificationObjective(2), build(0), rows, None, TrainingSettings(epochs=2), _CtrlC())
    with pytest.raises(Interrupted) as caught:
        train_to_the_end(training)

    assert str(caught.value) == "Stopped in epoch 1; nothing was kept.\n\nhint: Run the experiment again."
