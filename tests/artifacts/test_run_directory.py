"""A run directory is new, has a name that can be typed, and says what is wrong with it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from longshort.errors import RunError
from longshort.runs import RunDirectory


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def failure(*arguments: object) -> str:
    with pytest.raises(RunError) as caught:
        RunDirectory.create(*arguments)  # type: ignore[arg-type]
    return str(caught.value)


def test_runs_are_numbered() -> None:
    made = [RunDirectory.create(None, None, name).path for name in ("films.csv", "films.csv", "other", "films")]
    assert made == [Path("runs/films-1"), Path("runs/films-2"), Path("runs/other-1"), Path("runs/films-3")]
    assert all(path.is_dir() for path in made)


def test_a_number_that_is_free_again_is_taken() -> None:
    for _ in range(3):
        RunDirectory.create(None, None, "films.csv")
    Path("runs/films-2").rmdir()
    assert RunDirectory.create(None, None, "films.csv").path == Path("runs/films-2")


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("some where/my films (2).csv", "my-films-2"),
        ("Kritiken für Ämter.jsonl", "Kritiken-für-Ämter"),
        ("映画.parquet", "映画"),
        ("..", "run"),
        (".", "run"),
        ("", "run"),
        ("../../data", "data"),
        ("-rf.csv", "rf"),
        (".hidden", "hidden"),
        ("a\nb\t'$(c)'.csv", "a-b-c"),
        ("v1.2.csv", "v1.2"),
        ("the data", "the-data"),
        ("影" * 84, "影" * 60),
    ],
)
def test_a_name_made_from_that_of_the_data(data: str, name: str) -> None:
    assert RunDirectory.create(None, None, data).path == Path(f"runs/{name}-1")


def test_a_name_or_a_place_may_be_chosen() -> None:
    assert RunDirectory.create(None, "mine", "films.csv").path == Path("runs/mine")
    assert RunDirectory.create(Path("deep/er/Ü x"), None, "films.csv").path == Path("deep/er/Ü x")
    assert Path("deep/er/Ü x").is_dir()


def test_an_empty_directory_may_be_given() -> None:
    Path("empty").mkdir()
    assert RunDirectory.create(Path("empty"), None, "films.csv").path == Path("empty")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_is_there_is_not_touched(kind: str) -> None:
    taken = Path("runs/mine")
    if kind == "file":
        taken.parent.mkdir()
        taken.write_text("mine", encoding="utf-8")
    else:
        taken.mkdir(parents=True)
        (taken / "mine.txt").touch()
    expected = (
        "A run directory is made new. Got runs/mine, which exists already.\n\n"
        "hint: Give another --name or --run, or remove that one."
    )
    assert failure(None, "mine", "films.csv") == failure(taken, None, "films.csv") == expected


@pytest.mark.parametrize(("name", "path"), [(None, "runs/films-1"), ("mine", "runs/mine")])
def test_a_parent_that_is_a_file(name: str | None, path: str) -> None:
    Path("runs").touch()
    assert failure(None, name, "films.csv") in {
        f"The run directory {path} could not be made: Not a directory.\n\n"
        "hint: Give a folder you may write to with --run.",
        "The run directory runs could not be made: File exists.\n\nhint: Give a folder you may write to with --run.",
    }


@pytest.mark.parametrize("target", ["nowhere", "runs"], ids=["dangling", "loop"])
def test_a_parent_that_is_a_broken_link(target: str) -> None:
    Path("runs").symlink_to(target)
    for arguments in ((None, None, "films.csv"), (None, "mine", "films.csv"), (Path("runs"), None, "films.csv")):
        assert failure(*arguments).startswith("The run directory runs")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_parent_without_the_right_to_write() -> None:
    Path("runs").mkdir(mode=0o555)
    assert failure(None, None, "films.csv") == (
        "The run directory runs/films-1 could not be made: Permission denied.\n\n"
        "hint: Give a folder you may write to with --run."
    )


def test_a_name_that_is_too_long() -> None:
    assert failure(None, "x" * 300, "films.csv") == (
        f"The run directory runs/{'x' * 300} could not be made: File name too long.\n\n"
        "hint: Give a folder you may write to with --run."
    )


def test_opening_needs_metrics() -> None:
    Path("no").mkdir()
    for path in ("no", "nowhere"):
        with pytest.raises(RunError) as caught:
            RunDirectory.open(path)
        assert str(caught.value) == (
            f"A run directory holds metrics.json. Got {path}, which does not.\n\n"
            "hint: `longshort runs` lists the finished runs."
        )


def test_metrics_and_history_come_back() -> None:
    run = RunDirectory.create(None, None, "films.csv")
    run.write_metrics({"Ü": 1.5})
    records = [{"epoch": 1, "validation_loss": None}, {"epoch": 2, "validation_loss": 0.25}]
    run.write_history(records)  # type: ignore[arg-type]
    again = RunDirectory.open(str(run.path))
    assert again.read_metrics() == {"Ü": 1.5}
    assert again.read_history() == records


def test_metrics_that_are_not_json() -> None:
    run = RunDirectory.create(None, "mine", "films.csv")
    run.metrics.write_text("{", encoding="utf-8")
    with pytest.raises(RunError) as caught:
        run.read_metrics()
    assert str(caught.value) == (
        "runs/mine/metrics.json must hold JSON: Expecting property name enclosed in double quotes: line 1 column 2 "
        "(char 1).\n\nhint: Remove that run, or train it again."
    )


def test_discarding_removes_what_a_run_leaves_and_nothing_else() -> None:
    ours, shared = (RunDirectory.create(None, name, "films.csv") for name in ("ours", "shared"))
    for run in (ours, shared):
        run.store.mkdir()
        run.model.mkdir()
        (run.model / "weights.safetensors").touch()
        run.log.touch()
        run.history.touch()
    (shared.path / "notes.txt").touch()
    ours.discard()
    shared.discard()
    assert not ours.path.exists()
    assert [entry.name for entry in shared.path.iterdir()] == ["notes.txt"]
