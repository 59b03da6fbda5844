"""Arrays, lists and frames in memory become sequences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.testing import assert_array_equal

from longshort.data.sequences import from_arrays, open_sequences

DRAW = np.random.default_rng(0)
CUBE = DRAW.normal(size=(3, 4, 2))


def test_two_axes_are_sequences_of_one_channel() -> None:
    found = from_arrays(CUBE[..., 0])
    assert (found.channels, found.lengths.tolist(), found.targets, found.groups) == (("value",), [4, 4, 4], None, None)
    assert_array_equal(found.sequence(1)[:, 0], CUBE[1, :, 0])
    assert found.origins == ("index 0", "index 1", "index 2")


def test_three_axes_have_channels() -> None:
    found = from_arrays(CUBE)
    assert found.channels == ("channel 0", "channel 1")
    assert_array_equal(found.sequence(2), CUBE[2])


@pytest.mark.parametrize(
    "x",
    [
        list(CUBE),
        tuple(CUBE),
        CUBE.tolist(),
        [torch.from_numpy(each) for each in CUBE],
        torch.from_numpy(CUBE),
        CUBE.astype(np.longdouble),
        np.array([*CUBE, CUBE[0][:1]], dtype=object)[:3],
        [pd.DataFrame(each) for each in CUBE],
    ],
    ids=["list", "tuple", "nested lists", "tensors", "tensor", "long double", "objects of arrays", "frames"],
)
def test_other_forms_of_the_same(x: Any) -> None:
    assert_array_equal(from_arrays(x).values, np.concatenate(CUBE))


def test_lengths_may_differ() -> None:
    found = from_arrays([[1], [2, 3], np.array([4.0, 5, 6])])
    assert found.lengths.tolist() == [1, 2, 3]
    assert found.values[:, 0].tolist() == [1, 2, 3, 4, 5, 6]


def test_whole_numbers_booleans_and_gaps() -> None:
    assert from_arrays(np.array([[True, False]])).values.dtype == np.float64
    assert_array_equal(from_arrays([[np.nan, 2]]).values[:, 0], [np.nan, 2])
    masked = np.ma.MaskedArray([[1, 2]], mask=[[False, True]])
    assert_array_equal(from_arrays(masked).values[:, 0], [1, np.nan])


def test_the_given_array_is_not_written_to() -> None:
    given = CUBE.copy()
    from_arrays(given).values[:] = 0
    assert_array_equal(given, CUBE)


@pytest.mark.parametrize(
    ("y", "classes"),
    [
        (["a", "b", "a"], ("a", "b", "a")),
        (np.array(["a", "b", "a"]), ("a", "b", "a")),
        ([1, 0, 1], ("1", "0", "1")),
        (np.array([1, 0, 1], dtype=np.uint8), ("1", "0", "1")),
        ([True, False, True], ("True", "False", "True")),
        (pd.Series(["a", "b", "a"], index=[7, 8, 9]), ("a", "b", "a")),
        (pd.Categorical(["a", "b", "a"]), ("a", "b", "a")),
        (torch.tensor([1, 0, 1]), ("1", "0", "1")),
        (np.array([1, "b", 2.5], dtype=object), ("1", "b", "2.5")),
    ],
)
def test_classes(y: Any, classes: tuple[str, ...]) -> None:
    assert from_arrays(CUBE, y).targets == classes


@pytest.mark.parametrize(
    "y", [[0.5, 1.0, 2.0], np.array([0.5, 1, 2], dtype=np.float32), pd.Series([0.5, 1, 2]), torch.tensor([0.5, 1, 2])]
)
def test_numbers(y: Any) -> None:
    found = from_arrays(CUBE, y).targets
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [0.5, 1, 2]
    assert from_arrays(CUBE, y, numbers=False).targets == ("0.5", "1.0", "2.0")


def test_whole_numbers_are_numbers_where_that_is_asked_for() -> None:
    found = from_arrays(CUBE, [1, 2, 3], numbers=True).targets
    assert isinstance(found, np.ndarray)
    assert found.tolist() == [1, 2, 3]


def test_groups() -> None:
    assert from_arrays(CUBE, groups=np.array([1, 1, 2])).groups == ("1", "1", "2")


def test_a_wide_frame() -> None:
    frame = pd.DataFrame(CUBE[..., 0], columns=["morning", "noon", "evening", "night"])
    assert_array_equal(from_arrays(frame).values, from_arrays(CUBE[..., 0]).values)
    assert from_arrays(frame, ["a", "b", "a"]).targets == ("a", "b", "a")
    assert from_arrays(frame.assign(label=["a", "b", "a"])).targets == ("a", "b", "a")
    assert from_arrays(pd.DataFrame(CUBE[..., 0])).lengths.tolist() == [4, 4, 4]


def test_gaps_of_a_frame_stay_gaps() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": pd.array([3, None], dtype="Int64")})
    assert_array_equal(from_arrays(frame).values[:, 0], [1, 3, 2, np.nan])


LONG = pd.DataFrame({"id": ["b", "b", "a"], "time": [0, 1, 0], "x": [1.0, 2, 3], "z": [4.0, np.nan, 6]})


@pytest.mark.parametrize(
    "frame",
    [
        LONG,
        LONG.set_index(["id", "time"]),
        LONG.set_index(["id", "time"]).rename_axis([None, None]),
        LONG.assign(time=pd.to_datetime(["2024-01-01", "2024-01-02", "2024-01-01"])),
        LONG.sample(frac=1, random_state=1).sort_values("id", ascending=False).sort_values(["time"], kind="stable"),
    ],
    ids=["columns", "index", "index without names", "dates", "interleaved"],
)
def test_a_long_frame(frame: Any) -> None:
    found = from_arrays(frame, ["up", "down"])
    assert found.channels == ("x", "z")
    assert found.origins == ("id 'b'", "id 'a'")
    assert found.targets == ("up", "down")
    assert_array_equal(found.values, LONG[["x", "z"]])


class Polars:
    """What of a frame of polars is used."""

    __module__ = "polars.dataframe.frame"
    columns = ("id", "time", "x", "z")

    def to_dict(self, *, as_series: bool) -> dict[str, list[Any]]:
        assert not as_series
        return {"id": ["b", "b", "a"], "time": [0, 1, 0], "x": [1, 2, 3], "z": [4.0, None, 6.0]}


def test_a_frame_of_polars() -> None:
    found = from_arrays(Polars())
    assert_array_equal(found.values, LONG[["x", "z"]])


def test_pairs_are_opened_too() -> None:
    found = open_sequences((CUBE, ["a", "b", "a"], [1, 2, 3]))
    assert (found.targets, found.groups) == (("a", "b", "a"), ("1", "2", "3"))
    assert len(found.fingerprint) == 64
    assert open_sequences(found).fingerprint == found.fingerprint
    assert open_sequences((CUBE, ["a", "b", "b"], [1, 2, 3])).fingerprint != found.fingerprint
    assert open_sequences(found, labelled=False).targets is None
    alone = open_sequences(list(CUBE), labelled=False)
    assert (alone.targets, len(alone)) == (None, 3)
