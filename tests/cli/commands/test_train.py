import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("without_report")

QUICK = ("--epochs", "2", "--embedding-size", "8", "--hidden-size", "8", "--minimum-count", "1")
SURE = (
    "--epochs",
    "20",
    "--learning-rate",
    "0.03",
    "--batch-tokens",
    "256",
    "--word-dropout",
    "0",
    "--output-dropout",
    "0",
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def films(tmp_path):
    """200 short reviews that one word decides."""
    words, draw = ["film", "story", "actor", "scene", "music", "end"], random.Random(1)
    path = tmp_path / "films.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("review,sentiment\n")
        for number in range(200):
            label = ("bad", "good")[number % 2]
            file.write(f"{' '.join(draw.choices(words, k=5))} {label} {number},{label}\n")
    return path


def test_a_run_ends_with_metrics_verdict_path_and_what_to_type_next(longshort, films):
    result = longshort("train", str(films), *QUICK)
    lines = result.stdout.splitlines()

    assert result.exit_code == 0
    assert lines[0] == "On 20 test texts:"
    assert any(line.startswith("this model ") for line in lines)
    assert any(line.startswith("majority class ") for line in lines)
    assert any(line.startswith("TF-IDF + logistic regression ") for line in lines)
    assert any(line.startswith("is bad ") for line in lines)
    verdict = json.loads(Path("runs/films-1/metrics.json").read_text(encoding="utf-8"))["verdict"]
    assert verdict["headline"] in lines
    assert lines[-2:] == [
        "The run is in runs/films-1; its report.html shows it all.",
        'Next: longshort predict runs/films-1 "a text of yours"',
    ]


def test_progress_goes_to_stderr_as_plain_lines(longshort, films):
    result = longshort("train", str(films), *QUICK)

    assert result.stderr.startswith(f"Reading {films}\n")
    assert "  epoch 1/2  train loss 0." in result.stderr
    assert "\x1b" not in result.stderr + result.stdout
    assert "epoch 1/2" not in result.stdout


def test_the_result_as_json(longshort, films):
    result = longshort("train", str(films), *QUICK, "--name", "mine", "--seed", "5", "--json")
    content = json.loads(result.stdout)

    assert content["directory"] == "runs/mine"
    assert content["settings"]["training"]["seed"] == 5
    assert content["settings"]["model"]["hidden_size"] == 8
    assert content["verdict"]["headline"]
    assert 0 <= content["test"]["accuracy"] <= 1


def test_options_beat_the_preset(longshort, films, tmp_path, monkeypatch):
    from longshort.config import TextRunSettings

    monkeypatch.setitem(TextRunSettings.presets, "demo", {"epochs": 1, "hidden_size": 4, "seed": 9})
    result = longshort(*("train", str(films), *QUICK, "--preset", "demo", "--run", str(tmp_path / "new"), "--json"))
    settings = json.loads(result.stdout)["settings"]

    assert settings["training"]["epochs"] == 2
    assert settings["model"]["hidden_size"] == 8
    assert settings["training"]["seed"] == 9


def test_files_for_validation_and_test_are_used(longshort, films):
    header, *rows = films.read_text(encoding="utf-8").splitlines(keepends=True)
    for name, part in {"a.csv": rows[:100], "b.csv": rows[100:130], "c.csv": rows[130:]}.items():
        (films.parent / name).write_text(header + "".join(part), encoding="utf-8")
    result = longshort("train", "a.csv", "--validation", "b.csv", "--test", "c.csv", *QUICK, "--json")
    parts = json.loads(result.stdout)["data"]["parts"]

    assert {name: (part["source"], part["rows"]) for name, part in parts.items()} == {
        "train": ("a.csv", 100),
        "validation": ("b.csv", 30),
        "test": ("c.csv", 70),
    }


def test_the_whole_way_from_data_to_prediction(longshort, films):
    """The commands that one prints can be typed next."""
    trained = longshort("train", str(films), *QUICK, *SURE)
    command = trained.stdout.splitlines()[-1].removeprefix("Next: longshort ").replace('"a text of yours"', "").split()
    predicted = longshort(*command, "film good", "story bad")
    judged = longshort("evaluate", "runs/films-1", str(films))
    listed = longshort("runs")

    assert [line.split("\t")[0] for line in predicted.stdout.splitlines()] == ["good", "bad"]
    assert judged.exit_code == 0
    assert judged.stdout.startswith("On 200 labelled texts:\n")
    assert "films-1" in listed.stdout


@pytest.mark.parametrize(
    ("args", "text"),
    [
        (
            ("train", "films.csv", "--hidden-size", "ten"),
            "error: --hidden-size must be a whole number from 1 to 65,536. Got 'ten'.\n\n"
            "hint: Hidden units per layer and direction.\n",
        ),
        (
            ("train", "films.csv", "--name", "a", "--run", "b"),
            "error: A run is kept where --run or --name says. Got both.\n\nhint: Leave one of them out.\n",
        ),
    ],
)
def test_a_mistake_is_one_message_and_one_hint_and_leaves_nothing(longshort, films, args, text):
    result = longshort(*args)

    assert (result.exit_code, result.stdout, result.stderr) == (2, "", text)
    assert not (films.parent / "runs").exists()


def test_data_that_is_not_there(longshort, films):
    result = longshort("train", "filmz.csv")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: there is no file, folder or sample 'filmz.csv'.\n\nhint: Did you mean 'films.csv'?\n"
    )


def test_the_language_model_and_the_classifier_are_told_one_after_the_other(longshort, films):
    result = longshort("train", str(films), *QUICK, "--pretraining-epochs", "2")
    lines = [line.split("  loss")[0].split("  train loss")[0] for line in result.stderr.splitlines()]
    start = lines.index("Pretraining as a language model on the training texts, 2 epochs")

    assert result.exit_code == 0
    assert lines[start + 1 : start + 6] == [
        "  language model 1/2",
        "  language model 2/2",
        "Training the classifier",
        "  epoch 1/2",
        "  epoch 2/2",
    ]


def test_ctrl_c_in_the_language_model_ends_the_run_exits_130_and_says_how_to_go_on(longshort, films, monkeypatch):
    from longshort.training.gradients import Gradients

    first_step = Gradients.of

    def pressed(self, indices, step):
        os.kill(os.getpid(), signal.SIGINT)
        return first_step(self, indices, step)

    monkeypatch.setattr(Gradients, "of", pressed)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        result = longshort("train", str(films), *QUICK)
    finally:
        signal.signal(signal.SIGINT, before)

    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.endswith(
        "stopped: Stopped before the first epoch was done; there is no model yet.\n\n"
        "hint: Resume with: longshort train --resume runs/films-1\n"
    )
    assert "Training the classifier" not in result.stderr
    assert (films.parent / "runs/films-1/run.json").is_file()


def test_two_layers_both_ways_can_be_no_language_model(longshort, films):
    unasked = longshort("train", str(films), *QUICK, "--num-layers", "2", "--name", "plain")
    asked = longshort("train", str(films), *QUICK, "--num-layers", "2", "--pretraining-epochs", "1", "--name", "x")

    assert unasked.exit_code == 0
    assert "language model" not in unasked.stderr
    assert (asked.exit_code, asked.stdout) == (2, "")
    assert asked.stderr.endswith(
        "error: pretraining_epochs must be 0 where several layers read in both directions: they have seen the word that "
        "they are to guess. Got 2 layers.\n\nhint: Use one layer, or bidirectional=False.\n"
    )
    assert [path.name for path in (films.parent / "runs").iterdir()] == ["plain"]


def test_ctrl_c_keeps_the_best_model_and_exits_130(films):
    """In a process of its own, stopped once an epoch is done."""
    command = [
        sys.executable,
        "-m",
        "longshort",
        "train",
        str(films),
        *QUICK,
        "--epochs",
        "100000",
        "--patience",
        "none",
        "--pretraining-epochs",
        "0",
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        seen = []
        for line in process.stderr:
            seen.append(line)
            if line.startswith("  epoch 1/"):
                process.send_signal(signal.SIGINT)
                break
        out, rest = process.communicate(timeout=60)

    assert process.returncode == 130
    assert out == ""
    assert "\nstopped: Stopped in epoch " in "\n" + rest
    assert "Traceback" not in rest
    assert (films.parent / "runs" / "films-1" / "model" / "weights.safetensors").is_file()
