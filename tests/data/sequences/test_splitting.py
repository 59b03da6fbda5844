"""Splits keep groups whole and classes alike."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from longshort.data.sequences import Sequences, digests, from_arrays, split_sequences
from longshort.data.texts.splits import Split
from longshort.errors import DataError

DRAW = np.random.default_rng(0)


def some(targets: list[object] | None = None, groups: list[str] | None = None, count: int = 0) -> Sequences:
    rows = count or len(targets or groups or ())
    return from_arrays(DRAW.normal(size=(rows, 3)), targets, groups)


def parts(found: Split) -> list[list[int]]:
    return [found.train.tolist(), found.validation.tolist(), found.test.tolist()]


def divide(sequences: Sequences, validation: float = 0.2, test: float = 0.2, seed: int = 0) -> list[list[int]]:
    return parts(split_sequences(sequences, validation_share=validation, test_share=test, seed=seed))


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(st.tuples(st.integers(0, 9), st.sampled_from("abc")), min_size=3, max_size=60),
    shares=st.sampled_from([(0.1, 0.1), (0.3, 0.3), (0.2, 0.0), (0.0, 0.4), (0.0, 0.0)]),
    seed=st.integers(0, 5),
)
def test_no_group_straddles(rows: list[tuple[int, str]], shares: tuple[float, float], seed: int) -> None:
    groups, targets = [str(group) for group, _ in rows], [target for _, target in rows]
    sequences = some(list(targets), groups)
    try:
        found = divide(sequences, *shares, seed)
    except DataError:
        # Every group may be needed for a class, or there are fewer than parts; with three that have all there is a way.
        assert sum({t for g, t in rows if g == group} == set(targets) for group in range(10)) < 3
        return
    assert sorted(row for part in found for row in part) == list(range(len(rows)))
    assert all(part == sorted(part) for part in found)
    held = [{groups[row] for row in part} for part in found]
    assert sum(map(len, held)) == len(set(groups))
    assert [bool(part) for part in found] == [True, shares[0] > 0, shares[1] > 0]
    assert {targets[row] for row in found[0]} == set(targets)
    assert found == divide(sequences, *shares, seed)


def test_subjects_are_shared_out_by_size_and_class() -> None:
    groups = [f"s{i}" for i in range(20) for _ in range(10)]
    targets = ["a" if i % 2 else "b" for i in range(20) for _ in range(10)]
    found = divide(some(list(targets), groups))
    assert [len(part) for part in found] == [120, 40, 40]
    assert [Counter(targets[row] for row in part) for part in found] == [
        {"a": 60, "b": 60},
        {"a": 20, "b": 20},
        {"a": 20, "b": 20},
    ]


def test_few_groups_still_fill_every_part() -> None:
    groups = [f"s{i}" for i in range(5) for _ in range(4)]
    found = divide(some(["a", "b"] * 10, groups), 0.1, 0.1)
    assert [len(part) for part in found] == [12, 4, 4]


def test_a_large_group_goes_where_it_fits() -> None:
    groups = ["large"] * 70 + [f"s{i}" for i in range(30)]
    found = divide(some(["a", "b"] * 50, groups))
    assert 0 in found[0]
    assert len(found[0]) == 70
    assert abs(len(found[1]) - len(found[2])) <= 2


def test_seeds_give_other_splits() -> None:
    sequences = some(["a", "b"] * 20, [str(i // 2) for i in range(40)])
    assert len({str(divide(sequences, seed=seed)) for seed in range(5)}) == 5


def test_without_groups_classes_are_in_the_same_proportions() -> None:
    targets = ["a"] * 80 + ["b"] * 20
    found = divide(some(list(targets)), 0.1, 0.2)
    assert [Counter(targets[row] for row in part) for part in found] == [
        {"a": 56, "b": 14},
        {"a": 8, "b": 2},
        {"a": 16, "b": 4},
    ]


def test_numbers_are_split_at_random() -> None:
    found = divide(some([0.5 * i for i in range(10)]))
    assert [len(part) for part in found] == [6, 2, 2]
    assert [len(part) for part in divide(some([0.5 * i for i in range(10)], ["x", "y"] * 5), 0, 0.4)] == [5, 0, 5]
    assert [len(part) for part in divide(some(count=10))] == [6, 2, 2]


def test_the_same_sequence_twice_is_in_one_part() -> None:
    once = DRAW.normal(size=(10, 4))
    sequences = from_arrays(np.concatenate([once, once]), ["a", "b"] * 10)
    for part in divide(sequences):
        assert {row % 10 for row in part} == {row % 10 for row in part if row + 10 in part or row - 10 in part}


def test_digests_are_equal_across_sources() -> None:
    values = DRAW.normal(size=(3, 4))
    first, second = digests(from_arrays(values)), digests(from_arrays(values[::-1]))
    assert (first == second[::-1]).all()
    assert len(set(first.tolist())) == 3
    assert len(set(digests(from_arrays(values, groups=["x", "x", "z"])).tolist())) == 2


@pytest.mark.parametrize(
    ("targets", "groups", "message"),
    [
        (["a", "b"], ["x", "z"], "which are never divided: there are 2 groups for 3 parts."),
        (
            ["a", "b", "c"],
            ["x", "y", "z"],
            "validation and test would have none, as each of the 3 groups has the only sequences of a class.",
        ),
    ],
)
def test_too_few_groups(targets: list[object], groups: list[str], message: str) -> None:
    with pytest.raises(DataError) as caught:
        divide(some(targets, groups))
    assert caught.value.message.endswith(message)
    assert caught.value.message.startswith("the data: each part of the split must have groups")


def test_too_few_sequences() -> None:
    with pytest.raises(DataError) as caught:
        divide(some(["a", "b"]))
    assert "each part of the split must have sequences" in caught.value.message
    assert "there are 2 different sequences for 2 labels" in caught.value.message
    assert "text" not in str(caught.value)
