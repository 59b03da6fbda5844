"""Answers of a classifier, as plain data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from longshort.evaluation import classification_metrics
from longshort.kinds.classes.tables import answer_of, answers_table, class_counts, draw_answers, list_errors, names_of

NAMES = ["a", "b", "c"]


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
        "place": 29,
        "text": "text 29",
        "truth": ["yes"],
        "answer": ["no"],
        "probabilities": {"no": 0.9, "yes": pytest.approx(0.1)},
    }


def test_the_table_of_answers_says_all_of_each_row() -> None:
    probabilities = np.array([[0.5, 0.1, 0.4], [0.1, 0.6, 0.7]])
    one = answers_table({"row": [7, 3]}, probabilities, np.array([2, 2]), NAMES, multi_label=False)
    assert list(one) == ["row", "truth", "answer", "p(a)", "p(b)", "p(c)"]
    assert (one["row"], one["truth"], one["answer"]) == ([7, 3], ["c", "c"], ["a", "c"])
    several = answers_table({}, probabilities, np.array([[1, 0, 1], [0, 0, 0]]), NAMES, multi_label=True)
    assert (several["truth"], several["answer"]) == (["a|c", ""], ["a", "b|c"])


@pytest.mark.parametrize("multi_label", [False, True])
def test_several_labels_have_no_confusion_matrix(multi_label: bool) -> None:
    targets = np.eye(3, dtype=np.int64) if multi_label else np.array([0, 1, 2])
    metrics = classification_metrics(np.full((3, 3), 1 / 3), targets, NAMES, multi_label=multi_label).to_dict()
    assert set(draw_answers(metrics)) == {"calibration.png", *(() if multi_label else ("confusion.png",))}
