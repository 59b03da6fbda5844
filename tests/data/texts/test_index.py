from __future__ import annotations

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from longshort.config import TextDataSettings
from longshort.data import Index, check_trainable, open_source, overlap, scan
from longshort.errors import DataError


def index(texts: list[str], labels: list[object], **settings: str) -> Index:
    return scan(open_source((texts, labels), TextDataSettings(**settings)))  # type: ignore[arg-type]


def test_rows_labels_and_texts_are_counted() -> None:
    found = index(["a", "", "a", ""], ["y", "x", "y", "y"])
    assert (len(found), found.labels, found.counts.tolist()) == (4, ["x", "y"], [1, 3])
    assert found.codes.tolist() == [1, 0, 1, 1]
    assert (found.empty_texts, found.together.tolist()) == (
        2,
        [0, 1, 0, 1] if found.digests[0] < found.digests[1] else [1, 0, 1, 0],
    )
    assert (found.digests[0] == found.digests[2], found.digests[0] == found.digests[1]) == (True, False)
    assert found.counts_of(found.codes.nonzero()[0][:2]).tolist() == [0, 2]


def test_several_labels_of_a_row_are_counted_once_each() -> None:
    found = index(["a", "b", "c"], ["x|y", "", "y|y"], label_separator="|")
    assert (found.labels, found.counts.tolist(), found.multi_label) == (["x", "y"], [1, 2], True)
    assert found.offsets.tolist() == [0, 2, 2, 3]


def test_labels_that_are_whole_numbers_are_sorted_by_value() -> None:
    assert index(["a"] * 4, [10, 9, -1, "02"]).labels == ["-1", "02", "9", "10"]
    assert index(["a"] * 3, [10, 9, "x"]).labels == ["10", "9", "x"]


def test_the_fingerprint_follows_texts_labels_and_order() -> None:
    prints = [
        index(["a", "b"], ["x", "y"]),
        index(["b", "a"], ["y", "x"]),
        index(["a", "b"], ["x", "x"]),
        index(["ab", ""], ["x", "y"]),
    ]
    assert len({one.fingerprint for one in prints}) == 4
    assert prints[0].fingerprint == index(["a", "b"], ["x", "y"]).fingerprint
    digests = [hashlib.blake2b(text, digest_size=16).digest() for text in (b"a", b"b")]
    assert prints[0].fingerprint == hashlib.sha256(digests[0] + b'["x"]' + digests[1] + b'["y"]').hexdigest()


def test_rows_of_another_source_with_the_same_text_are_counted() -> None:
    assert overlap(index(["a", "b"], [1, 2]), index(["b", "c", "b"], [1, 1, 2])) == 2


def test_texts_in_other_case_and_with_other_space_are_copies() -> None:
    texts = ["A  good film", "a good film", "bad", " a good\tFILM\n", "good film"]
    found = index(texts, ["x", "y", "x", "x", "y"])
    group = found.together
    assert group[0] == group[1] == group[3]
    assert len(set(group.tolist())) == 3
    assert sorted(set(group.tolist())) == [0, 1, 2]
    assert found.contradictions == 3
    assert overlap(found, index(["a GOOD film", "worse"], ["x", "y"])) == 1


@given(st.lists(st.sampled_from("abcdeABC"), min_size=1, max_size=12))
def test_groups_are_in_the_order_of_digests_where_no_text_has_a_copy_in_other_letters(texts: list[str]) -> None:
    found = index(texts, ["x"] * len(texts))
    kinds = {text.lower() for text in texts}
    assert len(set(found.together.tolist())) == len(kinds)
    assert [[a == b for b in found.together] for a in found.together] == [
        [one.lower() == other.lower() for other in texts] for one in texts
    ]
    lower = index([text.lower() for text in texts], ["x"] * len(texts))
    assert np.array_equal(lower.together, np.unique(lower.digests, return_inverse=True)[1])


def test_rows_that_contradict_each_other_are_counted() -> None:
    assert index(["a", "b", "c"], ["x", "y", "x"]).contradictions == 0
    assert index(["a", "a", "b", "b", "b"], ["x", "y", "x", "x", "x"]).contradictions == 2
    assert index(["a", "a", "b", "b"], ["x|y", "y|x", "x|y", "x"], label_separator="|").contradictions == 2


@pytest.mark.parametrize(
    ("labels", "message", "hint"),
    [
        (["x", "x"], "there must be at least 2 different labels. All 2 rows have 'x'.", ""),
        (
            ["x", "x", "y"],
            "each label must have at least 2 rows. 'y' has 1.",
            "Add rows, or leave rare labels out with --classes. ",
        ),
        (
            ["x", "x", "y", "z"],
            "each label must have at least 2 rows. 2 labels have 1, the first is 'y'.",
            "Add rows, or leave rare labels out with --classes. ",
        ),
    ],
)
def test_labels_that_teach_nothing_are_refused(labels: list[object], message: str, hint: str) -> None:
    found = index(["t"] * len(labels), labels)
    with pytest.raises(DataError) as caught:
        check_trainable(found)
    assert caught.value.message == f"the data: {message}"
    assert caught.value.hint == hint + "Is this the label column? --label NAME chooses another."


def test_two_rows_of_two_labels_are_enough() -> None:
    check_trainable(index(["a", "b", "c", "d"], ["x", "x", "y", "y"]))


def test_data_without_rows_is_refused() -> None:
    with pytest.raises(DataError) as caught:
        index([], [])
    assert str(caught.value) == "the data: the data must hold rows. There is none.\n\nhint: Is this the right file?"
