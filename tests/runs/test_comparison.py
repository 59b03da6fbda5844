import json
import os
from dataclasses import replace

import pytest
from tests.small_runs import finished

from longshort.errors import RunError
from longshort.runs import compare
from longshort.runs.comparison import RunSummary

__all__ = ["finished"]


@pytest.fixture
def write(tmp_path, metrics):
    """Writes a finished run of that name, whose metrics are changed: `path.to.key=value`."""

    def write(name, changes=None, **test):
        content = json.loads(json.dumps(metrics))
        content["test"] |= test
        for path, value in (changes or {}).items():
            *way, last = path.split(".")
            place = content
            for key in way:
                place = place[key]
            if value is None:
                del place[last]
            else:
                place[last] = value
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").write_text(json.dumps(content), encoding="utf-8")
        return content

    return write


def names(folder):
    return [run.name for run in compare(folder).runs]


def test_a_run_in_a_line(tmp_path, write):
    metrics = write("first", {"data.parts.test.fingerprint": "cd" * 32}, accuracy=0.9, accuracy_interval=[0.87, 0.93])
    found = compare(tmp_path)

    assert found.skipped == []
    assert found.runs == [
        RunSummary(
            name="first",
            directory=tmp_path / "first",
            task="text-classification",
            data="reviews.csv",
            fingerprint="cd" * 32,
            judged_on="test",
            examples=400,
            measure="accuracy",
            score=0.9,
            interval=(0.87, 0.93),
            baseline="TF-IDF + logistic regression",
            baseline_score=metrics["baselines"]["TF-IDF + logistic regression"]["accuracy"],
            headline=metrics["verdict"]["headline"],
            created="2025-03-01T14:05:33+01:00",
            seconds=151.2,
        )
    ]


def test_the_best_run_stands_first_and_equal_ones_by_name(tmp_path, write):
    for name, accuracy in (("c", 0.8), ("a", 0.7), ("b", 0.8), ("d", 1)):
        write(name, accuracy=accuracy)

    assert names(tmp_path) == ["d", "b", "c", "a"]


def test_the_strongest_baseline_is_shown(tmp_path, write):
    write(
        "one", {"baselines": {"weak": {"accuracy": 0.5}, "strong": {"accuracy": 0.75}, "middling": {"accuracy": 0.6}}}
    )
    (run,) = compare(tmp_path).runs

    assert (run.baseline, run.baseline_score) == ("strong", 0.75)


def test_a_run_may_have_no_baseline(tmp_path, write):
    write("one", {"baselines": {}})
    (run,) = compare(tmp_path).runs

    assert (run.baseline, run.baseline_score) == (None, None)


def test_a_run_without_a_test_part_is_known_by_its_validation_part(tmp_path, make_metrics):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "metrics.json").write_text(json.dumps(make_metrics(judged_on="validation")))
    (run,) = compare(tmp_path).runs

    assert (run.judged_on, run.fingerprint) == ("validation", "ab" * 32)


def test_a_run_that_was_moved_is_called_as_its_directory_is_now(tmp_path, write):
    write("moved")
    (tmp_path / "moved").rename(tmp_path / "renamed")

    assert names(tmp_path) == ["renamed"]


def test_what_is_no_run_is_passed_over(tmp_path, write):
    write("run")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "inner").mkdir()
    (tmp_path / "folder" / "inner" / "metrics.json").write_text("{}")
    (tmp_path / "metrics.json").write_text("{}")
    found = compare(tmp_path)

    assert ([run.name for run in found.runs], found.skipped) == (["run"], [])


def test_an_empty_folder_has_no_runs(tmp_path):
    found = compare(tmp_path)

    assert (found.runs, found.skipped) == ([], [])


def test_a_run_that_was_not_finished_is_named(tmp_path, write):
    write("whole")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "train.log").touch()
    found = compare(tmp_path)

    assert [run.name for run in found.runs] == ["whole"]
    assert found.skipped == [f"{tmp_path / 'half'} has no metrics.json: its training was not finished."]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "must hold JSON: Expecting value: line 1 column 1 (char 0)."),
        (b'{"format": 1', "must hold JSON: Expecting ',' delimiter: line 1 column 13 (char 12)."),
        (b"[1]", "must hold a JSON object. Got list."),
        (b"{}", "must have format 1. Got None."),
        (b'{"format": 2}', "must have format 1. Got 2."),
        (b'{"format": 1}', "does not describe a run: task: Field required."),
    ],
)
def test_damaged_metrics_are_named_and_hide_no_other_run(tmp_path, write, content, what):
    write("whole")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "metrics.json").write_bytes(content)
    found = compare(tmp_path)

    assert [run.name for run in found.runs] == ["whole"]
    assert found.skipped == [f"{tmp_path / 'damaged' / 'metrics.json'} {what}"]


@pytest.mark.parametrize(
    ("path", "value", "what"),
    [
        ("test.accuracy", 1.5, "test.accuracy: Input should be less than or equal to 1."),
        ("test.accuracy", "0.9", "test.accuracy: Input should be a valid number."),
        ("test.accuracy", float("nan"), "test.accuracy: Input should be a finite number."),
        ("test.accuracy_interval", [0.5], "test.accuracy_interval: List should have at least 2 items"),
        ("verdict.headline", None, "verdict.headline: Field required."),
        ("baselines", {"weak": {}}, "baselines.weak.accuracy: Field required."),
        ("judged_on", "nowhere", "data.parts.nowhere: Field required."),
        ("data.parts.train", None, "data.parts.train: Field required."),
    ],
)
def test_metrics_that_do_not_describe_a_run_are_named(tmp_path, write, path, value, what):
    write("odd", {path: value})
    (sentence,) = compare(tmp_path).skipped

    assert sentence.startswith(f"{tmp_path / 'odd' / 'metrics.json'} does not describe a run: {what}")


def test_bytes_that_are_no_text_and_endless_nesting_are_damage(tmp_path):
    for name, content in (("binary", b"\xff\xfe"), ("nested", b"[" * 200_000)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "metrics.json").write_bytes(content)
    binary, nested = compare(tmp_path).skipped

    assert binary.startswith(f"{tmp_path / 'binary' / 'metrics.json'} must hold JSON: 'utf-8' codec can't decode")
    assert nested.startswith(f"{tmp_path / 'nested' / 'metrics.json'} cannot be read: maximum recursion depth")


def test_metrics_that_are_a_directory_are_damage(tmp_path):
    (tmp_path / "odd" / "metrics.json").mkdir(parents=True)

    assert len(compare(tmp_path).skipped) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_metrics_that_may_not_be_read_are_named(tmp_path, write):
    write("closed")
    (tmp_path / "closed" / "metrics.json").chmod(0)

    assert compare(tmp_path).skipped == [f"{tmp_path / 'closed' / 'metrics.json'} cannot be read: Permission denied."]


@pytest.mark.parametrize(("name", "why"), [("nosuch", "No such file or directory"), ("file", "Not a directory")])
def test_runs_are_compared_in_a_folder(tmp_path, name, why):
    (tmp_path / "file").touch()
    with pytest.raises(RunError) as error:
        compare(tmp_path / name)

    assert error.value.message == (
        f"Runs are compared in a folder that holds their directories. Got {tmp_path / name}: {why}."
    )
    assert error.value.hint == "`longshort train` makes the folder runs; or name the folder that yours are in."


def test_a_real_run_can_be_compared(finished):
    (run,) = compare(finished.directory.parent).runs

    assert run == replace(run, name="run", examples=6, score=finished.metrics["test"]["accuracy"])
    assert run.data.endswith("small.csv")


def test_forecasts_are_ranked_by_their_error_after_what_has_an_accuracy(tmp_path, write):
    write("classifier")
    for name, error in (("worse", 3.5), ("better", 2.0)):
        test = {"forecasts": 18, "mae": error}
        write(name, {"task": "forecast", "test": test, "baselines": {"drift": {"mae": 9.0}, "last value": {"mae": 4}}})
    found = compare(tmp_path).runs
    assert [run.name for run in found] == ["classifier", "better", "worse"]
    best = found[1]
    assert (best.measure, best.score, best.interval, best.examples) == ("mean absolute error", 2.0, None, 18)
    assert (best.baseline, best.baseline_score) == ("last value", 4.0)
