"""`longshort train --resume`: what is typed, what is said, and how real processes end on real signals."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.usefixtures("without_report")

QUICK = (
    "--epochs",
    "2",
    "--embedding-size",
    "4",
    "--hidden-size",
    "4",
    "--minimum-count",
    "1",
    "--batch-tokens",
    "256",
)


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def films():
    """100 short reviews that one word decides."""
    lines = [f"film number {number} is {('bad', 'good')[number % 2]},{number % 2}\n" for number in range(100)]
    Path("films.csv").write_text("review,sentiment\n" + "".join(lines), encoding="utf-8")


def begin(*arguments):
    """A training that lasts until it is stopped, in a process of its own, with signals as in a terminal."""
    options = (*QUICK[2:], "--epochs", "100000", "--patience", "100000", "--pretraining-epochs", "0")
    return subprocess.Popen(
        [sys.executable, "-m", "longshort", "train", "films.csv", *options, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: [signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGTERM)],
    )


def wait_for(process, start_of_line):
    for line in process.stderr:
        if line.startswith(start_of_line):
            return


def stop(number=signal.SIGTERM, *arguments):
    """Stop a training in its second epoch or later; exit code and what was said then."""
    with begin("--run", "run", *arguments) as process:
        wait_for(process, "  epoch 1/")
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
    return process.returncode, said


@pytest.mark.parametrize(
    ("number", "code"), [pytest.param(signal.SIGINT, 130, marks=pytest.mark.slow), (signal.SIGTERM, 143)]
)
def test_a_signal_ends_a_real_training_in_order(films, number, code):
    returned, said = stop(number)

    assert returned == code
    assert "Traceback" not in said
    assert said.endswith("is in run.\n\nhint: Resume with: longshort train --resume run\n")
    assert len(list(Path("run/checkpoints/training").glob("*.safetensors"))) >= 1


@pytest.mark.slow
def test_resume_needs_neither_data_nor_options_and_takes_other_ones_by_force_alone(longshort, films):
    stop()
    refused = longshort("train", "--resume", "run", "--epochs", "3")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.endswith(
        "error: A run resumes with what it was started with: --epochs was 100000. Got 3.\n\n"
        "hint: --force resumes anyway; the result then differs from that of an uninterrupted run.\n"
    )
    listed = longshort("runs", ".")
    assert "Left out: run is not finished; to resume it: longshort train --resume run." in listed.stderr

    result = longshort("train", "--resume", "run", "films.csv", "--epochs", "3", "--force", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["directory"] == "run"
    assert "  Forced: --epochs was 100000 and is 3 from here on.\n" in result.stderr

    finished = longshort("train", "--resume", "run")
    assert finished.exit_code == 2
    assert finished.stderr.startswith("error: The run run is finished; there is nothing to resume.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--resume", "nowhere"), "A run that can be resumed must have run.json. Got nowhere: No such file or"),
        (("--resume", "nowhere", "--epochs", "3"), "A run that can be resumed must have run.json. Got nowhere: No"),
        (("--resume", "x", "--name", "y"), "A resumed run keeps its directory. Got --run or --name."),
        (("films.csv", "--force"), "--force goes with --resume. Got it alone."),
        ((), "longshort train needs DATA.\n\nhint: For example: longshort train movie-sentences"),
    ],
)
def test_what_cannot_be_meant(longshort, films, arguments, said):
    result = longshort("train", *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {said}")
    assert not Path("runs").exists()


def test_the_options_are_those_of_the_task_of_the_run(longshort):
    Path("run").mkdir()
    Path("run/run.json").write_text('{"task": "forecast"}', encoding="utf-8")
    known = longshort("train", "--resume", "run", "--horizon", "3")
    other = longshort("train", "--resume=run", "--hidden-sise", "3")

    assert known.stderr.startswith("error: run/run.json does not say what was started: settings: Field required.")
    assert "Did you mean --hidden-size?" in other.stderr
    assert "--test-steps" in longshort("train", "--resume", "run", "--help").stdout
    Path("run/run.json").write_text('{"task": ["forecast"]}', encoding="utf-8")
    assert longshort("train", "--resume", "run").exit_code == 2


def test_another_task_is_no_way_to_go_on(longshort, films):
    stop()
    result = longshort("train", "--resume", "run", "--task", "forecast")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: A run resumes with the task that it was started with, text-classification. Got --task forecast.\n\n"
        "hint: Leave --task out.\n"
    )


@pytest.mark.slow
def test_sigterm_while_reading_exits_143(films):
    Path("films.csv").write_text("review,sentiment\n" + "word, pos\n" * 1_500_000, encoding="utf-8")
    with begin() as process:
        wait_for(process, "Reading films.csv")
        process.terminate()
        said = process.communicate(timeout=60)[1]

    assert process.returncode == 143
    assert said.strip() == "stopped: Interrupted before the work was done."
    assert not Path("runs").exists()


@pytest.mark.slow
def test_a_killed_process_lets_its_run_go(longshort, films):
    with begin("--run", "run") as process:
        wait_for(process, "  epoch 1/")
        busy = longshort("train", "--resume", "run")
        process.kill()
    assert busy.exit_code == 2
    assert "One process trains in a run directory. Another one does in run." in busy.stderr
    assert longshort("train", "--resume", "run", "--epochs", "3", "--force").exit_code == 0
