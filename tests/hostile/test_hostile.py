"""A malicious or damaged model is rejected fast, in little memory, with one message and no side effects."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tests.hostile.corpus import cases
from tests.hostile.measure import PLANTED, attempt
from tests.small_models import MAKERS, make

from longshort.cli import main
from longshort.kinds import names
from longshort.runs import save_bundle

ROOT = Path(__file__).parents[2]
Row = dict[str, Any]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Load every model once, in this process."""
    place = tmp_path_factory.mktemp("spoiled")
    rows = []
    for task in names():
        good = place / f"good {task}"
        save_bundle(good, make(task))
        for number, case in enumerate(cases(task)):
            folder = shutil.copytree(good, place / f"{task} {number}")
            case.spoil(folder)
            rows.append({"task": task, "case": case.name, **attempt(folder)})
            shutil.rmtree(folder)
    return rows


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    """Load every model in a separate process."""
    place = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, "-m", "tests.hostile.measure", place]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800)
    assert ended.returncode == 0, ended.stderr[-3000:]
    return [json.loads(line) for line in ended.stdout.splitlines()]


@pytest.fixture(scope="module")
def measured(reports: list[Row]) -> list[Row]:
    return [row for row in reports if "case" in row]


def described(rows: list[Row], *keys: str) -> list[str]:
    return [f"{row['task']}, {row['case']}: " + ", ".join(str(row[key]) for key in keys) for row in rows]


def test_the_corpus_is_complete_and_was_tried(loaded: list[Row]) -> None:
    assert set(MAKERS) == set(names()), "a new task needs a small model in tests/small_models.py"
    tried = {case.name for task in names() for case in cases(task)}
    assert len(tried) >= 300
    assert {row["case"] for row in loaded} == tried
    for task in names():
        assert sum(row["task"] == task for row in loaded) >= 50


def test_each_model_raises_a_typed_error(loaded: list[Row]) -> None:
    assert not described([row for row in loaded if row["error"] != "BundleError"], "error", "message")


def test_each_message_is_short_printable_and_names_the_place(loaded: list[Row]) -> None:
    for row in loaded:
        assert row["hint"], row["case"]
        assert row["message"].isprintable(), row["case"]
        assert len(row["message"]) < 700, row["case"]
        assert f"/{row['task']} " in row["message"], row["case"]


@pytest.mark.slow
def test_each_model_is_rejected_within_a_second(measured: list[Row]) -> None:
    """In CPU time, since other processes may compete; waiting for a pipe would never end."""
    assert not described([row for row in measured if row["processor_seconds"] > 1], "processor_seconds")


@pytest.mark.slow
def test_each_model_is_rejected_in_less_than_100_mb(measured: list[Row]) -> None:
    assert not described(
        [row for row in measured if max(row["peak"], row["python_peak"]) > 100e6], "peak", "python_peak"
    )


@pytest.mark.slow
def test_nothing_is_written_sent_started_imported_or_run(measured: list[Row]) -> None:
    assert not described([row for row in measured if row["events"] or row["changed"]], "events", "changed")
    assert not Path("/tmp/longshort-was-here").exists()


@pytest.mark.slow
def test_the_audit_hook_detects_every_event(reports: list[Row]) -> None:
    assert {row["planted"] for row in reports if "planted" in row and row["events"]} == set(PLANTED)


SAMPLE = [
    "weights are a pickle",
    "weights are a zip file that says it is weights",
    "the encoding is a link to a good file elsewhere",
    "the weights file is a pipe that nobody writes to",
    "the description is as deep as the sea, in lists",
    "the description says 10^12 units",
    "the description says a format of tomorrow",
    "the description says a version with a control character",
    "weights with a header of 9,223,372,036,854,775,808 bytes",
    "weights with NaN",
    "weights with a name of escapes",
    "a tokenizer with a bomb: nested repeats",
    "an encoding with scales of NaN",
]


@pytest.mark.parametrize("name", SAMPLE)
def test_the_command_line_prints_one_message_and_one_hint(name: str, tmp_path: Path) -> None:
    task, case = next((task, case) for task in names() for case in cases(task) if case.name == name)
    save_bundle(tmp_path / "model", make(task))
    case.spoil(tmp_path / "model")
    ended = CliRunner().invoke(main, ["predict", str(tmp_path / "model"), "x"])
    assert ended.exit_code == 2
    assert ended.stdout == ""
    assert [line.split(":")[0] for line in ended.stderr.splitlines() if line] == ["error", "hint"]
    assert str(tmp_path) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_original_models_are_valid(tmp_path: Path) -> None:
    for task in names():
        save_bundle(tmp_path / task, make(task))
    shutil.copytree(tmp_path / "text-classification", tmp_path / "copy")
    ended = CliRunner().invoke(main, ["predict", str(tmp_path / "copy"), "a fine film"])
    assert ended.exit_code == 0, ended.stderr
