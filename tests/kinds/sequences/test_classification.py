"""A run on sequences of numbers, from files to a model that answers again."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow.parquet as pq
import pytest

from longshort.config import SequenceRunSettings
from longshort.errors import DataError, SettingError
from longshort.networks import predict_logits
from longshort.pages.report import report_html
from longshort.runs import RunDirectory, compare, evaluate, load_bundle, train
from longshort.training import Listener

pytestmark = pytest.mark.usefixtures("without_report")


def waves(count: int, seed: int) -> list[tuple[np.ndarray, str]]:
    """Slow and fast waves of different lengths, with noise."""
    generator = np.random.default_rng(seed)
    made = []
    for number in range(count):
        length, label = int(generator.integers(8, 20)), ("slow", "fast")[number % 2]
        time = np.arange(length) * (0.4 if label == "slow" else 1.6) + generator.uniform(0, 6)
        made.append((np.stack([np.sin(time), np.cos(time)]) + generator.normal(0, 0.05, (2, length)), label))
    return made


def ts(path: Path, rows: list[tuple[np.ndarray, str]]) -> str:
    lines = [
        ":".join(
            [*(",".join(f"{value:.4f}" if value == value else "?" for value in channel) for channel in values), label]
        )
        for values, label in rows
    ]
    path.write_text("@problemName waves\n@classLabel true slow fast\n@data\n" + "\n".join(lines) + "\n")
    return str(path)


SETTINGS = SequenceRunSettings.from_flat({"hidden_size": 8, "filters": 8, "epochs": 25, "learning_rate": 0.01})
QUICK = SequenceRunSettings.from_flat(SETTINGS.flat() | {"members": 1, "epochs": 4})
"""For where it does not matter what was learnt."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sequences")
    ts(place / "train.ts", waves(60, 0))
    ts(place / "test.ts", waves(40, 1))
    train(place / "train.ts", test=place / "test.ts", settings=SETTINGS, directory=place / "run")
    return place


def test_a_run_tells_the_whole_story(folder: Path) -> None:
    run = RunDirectory.open(folder / "run")
    metrics = run.read_metrics()
    part = metrics["data"]["parts"]["test"]

    assert metrics["task"] == "sequence-classification"
    assert metrics["test"]["accuracy"] >= 0.9
    assert list(metrics["baselines"]) == [
        "majority class",
        "summary features + logistic regression",
        "resampled series + logistic regression",
        "1-nearest neighbour",
    ]
    assert (part["rows"], part["missing_share"], part["class_counts"]) == (40, 0.0, [20, 20])
    assert metrics["training"]["channels"] == ["channel 0", "channel 1"]
    assert sorted(entry.name for entry in run.model.iterdir()) == [
        "config.json",
        "encoding.json",
        "weights.safetensors",
    ]
    answers = pq.read_table(run.predictions).to_pydict()
    assert answers["origin"][0] == "line 4"
    assert np.mean([a == b for a, b in zip(answers["truth"], answers["answer"], strict=True)]) == pytest.approx(
        metrics["test"]["accuracy"]
    )


def test_the_pages_speak_of_sequences(folder: Path) -> None:
    run = RunDirectory.open(folder / "run")
    page = run.report.read_text()
    card = run.card.read_text()

    assert "40 sequences that were not trained on" in page
    assert "missing<br>values" in page
    assert 'id="units"' not in page
    assert " tokens" not in card
    assert "40 sequences that were not trained on" in card
    assert report_html(run.read_metrics(), run.read_history(), run.figures, run)[1] == []


def test_the_model_answers_again_as_it_did(folder: Path) -> None:
    run = RunDirectory.open(folder / "run")
    again = evaluate(folder / "run", folder / "test.ts")
    bundle = load_bundle(folder / "run")

    assert again.metrics == run.read_metrics()["test"]
    assert again.baselines["majority class"]["accuracy"] == 0.5
    assert bundle.task.encoding.labels == ["fast", "slow"]
    assert bundle.settings == SETTINGS
    assert [each.score for each in compare(folder).runs] == [again.metrics["accuracy"]]
    wave = bundle.task.encoding.encode(_one(folder))
    assert predict_logits(bundle.network, wave).shape == (1, 1)


def _one(folder: Path) -> object:
    from longshort.data.sequences import open_sequences

    return open_sequences(folder / "test.ts")[[0]]


def test_the_same_seed_gives_the_same_run(folder: Path, tmp_path: Path) -> None:
    train(folder / "train.ts", test=folder / "test.ts", settings=SETTINGS, directory=tmp_path / "again")
    files = ("model/weights.safetensors", "model/encoding.json", "model/config.json")

    for name in files:
        assert (tmp_path / "again" / name).read_bytes() == (folder / "run" / name).read_bytes()


@pytest.mark.parametrize("layout", ["wide", "long"])
def test_tables_are_read_too_and_gaps_are_told(tmp_path: Path, layout: str) -> None:
    path = tmp_path / "waves.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        rows = waves(60, 0)
        rows[0][0][0, 3] = np.nan
        if layout == "wide":
            out.writerow(["label", *(f"t{step}" for step in range(20))])
            for values, label in rows:
                cells = ["" if np.isnan(value) else f"{value:.4f}" for value in values[0]]
                out.writerow([label, *cells, *[""] * (20 - len(cells))])
        else:
            out.writerow(["id", "step", "label", "x", "y"])
            for number, (values, label) in enumerate(rows):
                for step, (x, y) in enumerate(values.T):
                    out.writerow([f"s{number}", step, label, "" if np.isnan(x) else f"{x:.4f}", f"{y:.4f}"])
    result = train(path, settings=QUICK, directory=tmp_path / "run")
    data = result.metrics["data"]

    assert [part["rows"] for part in data["parts"].values()] == [54, 6]
    assert result.metrics["training"]["channels"] == (["value"] if layout == "wide" else ["x", "y"])
    assert any(note.startswith("Values are missing in the training part:") for note in data["notes"])


def test_gaps_that_training_did_not_have_are_told(folder: Path, tmp_path: Path) -> None:
    class Ear(Listener):
        heard: ClassVar[list[str]] = []

        def note(self, text: str) -> None:
            self.heard.append(text)

    rows = waves(6, 3)
    rows[0][0][0, 3] = np.nan
    evaluate(folder / "run", ts(tmp_path / "gaps.ts", rows), listener=Ear())
    assert [note[:49] for note in Ear.heard] == ["Values are missing, though none were in training:"]


def test_numbers_in_a_table_may_name_classes(tmp_path: Path) -> None:
    path = tmp_path / "waves.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["label", *(f"t{step}" for step in range(20))])
        for values, label in waves(60, 0):
            cells = [f"{value:.4f}" for value in values[0]]
            out.writerow(["0.5" if label == "slow" else "1.5", *cells, *[""] * (20 - len(cells))])
    result = train(path, settings=QUICK, directory=tmp_path / "run")

    assert result.metrics["data"]["labels"] == ["0.5", "1.5"]
    assert evaluate(tmp_path / "run", path).metrics["examples"] == 60


def test_a_group_is_never_split(tmp_path: Path) -> None:
    path = tmp_path / "waves.csv"
    with path.open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["label", "subject", *(f"t{step}" for step in range(20))])
        for number, (values, label) in enumerate(waves(60, 0)):
            out.writerow([label, number // 6, *(f"{value:.4f}" for value in values[0])] + [""] * (20 - values.shape[1]))
    settings = SequenceRunSettings.from_flat(SETTINGS.flat() | {"group": "subject", "test_share": 0.2})
    from longshort.kinds.sequences.classification import KIND
    from longshort.training import Listener

    parts = KIND.prepare(path, None, None, settings, Listener()).parts
    subjects = [set(part.sequences.groups or ()) for part in parts.values()]

    assert subjects[0].isdisjoint(subjects[1])
    assert sum(map(len, subjects)) == 10


def test_what_cannot_be_learnt_is_refused(folder: Path, tmp_path: Path) -> None:
    ts(tmp_path / "one.ts", [row for row in waves(20, 0) if row[1] == "slow"])
    for data, settings, kind, words in (
        (tmp_path / "one.ts", SETTINGS, DataError, "two"),
        (tmp_path / "nowhere.ts", SETTINGS, DataError, "nowhere.ts"),
        (folder / "train.ts", SequenceRunSettings.from_flat({"test_share": 0.0}), SettingError, "held out"),
    ):
        with pytest.raises(kind, match=words):
            train(data, settings=settings, directory=tmp_path / "run")
        assert not (tmp_path / "run").exists()


def test_a_damaged_encoding_is_told(folder: Path, tmp_path: Path) -> None:
    import shutil

    from longshort.errors import BundleError

    shutil.copytree(folder / "run" / "model", tmp_path / "model")
    path = tmp_path / "model" / "encoding.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"kind": "regression"}))
    with pytest.raises(BundleError, match=r"encoding\.json"):
        load_bundle(tmp_path / "model")


@pytest.mark.slow
def test_the_worst_errors_are_drawn_with_what_each_step_contributed(folder: Path, tmp_path: Path) -> None:
    """A model of one epoch errs; where a value is missing, and where a sequence is too long, the report goes on."""
    rows = waves(40, 3)
    rows[0][0][0, 2] = np.nan
    ts(tmp_path / "train.ts", rows)
    (tmp_path / "train.ts").write_text((tmp_path / "train.ts").read_text().replace("nan", "?"))
    short = SequenceRunSettings.from_flat(QUICK.flat() | {"epochs": 1})
    train(tmp_path / "train.ts", test=tmp_path / "train.ts", settings=short, directory=tmp_path / "run")
    run = RunDirectory.open(tmp_path / "run")
    errors = run.read_metrics()["worst_errors"]
    assert errors
    for error in errors:
        values = np.array(error["values"], dtype=float).T
        assert np.allclose(values, rows[error["place"]][0], atol=1e-4, equal_nan=True)
    page, failures = report_html(run.read_metrics(), run.read_history(), run.figures, run)
    assert failures == []
    examples = run.read_metrics()["examples"]
    assert page.count('<img class="series"') == min(4, len(errors)) + len(examples)
    without, failures = report_html(run.read_metrics(), run.read_history(), run.figures)
    assert failures == []
    assert '<img class="series"' not in without


def test_the_report_looks_into_sequences_gate_by_gate(folder: Path) -> None:
    run = RunDirectory.open(folder / "run")
    metrics = run.read_metrics()
    examples = {each["key"]: each for each in metrics["examples"]}
    assert {"right", "undecided"} <= set(examples) <= {"right", "wrong", "undecided"}
    assert examples["right"]["truth"] == examples["right"]["answer"]
    sure = [max(each["probabilities"].values()) for each in (examples["undecided"], examples["right"])]
    assert sure[0] < sure[1]
    values = np.array(examples["right"]["values"]).T
    assert np.allclose(values, waves(40, 1)[examples["right"]["place"]][0], atol=1e-4)

    page, failures = report_html(metrics, run.read_history(), run.figures, run)
    assert failures == []
    assert "Some sequences, looked into" in page
    assert "of the first of the 3 networks that answer together, step by step" in page
    assert f"Gates and cell of 8 units at {values.shape[1]} steps, read from the first step to the last." in page
    assert "The step at which one cell changed most in the first of the sequences above (clearly right)" in page


def test_a_run_without_examples_says_so(folder: Path) -> None:
    run = RunDirectory.open(folder / "run")
    metrics = {name: value for name, value in run.read_metrics().items() if name != "examples"}
    page, failures = report_html(metrics, run.read_history(), run.figures, run)
    assert failures == []
    assert page.count("is kept, or short enough to be looked into step by step") == 2
