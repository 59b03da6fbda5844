"""Judging a finished model again: the same numbers on the same rows, and a reason where it cannot be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.small_runs import FLAT, SETTINGS, finished, labels, table, texts

from longshort.config import TextDataSettings, TextRunSettings
from longshort.errors import BundleError, DataError
from longshort.runs import RunResult, evaluate, train
from longshort.training import Listener

__all__ = ["finished"]


pytestmark = pytest.mark.usefixtures("without_report")


class Ear(Listener):
    def __init__(self) -> None:
        self.heard: list[str] = []

    def stage(self, text: str) -> None:
        self.heard.append(text)

    def note(self, text: str) -> None:
        self.heard.append(f"note: {text}")


def same_but_for_the_last_bits(one: Any, two: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == two.keys() and all(same_but_for_the_last_bits(one[key], two[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(two) and all(map(same_but_for_the_last_bits, one, two))
    return one == pytest.approx(two, abs=1e-6) if isinstance(one, float) else one == two


def test_the_test_rows_give_the_numbers_of_the_run(finished: RunResult) -> None:
    rows = pq.read_table(finished.directory / "predictions.parquet").to_pydict()
    for model in (finished.directory, str(finished.directory / "model")):
        again = evaluate(model, (rows["text"], rows["truth"]))
        assert same_but_for_the_last_bits(again.metrics, finished.metrics["test"])
        assert same_but_for_the_last_bits(again.errors, finished.metrics["worst_errors"])
        assert again.metrics == json.loads(json.dumps(again.metrics))


def test_the_baseline_answers_the_most_frequent_class_of_the_training(finished: RunResult, tmp_path: Path) -> None:
    data = (texts(20, seed=2), ["pos"] * 15 + ["neg"] * 5)
    counts = finished.metrics["data"]["parts"]["train"]["class_counts"]
    assert counts[0] >= counts[1]  # "neg" is named first
    for model in (finished.directory, finished.directory / "model"):
        found = evaluate(model, data)
        assert found.baselines["majority class"]["accuracy"] == 0.25
        assert [each.kind for each in found.verdict.findings].count("baseline") == 1
    alone = shutil.copytree(finished.directory / "model", tmp_path / "alone" / "model")
    for damaged in (None, "{}", "[]", "{", '{"data": {"parts": {"train": {"rows": 0, "class_counts": [1, "a"]}}}}'):
        if damaged is not None:
            (tmp_path / "alone" / "metrics.json").write_text(damaged)
        found = evaluate(alone, data)
        assert found.baselines["majority class of these"]["accuracy"] == 0.75
        assert "baseline" not in [each.kind for each in found.verdict.findings]


def test_rows_that_it_was_trained_on_are_told(finished: RunResult, tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", rows=40)
    run = train(path, settings=TextRunSettings.from_flat(FLAT | {"epochs": 1}), directory=tmp_path / "run")
    parts = run.metrics["data"]["parts"]
    (found,) = [each for each in evaluate(tmp_path / "run", path).verdict.findings if each.kind == "leaking"]
    assert (found.level, found.sentence.split()[0]) == (
        "bad",
        str(parts["train"]["rows"] + parts["validation"]["rows"]),
    )
    other = evaluate(tmp_path / "run", table(tmp_path / "b.csv", rows=20, seed=2))
    assert "leaking" not in [each.kind for each in other.verdict.findings]


def test_what_is_told(finished: RunResult, tmp_path: Path) -> None:
    path, ear = table(tmp_path / "Ü b.csv", rows=20, seed=2), Ear()
    result = evaluate(finished.directory, path, listener=ear)
    assert result.source == str(path)
    assert ear.heard == [f"Reading {path}", "Evaluating on 20 texts"]
    assert result.verdict.headline


@pytest.mark.parametrize("label", ["neg", "pos"])
def test_data_with_one_class_only(finished: RunResult, label: str) -> None:
    result = evaluate(finished.directory, (texts(10, seed=2), [label] * 10))
    answered = next(each["predicted_share"] for each in result.metrics["classes"] if each["label"] == label)
    assert result.metrics["accuracy"] == pytest.approx(answered)
    assert result.metrics["roc_auc"] is None
    assert result.baselines["majority class"]["accuracy"] == float(label == "neg")


def test_one_row(finished: RunResult) -> None:
    assert evaluate(finished.directory, (["a good film"], ["pos"])).metrics["examples"] == 1


def test_empty_and_unknown_texts_are_answered(finished: RunResult) -> None:
    result = evaluate(finished.directory, (["", "zzz", "   "], ["neg", "pos", "neg"]))
    assert result.metrics["examples"] == 3


def test_a_label_that_the_model_does_not_know(finished: RunResult, tmp_path: Path) -> None:
    path = table(tmp_path / "b.csv", rows=10, names=("neg", "Pos"))
    with pytest.raises(DataError) as caught:
        evaluate(finished.directory, path)
    assert str(caught.value) == (
        f"{path}: each label must be one that the model was trained on: 'neg', 'pos'. Got 'Pos'.\n\n"
        "hint: Did you mean 'pos'?"
    )


def test_several_labels_where_the_model_knows_one(finished: RunResult) -> None:
    with pytest.raises(DataError) as caught:
        evaluate(finished.directory, (texts(2), [["neg"], ["neg", "pos"]]))
    assert str(caught.value) == (
        "the data: each row must have one label. Got 2.\n\nhint: For several a row, set a label separator."
    )


def test_data_without_labels_or_rows(finished: RunResult) -> None:
    with pytest.raises(DataError, match=r"^labels are needed\. Got texts alone\."):
        evaluate(finished.directory, texts(3))
    with pytest.raises(DataError, match=r"^the data: the data must hold rows\. There is none\."):
        evaluate(finished.directory, ([], []))


def test_where_there_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="there is no such folder"):
        evaluate(tmp_path / "none", (texts(3), labels(3)))


def test_columns_are_those_of_the_training_unless_named(tmp_path: Path) -> None:
    def written(name: str, text: str, label: str) -> Path:
        rows = (f"{i},{words},{kind}\n" for i, (words, kind) in enumerate(zip(texts(40), labels(40), strict=True)))
        (tmp_path / name).write_text(f"number,{text},{label}\n" + "".join(rows), encoding="utf-8")
        return tmp_path / name

    settings = TextRunSettings.from_flat(FLAT | {"text": "words", "label": "kind", "epochs": 1})
    run = train(written("a.csv", "words", "kind"), settings=settings, directory=tmp_path / "run")
    same = evaluate(run.directory, tmp_path / "a.csv")
    other = evaluate(
        run.directory, written("b.csv", "satz", "art"), settings=TextDataSettings(text="satz", label="art")
    )
    assert same.metrics == other.metrics
    with pytest.raises(DataError, match="words"):
        evaluate(run.directory, tmp_path / "b.csv")


def test_several_labels_each(tmp_path: Path) -> None:
    several = [[["neg"], ["pos"], [], ["neg", "pos"]][i % 4] for i in range(60)]
    run = train((texts(), several), settings=SETTINGS, directory=tmp_path / "run")
    rows = pq.read_table(run.directory / "predictions.parquet").to_pydict()
    again = evaluate(run.directory, (rows["text"], [[n for n in t.split("|") if n] for t in rows["truth"]]))
    assert same_but_for_the_last_bits(again.metrics, run.metrics["test"])
