import json
from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write_run(name: str, accuracy: float, *, fingerprint: str = "a", baselines: dict[str, float] | None = None) -> None:
    """A finished run with as much of metrics.json as a comparison reads."""
    content = {
        "format": 1,
        "task": "text-classification",
        "created": "2024-05-06T07:08:09+00:00",
        "seconds": 61.7,
        "data": {"parts": {part: {"source": "films.csv", "fingerprint": fingerprint} for part in ("train", "test")}},
        "judged_on": "test",
        "test": {"examples": 1234, "accuracy": accuracy, "accuracy_interval": [accuracy - 0.02, accuracy + 0.02]},
        "baselines": {name: {"accuracy": value} for name, value in (baselines or {}).items()},
        "verdict": {"headline": f"It reaches {accuracy}."},
    }
    path = Path("runs") / name / "metrics.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(content), encoding="utf-8")


def test_runs_stand_best_first(longshort):
    write_run("second", 0.8)
    write_run("first", 0.9, baselines={"majority class": 0.5, "TF-IDF": 0.85})
    result = longshort("runs")
    lines = result.stdout.splitlines()

    assert (result.exit_code, result.stderr) == (0, "")
    assert [line.split()[0] for line in lines[:3]] == ["name", "first", "second"]
    assert lines[1].split() == ["first", "films.csv", "0.900", "0.880", "to", "0.920", "0.850", "62", "2024-05-06"]
    assert " - " in lines[2]
    assert lines[3:] == ["", "first: It reaches 0.9.", "", "second: It reaches 0.8."]


def test_runs_as_json(longshort):
    write_run("only", 0.8)
    (run,) = json.loads(longshort("runs", "runs", "--json").stdout)

    assert run["name"] == "only"
    assert run["directory"] == "runs/only"
    assert run["interval"] == [0.78, 0.8200000000000001]
    assert run["headline"] == "It reaches 0.8."


@pytest.mark.parametrize("made", [False, True])
def test_no_runs_is_no_error(longshort, made):
    if made:
        Path("runs").mkdir()
    result = longshort("runs")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "There are no finished runs in runs. To make one: longshort train movie-sentences\n"
    assert json.loads(longshort("runs", "--json").stdout) == []


def test_a_folder_that_is_named_must_be_there(longshort):
    result = longshort("runs", "nosuch")

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: Runs are compared in a folder that holds their directories. Got nosuch: No such file or directory.\n\n"
        "hint: `longshort train` makes the folder runs; or name the folder that yours are in.\n"
    )


def test_a_run_that_cannot_be_read_is_said_on_stderr(longshort):
    write_run("whole", 0.8)
    Path("runs/half").mkdir()
    Path("runs/half/train.log").touch()
    result = longshort("runs")

    assert result.exit_code == 0
    assert result.stdout.endswith("\nwhole: It reaches 0.8.\n")
    assert result.stderr == "Left out: runs/half has no metrics.json: its training was not finished.\n"


def test_runs_on_different_data_are_said_to_be_so(longshort):
    write_run("one", 0.8)
    write_run("other", 0.9, fingerprint="b")

    assert longshort("runs").stderr == (
        "\nNot all of these were judged on the same data; those with other data cannot be compared.\n"
    )
