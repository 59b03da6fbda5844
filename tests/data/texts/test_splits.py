from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from longshort.config import TextDataSettings
from longshort.data import Index, open_source, scan, split
from longshort.errors import DataError


def index(texts: list[str], labels: list[object], separator: str | None = None) -> Index:
    return scan(open_source((texts, labels), TextDataSettings(label_separator=separator)))


@st.composite
def indices_with_duplicates(draw: st.DrawFn) -> tuple[list[str], Index]:
    pairs = draw(st.lists(st.tuples(st.integers(0, 60), st.sampled_from("xyz")), min_size=60, max_size=150))
    texts = [f"{number}" for number, _ in pairs] + [f"only {i}" for i in range(40)]
    labels: list[object] = [label for _, label in pairs] + ["x", "y"] * 20
    return texts, index(texts, labels)


@given(indices_with_duplicates(), st.integers(0, 3))
def test_every_row_is_in_one_part_and_identical_texts_stay_together(case: tuple[list[str], Index], seed: int) -> None:
    texts, found = case
    parts = split(found, seed=seed)
    whole = [parts.train, parts.validation, parts.test]
    assert sorted(np.concatenate(whole).tolist()) == list(range(len(texts)))
    assert all(np.all(np.diff(rows) > 0) and rows.dtype == np.int64 for rows in whole)
    in_part = [{texts[row] for row in rows} for rows in whole]
    assert not in_part[0] & in_part[1]
    assert not in_part[0] & in_part[2]
    assert not in_part[1] & in_part[2]
    assert np.all(found.counts_of(parts.train) > 0)


@given(
    st.lists(st.integers(5, 120), min_size=2, max_size=6),
    st.sampled_from([(0.1, 0.1), (0.2, 0.0), (0.0, 0.3), (0.4, 0.5)]),
    st.integers(0, 2**62),
)
def test_each_label_has_its_share_in_each_part(sizes: list[int], shares: tuple[float, float], seed: int) -> None:
    labels: list[object] = [str(label) for label, size in enumerate(sizes) for _ in range(size)]
    found = index([f"{i}" for i in range(len(labels))], labels)
    assume(len(labels) >= 20)
    parts = split(found, validation_share=shares[0], test_share=shares[1], seed=seed)
    for share, rows in zip(shares, (parts.validation, parts.test), strict=True):
        assert abs(len(rows) - share * len(labels)) <= len(sizes) + 1
        assert np.all(np.abs(found.counts_of(rows) - share * np.array(sizes)) <= 3)
        assert share > 0 or len(rows) == 0


def test_the_seed_decides_the_split() -> None:
    found = index([f"{i}" for i in range(200)], ["x", "y"] * 100)
    first, again, other = split(found, seed=1), split(found, seed=1), split(found, seed=2)
    assert np.array_equal(first.test, again.test)
    assert not np.array_equal(first.test, other.test)
    assert first.test.max() > 150, "rows from everywhere, not the first ones"
    assert first.test.min() < 50


def test_sorted_data_is_mixed() -> None:
    found = index([f"{i}" for i in range(1000)], ["x"] * 500 + ["y"] * 500)
    parts = split(found)
    assert [found.counts_of(rows).tolist() for rows in (parts.train, parts.validation, parts.test)] == [
        [400, 400],
        [50, 50],
        [50, 50],
    ]


def test_every_label_of_multi_label_rows_is_in_train() -> None:
    labels: list[object] = [f"a|{i % 20}" if i % 3 else "" for i in range(200)]
    found = index([f"{i}" for i in range(200)], labels, "|")
    parts = split(found)
    assert np.all(found.counts_of(parts.train) > 0)
    assert abs(len(parts.test) - 20) <= 3


def test_one_text_that_fills_most_rows_is_trained_on() -> None:
    found = index(["same"] * 800 + [f"{i}" for i in range(200)], ["x", "y"] * 500)
    assert len(split(found).train) >= 800


@pytest.mark.parametrize(
    ("texts", "labels", "message", "hint"),
    [
        (
            ["a", "b", "c"],
            ["x", "x", "y"],
            "each part of the split must have rows. Validation and test would have none: "
            "there are 3 different texts for 2 labels.",
            "Take at least 10 different texts, set the share to 0, or give files of your own for each part.",
        ),
        (
            ["a"] * 50 + ["b"] * 50,
            ["x", "y"] * 50,
            "each part of the split must have rows. Validation and test would have none: "
            "there are 2 different texts for 2 labels.",
            "Take at least 10 different texts, set the share to 0, or give files of your own for each part.",
        ),
    ],
)
def test_too_few_texts_are_refused(texts: list[str], labels: list[object], message: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        split(index(texts, labels))
    assert (caught.value.message, caught.value.hint) == (f"the data: {message}", hint)


def test_shares_that_leave_nothing_are_refused() -> None:
    with pytest.raises(DataError) as caught:
        split(index(["a", "b"], ["x", "y"]), validation_share=0.6, test_share=0.5)
    assert str(caught.value) == (
        "validation_share and test_share must leave rows to train on. Got 0.6 and 0.5, together 1.1.\n\n"
        "hint: Usual shares are 0.1 and 0.1."
    )


@pytest.mark.parametrize("seed", range(10))
def test_a_rare_label_is_in_train_even_where_train_is_small(seed: int) -> None:
    found = index([f"{i}" for i in range(102)], ["x"] * 50 + ["y"] * 50 + ["z"] * 2)
    assert np.all(found.counts_of(split(found, validation_share=0.45, test_share=0.45, seed=seed).train) > 0)
