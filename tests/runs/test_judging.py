"""Judging: on rows that were held out, beside the baselines, in plain data."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss
from tests.runs.small import FLAT, labels, texts

from longshort.config import Settings
from longshort.runs import judging
from longshort.runs.fit import Fitted, fit
from longshort.runs.judging import answer_of, class_counts, judge_run, list_errors, names_of, probabilities_of
from longshort.runs.prepare import Prepared, prepare
from longshort.training import Listener

NAMES = ["a", "b", "c"]


class Ear(Listener):
    def __init__(self) -> None:
        self.stages: list[str] = []

    def stage(self, text: str) -> None:
        self.stages.append(text)


def fitted(**changes: Any) -> tuple[Fitted, Prepared, Settings]:
    settings = Settings.from_flat(FLAT | changes)
    prepared = prepare((texts(), labels()), None, None, settings, Listener())
    return fit(prepared, settings, Listener()), prepared, settings


def test_an_answer_is_the_most_probable_class_or_every_label_of_at_least_a_half() -> None:
    assert answer_of(np.array([0.2, 0.5, 0.3]), multi_label=False) == 1
    assert answer_of(np.array([0.2, 0.5, 0.9]), multi_label=True).tolist() == [0, 1, 1]


def test_names() -> None:
    assert names_of(np.array(2), NAMES) == ["c"]
    assert names_of(np.array([1, 0, 1]), NAMES) == ["a", "c"]
    assert names_of(np.array([0, 0, 0]), NAMES) == []


def test_counts_have_a_place_for_every_class() -> None:
    assert class_counts(np.array([2, 0, 2]), 4) == [1, 0, 2, 0]
    assert class_counts(np.array([[1.0, 0.0], [1.0, 1.0]], dtype=np.float32), 2) == [2, 1]


def test_errors_are_plain_data_and_the_surest_come_first() -> None:
    rows = [f"text {i}" for i in range(30)]
    probabilities = np.stack([np.linspace(0.1, 0.9, 30), 1 - np.linspace(0.1, 0.9, 30)], axis=1)
    errors = list_errors(rows, probabilities, np.ones(30, dtype=np.int64), ["no", "yes"], multi_label=False)
    assert errors == json.loads(json.dumps(errors))
    assert [error["text"] for error in errors] == [f"text {i}" for i in range(29, 19, -1)]
    assert errors[0] == {
        "text": "text 29",
        "truth": ["yes"],
        "answer": ["no"],
        "probabilities": {"no": 0.9, "yes": pytest.approx(0.1)},
    }


@pytest.mark.parametrize(("share", "part"), [(0.1, "test"), (0.0, "validation")])
def test_the_part_that_was_held_out(share: float, part: str) -> None:
    model, prepared, settings = fitted(test_share=share)
    judgement = judge_run(model, prepared, settings, Listener())
    probabilities = probabilities_of(model, model.examples[part])
    assert judgement.part == part
    assert judgement.columns["text"] == list(prepared.parts[part].texts())
    assert np.array_equal(judgement.probabilities, probabilities)
    assert judgement.metrics["accuracy"] == accuracy_score(judgement.targets, probabilities.argmax(axis=1))
    assert judgement.metrics["loss"] == pytest.approx(log_loss(judgement.targets, probabilities))
    assert judgement.metrics["examples"] == len(judgement.columns["text"])
    assert judgement.train_metrics["examples"] == len(prepared.parts["train"].rows)


def test_baselines_are_fitted_on_the_training_rows_and_judged_on_the_same_rows_as_the_model() -> None:
    """One word decides, and TF-IDF finds it; the word of the held-out rows alone would be of no help."""
    model, prepared, settings = fitted()
    judgement = judge_run(model, prepared, settings, Listener())
    assert list(judgement.baselines) == ["majority class", "TF-IDF + logistic regression"]
    assert judgement.baselines["majority class"]["accuracy"] == 0.5
    assert judgement.baselines["TF-IDF + logistic regression"]["accuracy"] == 1.0
    for baseline in judgement.baselines.values():
        assert baseline["examples"] == judgement.metrics["examples"]
        assert set(baseline) >= {"comparison", "seconds"}
    assert json.loads(json.dumps(judgement.baselines)) == judgement.baselines


def test_large_data_is_sampled_for_the_baselines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "BASELINE_ROWS", 20)
    ear = Ear()
    judge_run(*fitted(), ear)
    assert ear.stages == [
        "Judging on 6 test texts",
        "Fitting the baselines on 20 training texts, for the same 6 test texts",
    ]
