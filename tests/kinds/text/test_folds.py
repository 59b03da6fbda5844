"""Folds: each row held out once, classes alike in each, what belongs together never on both sides."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.small_runs import SETTINGS, labels, table, texts

from longshort.config import TextRunSettings
from longshort.kinds.text.folds import text_folds
from longshort.training import Listener


def rows(part: object) -> set[int]:
    return set(np.asarray(part.rows).tolist())


@given(count=st.integers(2, 6), each=st.integers(6, 15), seed=st.integers(0, 99))
def test_each_text_is_held_out_once_and_classes_are_alike(count: int, each: int, seed: int) -> None:
    settings = TextRunSettings.from_flat({**SETTINGS.flat(), "seed": seed})
    total = 2 * each
    found = list(text_folds((texts(total), labels(total)), settings, count, Listener()))
    assert len(found) == count
    assert sorted(row for fold in found for row in rows(fold.parts["test"])) == list(range(total))
    for fold in found:
        everything = [rows(part) for part in fold.parts.values()]
        assert sum(map(len, everything)) == total == len(set().union(*everything))
        held = [row % 2 for row in rows(fold.parts["test"])]
        assert abs(held.count(0) - held.count(1)) <= 1
        assert {row % 2 for row in rows(fold.parts["train"])} == {0, 1}


def test_identical_texts_are_on_one_side() -> None:
    given_texts = texts(20) * 3
    for fold in text_folds((given_texts, labels(20) * 3), SETTINGS, 4, Listener()):
        sides = [{row % 20 for row in rows(part)} for part in fold.parts.values()]
        assert sum(map(len, sides)) == 20


def test_several_labels_each() -> None:
    several = [[["neg"], ["pos"], [], ["neg", "pos"]][i % 4] for i in range(40)]
    found = list(text_folds((texts(40), several), SETTINGS, 5, Listener()))
    assert all(fold.multi_label for fold in found)
    for fold in found:  # each combination twice
        assert sorted(row % 4 for row in rows(fold.parts["test"])) == [0, 0, 1, 1, 2, 2, 3, 3]


def test_a_folder_with_its_own_split_keeps_its_test_part_out(tmp_path: Path) -> None:
    table(tmp_path / "train.csv", 20)
    table(tmp_path / "test.csv", 10, seed=2)
    found = list(text_folds(tmp_path, SETTINGS, 2, Listener()))
    assert [len(fold.parts["test"].rows) for fold in found] == [10, 10]
    assert found[0].notes[0] == f"The folds are of the training part; the test part of {tmp_path} is left out."
