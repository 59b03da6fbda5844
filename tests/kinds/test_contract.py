"""What every kind of task owes its users, through the real commands."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from safetensors.torch import load_file
from tests.recordings.commands import RUNS
from tests.recordings.data import write_all

import longshort
from longshort.cli import main
from longshort.kinds import kind_of, names

MADE = {"text-classification": "text", "sequence-classification": "classes", "sequence-regression": "numbers"}
MADE["forecast"] = "months"
"""The small run of each kind; a new kind needs one in `tests/recordings`."""

FRESH = {
    "text": (["predict", "RUN", "--file", "more.csv", "--text", "review"], 40),
    "classes": (["predict", "RUN", "--file", "waves_TEST.ts"], 40),
    "numbers": (["predict", "RUN", "--file", "heights_TEST.ts"], 40),
    "months": (["forecast", "RUN", "--csv"], 5),
}
"""How each is asked, and how many lines it answers with."""


@pytest.fixture(scope="module", params=names())
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a small run of each kind, which is trained where the test runs."""
    name = MADE[request.param]
    folder, before = tmp_path_factory.mktemp(name), Path.cwd()
    os.chdir(folder)
    write_all(folder)
    typed(*RUNS[name])
    yield name
    os.chdir(before)


def typed(*command: str) -> Result:
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 0, result.output
    return result


def options(name: str) -> list[str]:
    """The settings of a run: its command line from the task, or the first option of a setting, on."""
    command = RUNS[name]
    place = command.index("--name")
    return [
        word for word in command[2:place] if word not in ("--test", *(w for w in command if w.endswith("_TEST.ts")))
    ] + [*command[place + 2 :]]


def metrics(run: str) -> dict:
    return json.loads(Path("runs", run, "metrics.json").read_bytes())


def test_every_kind_has_a_small_run() -> None:
    assert set(MADE) == set(names()), "a new kind needs a small run in tests/recordings/commands.py"


def test_a_training_leaves_a_whole_run(run: str) -> None:
    found = metrics(run)
    assert MADE[found["task"]] == run
    assert found["baselines"]
    assert found["verdict"]["headline"]
    for each in (found["test"], *found["baselines"].values()):
        assert kind_of(found["task"]).measure.name in each
    for name in ("model/config.json", "history.jsonl", "predictions.parquet", "report.html", "README.md", "train.log"):
        assert Path("runs", run, name).is_file()


def test_a_stored_model_is_an_estimator(run: str) -> None:
    model = longshort.load(f"runs/{run}")
    assert type(model) is kind_of(metrics(run)["task"]).estimator()
    assert model.get_params()["hidden_size"] in (4, 6)


def test_it_answers_every_row(run: str) -> None:
    command, lines = FRESH[run]
    result = typed(*(f"runs/{run}" if word == "RUN" else word for word in command))
    assert len(result.stdout.splitlines()) == lines


def test_evaluating_on_the_training_data_is_called_leaking(run: str) -> None:
    found = json.loads(typed("evaluate", f"runs/{run}", RUNS[run][1], "--json").stdout)
    kinds = {each["kind"] for each in found["verdict"]["findings"]}
    # The end of the series in the same file is what the training held out.
    assert ("leaking" in kinds) is (run != "months")
    assert found["metrics"]


def test_every_fold_is_reported(run: str) -> None:
    result = typed("cross-validate", RUNS[run][1], "--folds", "2", *options(run))
    lines = result.stdout.splitlines()
    assert lines[0].startswith("On ")
    assert "in 2 folds" in lines[0]
    assert " in 2 of 2 folds" in result.stdout or " of 2 folds" in result.stdout


def test_a_search_ends_with_a_command_that_works(run: str) -> None:
    result = typed("tune", RUNS[run][1], "--trials", "2", "--study", "study.jsonl", *options(run))
    command = result.stdout.splitlines()[-1].removeprefix("Next: longshort ").split()
    assert command[0] == "train"
    typed(*command, "--name", f"{run}-tuned")
    assert metrics(f"{run}-tuned")["task"] == metrics(run)["task"]
    Path("study.jsonl").unlink()


def test_the_report_and_the_card_say_what_was_found(run: str) -> None:
    found = metrics(run)
    page = Path(typed("report", f"runs/{run}").stdout.strip()).read_text(encoding="utf-8")
    assert "could not be made" not in page
    assert found["verdict"]["headline"].split(":")[0][:40] in page
    card = Path("runs", run, "README.md").read_text(encoding="utf-8")
    for heading in ("## What it is", "## Use", "## Results", "## Limits", "## Data", "## Settings"):
        assert heading in card
    assert len(card.partition("## Limits")[2].partition("##")[0].strip().splitlines()) >= 3


def test_it_stands_among_the_runs_with_its_measure_and_its_baseline(run: str) -> None:
    found = {each["name"]: each for each in json.loads(typed("runs", "--json").stdout)}[run]
    kind = kind_of(metrics(run)["task"])
    assert found["measure"] == kind.measure.first.name
    assert found["baseline"] in metrics(run)["baselines"]
    assert found["score"] == metrics(run)["test"][kind.measure.name]


@pytest.mark.slow
def test_a_killed_training_resumes_to_the_same_bits(run: str) -> None:
    place = Path("runs", f"{run}-killed")
    command = [word if word != run else place.name for word in RUNS[run]]
    command[command.index("--epochs") + 1] = "40"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "longshort", *command],
        env=environment,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    end = time.monotonic() + 60
    while not list(place.glob("checkpoints/**/*.safetensors")) and time.monotonic() < end and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    if (place / "metrics.json").is_file():
        pytest.skip("it was done before it could be killed")
    subprocess.run([sys.executable, "-m", "longshort", "train", "--resume", str(place)], env=environment, check=True)
    alone = [word if word != place.name else f"{run}-alone" for word in command]
    subprocess.run([sys.executable, "-m", "longshort", *alone], env=environment, check=True)
    assert weights(place) == weights(Path("runs", f"{run}-alone"))


def weights(run: Path) -> str:
    tensors = load_file(run / "model" / "weights.safetensors")
    return hashlib.sha256(b"".join(tensors[name].numpy().tobytes() for name in sorted(tensors))).hexdigest()
