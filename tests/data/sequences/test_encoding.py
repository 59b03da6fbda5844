"""Scaling, gaps and targets: the same as by hand, and fitted on the training split alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from longshort.data.sequences import SequenceEncoding, Sequences, from_arrays, gaps_in_training
from longshort.errors import DataError

NAN = float("nan")
DRAW = np.random.default_rng(0)


def values() -> st.SearchStrategy[float]:
    # Not so near to 0 that the squares of numpy vanish.
    return st.one_of(st.just(NAN), st.floats(-1e6, 1e6).map(lambda value: round(value, 3)))


@st.composite
def ragged(draw: st.DrawFn, channels: int = 2) -> list[np.ndarray]:
    """Sequences of different lengths with gaps."""
    lengths = draw(st.lists(st.integers(1, 6), min_size=2, max_size=6))
    return [np.array([[draw(values()) for _ in range(channels)] for _ in range(length)]) for length in lengths]


def classes(sequences: list[np.ndarray]) -> list[str]:
    return ["a", "b", *(["a"] * (len(sequences) - 2))]


def by_hand(train: list[np.ndarray], sequence: np.ndarray) -> np.ndarray:
    """Value by value: the mean and deviation of what was observed, the last value in a gap."""
    columns = []
    masks = []
    gaps = any(np.isnan(each).any() for each in train)
    for channel in range(sequence.shape[1]):
        seen = [v for each in train for v in each[:, channel] if v == v]
        mean = float(np.mean(seen)) if seen else 0.0
        scale = float(np.std(seen)) if seen else 1.0
        scale = scale if scale > 1e-12 * abs(mean) else 1.0
        last, column = mean, []
        for value in sequence[:, channel]:
            last = value if value == value else last
            column.append((last - mean) / scale)
        columns.append(column)
        masks.append([float(value != value) for value in sequence[:, channel]])
    return np.array([*columns, *(masks if gaps else [])]).T


@settings(max_examples=150, deadline=None)
@given(train=ragged(), test=ragged())
def test_any_ragged_set_is_encoded_as_by_hand(train: list[np.ndarray], test: list[np.ndarray]) -> None:
    encoding = SequenceEncoding.fit(from_arrays(train, classes(train)))
    for sequences in (train, test):
        found = encoding.encode(from_arrays(sequences))
        assert found.values.dtype == np.float32
        assert found.lengths.tolist() == [len(each) for each in sequences]
        hand = np.concatenate([by_hand(train, each) for each in sequences])
        assert found.values.shape == (len(hand), encoding.features)
        assert_allclose(found.values, hand, rtol=1e-4, atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(train=ragged(), test=ragged())
def test_a_sequence_is_encoded_alike_alone_in_a_batch_and_in_chunks(
    train: list[np.ndarray], test: list[np.ndarray]
) -> None:
    encoding = SequenceEncoding.fit(from_arrays(train, classes(train)))
    examples = encoding.encode(from_arrays(test))
    order = np.arange(len(test))[::-1]
    batch = examples.batch(order)
    assert batch.rows.tolist() == order.tolist()
    assert batch.inputs.lengths.tolist() == [len(test[row]) for row in order]
    parts = np.split(batch.inputs.values.numpy(), np.cumsum(batch.inputs.lengths.numpy())[:-1])
    for row, part in zip(order, parts, strict=True):
        assert_array_equal(part, encoding.scaled(test[row]))
        assert_array_equal(part, encoding.encode(from_arrays([test[row]])).values)
        first, second = test[row][:2], test[row][2:]
        last = encoding.last_values(first)
        assert_array_equal(part, np.concatenate([encoding.scaled(first), encoding.scaled(second, last)]))


def test_the_scale_is_of_the_training_split_alone() -> None:
    train, test = [DRAW.normal(5, 2, (20, 1)) for _ in range(4)], [DRAW.normal(500, 90, (20, 1)) for _ in range(4)]
    encoding = SequenceEncoding.fit(from_arrays(train, classes(train)))
    whole = np.concatenate(train)
    assert encoding.means == pytest.approx(whole.mean(0))
    assert encoding.scales == pytest.approx(whole.std(0))
    before = encoding.to_json()
    assert encoding.encode(from_arrays(test)).values.mean() > 100
    assert encoding.to_json() == before


def test_sums_are_of_float64() -> None:
    given = [np.full((1000, 1), 1e8) + DRAW.normal(size=(1000, 1)) for _ in range(2)]
    encoding = SequenceEncoding.fit(from_arrays(given, ["a", "b"]))
    whole = np.concatenate(given)
    assert encoding.means[0] == pytest.approx(whole.mean(), rel=1e-15)
    assert encoding.scales[0] == pytest.approx(whole.std(), rel=1e-8)


@pytest.mark.parametrize("constant", [0.0, 7.0, -0.1, 1e300, 5e-324])
def test_a_constant_channel_becomes_zero(constant: float) -> None:
    encoding = SequenceEncoding.fit(from_arrays(np.full((2, 9), constant), ["a", "b"]))
    assert encoding.scales == (1.0,)
    assert_allclose(encoding.encode(from_arrays(np.full((2, 9), constant))).values, 0, atol=1e-6 * max(1, constant))


@pytest.mark.parametrize("size", [1e-300, 1e-160, 1.0, 1e160, 1e300])
def test_no_size_of_values_overflows(size: float) -> None:
    given = DRAW.normal(size=(4, 50)) * size
    encoding = SequenceEncoding.fit(from_arrays(given, ["a", "b", "a", "b"]))
    found = encoding.encode(from_arrays(given)).values
    assert (found.mean(), found.std()) == (pytest.approx(0, abs=1e-6), pytest.approx(1, abs=1e-5))


def test_a_channel_that_was_never_observed() -> None:
    given = [np.array([[1.0, NAN], [2.0, NAN]]), np.array([[3.0, NAN]])]
    encoding = SequenceEncoding.fit(from_arrays(given, ["a", "b"]))
    assert (encoding.means[1], encoding.scales[1], encoding.missing) == (0, 1, (0, 1))
    assert_array_equal(encoding.encode(from_arrays(given)).values[:, [1, 3]], [[0, 1], [0, 1], [0, 1]])


def test_gaps_are_told() -> None:
    gaps = [np.array([[1.0, NAN], [2.0, 1.0]]), np.array([[3.0, 2.0]])]
    encoding = SequenceEncoding.fit(from_arrays(gaps, ["a", "b"]))
    assert (encoding.masked, encoding.features) == (True, 4)
    assert gaps_in_training(encoding.channels, encoding.missing) == (
        "Values are missing in the training part: 33.3% of 'channel 1'. The last value of the channel stands for each; "
        "before the first one, the channel's mean in training; and a further channel for each says where values were "
        "missing.",
    )
    assert encoding.encode(from_arrays(gaps)).notes == ()


def test_gaps_at_prediction_alone_are_filled_and_told() -> None:
    encoding = SequenceEncoding.fit(from_arrays([[1.0, 3.0], [1.0, 3.0]], ["a", "b"]))
    assert (encoding.masked, encoding.features) == (False, 1)
    found = encoding.encode(from_arrays([[NAN, 3.0, NAN]]))
    assert found.values[:, 0].tolist() == [0, 1, 1]
    assert found.missing == pytest.approx([2 / 3])
    (note,) = found.notes
    assert note.startswith("Values are missing, though none were in training: 66.7% of 'value'.")


@settings(max_examples=100, deadline=None)
@given(
    numbers=st.lists(
        st.tuples(
            st.floats(allow_nan=False, allow_infinity=False),
            st.floats(min_value=5e-324, allow_infinity=False),
            st.floats(0, 1),
        ),
        min_size=1,
        max_size=4,
    ),
    labels=st.lists(st.text(max_size=5).filter(lambda t: t.isprintable()), min_size=2, max_size=4, unique=True),
    masked=st.booleans(),
    steps=st.integers(1, 10_000),
)
def test_json_brings_everything_back_exactly(
    numbers: list[tuple[float, float, float]], labels: list[str], masked: bool, steps: int
) -> None:
    means, scales, missing = zip(*numbers, strict=True)
    channels = [f"c{i}" for i in range(len(numbers))]
    given = SequenceEncoding(
        kind="classification",
        channels=channels,
        means=means,
        scales=scales,
        missing=missing,
        labels=labels,
        masked=masked,
        target_mean=means[0],
        target_scale=scales[0],
        steps=steps,
    )
    found = SequenceEncoding.from_json(given.to_json())
    numbers_of_it = ("means", "scales", "missing", "target_mean", "target_scale", "steps")
    for name in ("kind", "channels", "labels", "masked", *numbers_of_it):
        assert getattr(found, name) == getattr(given, name)


# --- targets ---


def fitted(y: Any, **options: Any) -> SequenceEncoding:
    return SequenceEncoding.fit(from_arrays(np.arange(2.0 * len(y)).reshape(len(y), 2), y), **options)


def asked(y: Any) -> Sequences:
    return from_arrays(np.zeros((len(y), 2)), y)


def test_classes_are_in_alphabetical_order_and_numbers_in_theirs() -> None:
    assert fitted(["b", "a", "10"]).labels == ["10", "a", "b"]
    assert fitted([10, 9, 100]).labels == ["9", "10", "100"]
    assert fitted(["b", "a"], labels=["b", "x", "a"]).encode(asked(["a", "x"])).targets.tolist() == [2, 1]


def test_numbers_are_standardised() -> None:
    encoding = fitted([1.5, 2.5, 3.5])
    assert (encoding.kind, encoding.labels) == ("regression", [])
    found = encoding.encode(asked([2.5, 4.5])).targets
    assert found.dtype == np.float32
    assert found == pytest.approx([0, 2 / np.std([1.5, 2.5, 3.5])])
    assert fitted([0.1 + 0.2, 0.3]).target_scale == 1.0


def test_no_targets_are_zeros() -> None:
    bare = from_arrays(np.zeros((2, 2)))
    assert fitted([1.5, 2.5]).encode(bare).targets.tolist() == [0, 0]
    assert fitted(["a", "b"]).encode(bare).targets.dtype == np.int64


def test_the_kind_can_be_asked_for() -> None:
    encoding = fitted([1.0, 0.0, 1.0], kind="classification")
    assert encoding.labels == ["0", "1"]
    assert encoding.encode(asked([0.0, 1.0])).targets.tolist() == [0, 1]
    assert fitted([1, 0, 3], kind="regression").target_mean == pytest.approx(4 / 3)


def test_classes_that_are_numbers_are_known_however_they_are_written() -> None:
    encoding = fitted(["1", "2"])
    assert encoding.encode(asked(["2.0", "01"])).targets.tolist() == [1, 0]
    assert encoding.encode(asked([2.0, 1.0])).targets.tolist() == [1, 0]
    exact = fitted(["1", "01"])
    assert exact.encode(asked(["01", "1"])).targets.tolist() == [exact.labels.index("01"), exact.labels.index("1")]


# --- channels ---


def named(channels: tuple[str, ...], rows: np.ndarray) -> Sequences:
    return Sequences(values=rows, lengths=np.array([1, 1]), channels=channels, origins=("0", "1"), targets=("a", "b"))


def test_channels_go_by_their_names_where_they_have_any() -> None:
    rows = np.array([[1.0, 20.0], [3.0, 40.0]])
    encoding = SequenceEncoding.fit(named(("x", "z"), rows))
    assert_array_equal(
        encoding.encode(named(("z", "x"), rows[:, ::-1])).values, encoding.encode(named(("x", "z"), rows)).values
    )
    assert_array_equal(
        encoding.encode(from_arrays(rows[:, None])).values, encoding.encode(named(("x", "z"), rows)).values
    )


# --- what is refused ---

REFUSED: dict[str, tuple[Any, str]] = {
    "no targets": (
        lambda: SequenceEncoding.fit(from_arrays([[1.0]])),
        "the data: sequences to learn from must have targets. Got none.",
    ),
    "no sequences": (
        lambda: SequenceEncoding.fit(asked(["a", "b"])[:0]),
        "the data: there must be sequences to learn from. Got none.",
    ),
    "one class": (
        lambda: fitted(["a", "a"]),
        "the data: there must be at least two classes. Got 'a' alone.",
    ),
    "an unknown class": (
        lambda: fitted(["up", "down"]).encode(asked(["up", "dwn"])),
        "the data: each class must be one of the training: 'down', 'up'. Got 'dwn' at index 1.",
    ),
    "an unknown number": (
        lambda: fitted(["1", "2"]).encode(asked(["1", "3"])),
        "the data: each class must be one of the training: '1', '2'. Got '3' at index 1.",
    ),
    "a number that could be two classes": (
        lambda: fitted(["1", "01"]).encode(asked(["1", "1.0"])),
        "the data: each class must be one of the training: '01', '1'. Got '1.0' at index 1.",
    ),
    "classes for numbers": (
        lambda: fitted([1.5, 2.5]).encode(asked(["1", "high"])),
        "the data, index 1: the target must be a number. Got 'high'.",
    ),
    "a target beyond float32": (
        lambda: fitted([1.5, 2.5]).encode(asked([1.5, 1e300])),
        "the data: targets must be near those of training. Got 1e+300 at index 1.",
    ),
    "fewer channels": (
        lambda: SequenceEncoding.fit(named(("x", "z"), np.eye(2))).encode(from_arrays([[1.0]])),
        "the data: sequences must have 2 channels, as in training: 'x', 'z'. Got 1.",
    ),
    "other channels": (
        lambda: SequenceEncoding.fit(named(("x", "z"), np.eye(2))).encode(named(("x", "y"), np.eye(2))),
        "sequences: sequences must have the channels of training: 'x', 'z'. There is no 'z', but 'x', 'y'.",
    ),
    "a value beyond float32": (
        lambda: fitted(["a", "b"]).encode(from_arrays([[1.0, 2.0], [1.0, 1e300]])),
        "the data: values must be finite and near those of training. Got 1e+300 at index 1, step 2, channel 'value', "
        "which was 1.5 ± 1.11803 in training.",
    ),
    "a value beyond float32 in a stream": (
        lambda: fitted(["a", "b"]).scaled(np.array([[1.0], [-1e300]])),
        "values must be finite and near those of training. Got -1e+300 at step 2, channel 'value', which was 1.5 ± "
        "1.11803 in training.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused(case: str) -> None:
    act, message = REFUSED[case]
    with pytest.raises(DataError) as caught:
        act()
    assert caught.value.message == message
    assert caught.value.hint
