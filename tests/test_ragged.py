"""`Ragged` against Python lists and torch's own padding and packing."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.autograd import gradcheck
from torch.nn.utils.rnn import PackedSequence, pack_sequence, pad_packed_sequence, pad_sequence

from longshort.errors import DataError, SettingError
from longshort.ragged import Ragged

LENGTHS = st.lists(st.integers(0, 6), max_size=6)
FILLED = st.lists(st.integers(1, 6), min_size=1, max_size=6)
POOLINGS = ["last", "mean", "max", "mean+max"]


def make(lengths: list[int], *features: int, grad: bool = False) -> Ragged:
    values = torch.randn(sum(lengths), *features, dtype=torch.float64, requires_grad=grad)
    return Ragged(values, torch.tensor(lengths, dtype=torch.int64))


def same(one: Ragged, other: Ragged) -> bool:
    return torch.equal(one.lengths, other.lengths) and torch.equal(one.values, other.values)


# --- conversion ---


def test_a_list_may_be_any_iterable():
    assert same(Ragged.from_list(torch.ones(n) for n in (2, 3)), Ragged.from_list([torch.ones(2), torch.ones(3)]))


@pytest.mark.parametrize(
    "index", [np.array([2, 0]), np.array([True, False, True]), np.array([], dtype=np.int64), (0, 1)], ids=str
)
def test_numpy_chooses_sequences_too(index):
    batch = make([2, 0, 3], 2)
    chosen = np.arange(3)[list(index)] if len(index) else []
    assert same(
        batch[index], Ragged.cat([Ragged.from_list([batch[int(row)]]) for row in chosen]) if len(chosen) else batch[[]]
    )
    assert torch.equal(batch[np.int64(2)], batch[2])
    assert torch.equal(batch[torch.tensor(-1)], batch[2])


@given(LENGTHS.filter(bool))
def test_a_list_and_back(lengths):
    sequences = [torch.randn(length, 2) for length in lengths]
    batch = Ragged.from_list(sequences)
    assert len(batch) == len(sequences)
    assert all(torch.equal(one, other) for one, other in zip(batch, sequences, strict=True))
    assert all(torch.equal(batch[row], sequence) for row, sequence in enumerate(sequences))
    assert torch.equal(batch[-1], sequences[-1])


@given(FILLED, st.booleans(), st.sampled_from([0.0, -1.0]))
def test_padding_is_that_of_torch(lengths, batch_first, fill):
    batch = make(lengths, 2)
    expected = pad_sequence(list(batch), batch_first=batch_first, padding_value=fill)
    assert torch.equal(batch.to_padded(batch_first=batch_first, fill=fill), expected)


@given(LENGTHS, st.booleans(), st.sampled_from([(), (2,), (2, 3)]))
def test_padded_and_back(lengths, batch_first, features):
    batch = make(lengths, *features)
    padded = batch.to_padded(batch_first=batch_first, fill=9.0)
    assert same(Ragged.from_padded(padded, lengths, batch_first=batch_first), batch)


@given(FILLED)
def test_packing_is_that_of_torch(lengths):
    batch = make(lengths, 2)
    ours, theirs = batch.to_packed(), pack_sequence(list(batch), enforce_sorted=False)
    padded, back = pad_packed_sequence(ours, batch_first=True)
    assert torch.equal(back, batch.lengths)
    assert torch.equal(padded, batch.to_padded())
    assert torch.equal(ours.data, theirs.data)
    assert torch.equal(ours.batch_sizes, theirs.batch_sizes)
    assert same(Ragged.from_packed(theirs), batch)


def test_a_packed_sequence_without_indices_keeps_its_order():
    packed = pack_sequence([torch.arange(3.0), torch.arange(2.0)])
    assert Ragged.from_packed(PackedSequence(packed.data, packed.batch_sizes))[1].tolist() == [0.0, 1.0]


def test_lengths_may_be_a_list_and_any_kind_of_integer():
    padded = torch.arange(6.0).view(2, 3)
    for lengths in ([1, 2], torch.tensor([1, 2], dtype=torch.int32)):
        batch = Ragged.from_padded(padded, lengths)
        assert batch.lengths.dtype is torch.int64
        assert batch.values.tolist() == [0.0, 3.0, 4.0]


# --- properties ---


@given(LENGTHS)
def test_rows_steps_and_offsets_name_every_value(lengths):
    batch = make(lengths)
    expected = [(row, step) for row, length in enumerate(lengths) for step in range(length)]
    assert list(zip(batch.rows().tolist(), batch.steps().tolist(), strict=True)) == expected
    assert batch.offsets.tolist() == [sum(lengths[:row]) for row in range(len(lengths) + 1)]


def test_it_shows_what_it_holds():
    assert repr(make([2, 1], 3)) == "Ragged(2 sequences, 3 values of shape (3,), torch.float64)"


# --- selection and combination ---


@given(LENGTHS.filter(bool), st.data())
def test_indexing_matches_a_list(lengths, data):
    batch, sequences = make(lengths, 2), None
    sequences = list(batch)
    chosen = data.draw(st.lists(st.integers(-len(lengths), len(lengths) - 1), max_size=5))
    some = data.draw(st.slices(len(lengths)).filter(lambda s: (s.step or 1) > 0))
    mask = data.draw(st.lists(st.booleans(), min_size=len(lengths), max_size=len(lengths)))
    for part, expected in (
        (batch[chosen], [sequences[row] for row in chosen]),
        (batch[some], sequences[some]),
        (batch[torch.tensor(mask)], [each for each, keep in zip(sequences, mask, strict=True) if keep]),
    ):
        assert len(part) == len(expected)
        assert part.values.shape[1:] == (2,)
        assert all(torch.equal(one, other) for one, other in zip(part, expected, strict=True))


@pytest.mark.parametrize("row", [2, -3])
def test_an_index_out_of_range(row):
    with pytest.raises(IndexError, match=f"^sequence {row} of a Ragged of 2$"):
        make([1, 2])[row]


@given(LENGTHS, LENGTHS)
def test_cat_joins_in_order(first, second):
    one, other = make(first, 2), make(second, 2)
    assert [each.tolist() for each in Ragged.cat([one, other])] == [each.tolist() for each in [*one, *other]]


@given(LENGTHS)
def test_reverse_turns_each_sequence_and_back(lengths):
    batch = make(lengths, 2)
    turned = batch.reverse()
    assert all(torch.equal(one, other.flip(0)) for one, other in zip(turned, batch, strict=True))
    assert same(turned.reverse(), batch)


def test_replaced_values_must_have_the_same_number():
    assert make([2, 1]).with_values(torch.zeros(3, 4)).values.shape == (3, 4)
    with pytest.raises(DataError):
        make([2, 1]).with_values(torch.zeros(2, 4))


def test_it_moves_to_another_device():
    moved = make([2, 1]).to("meta")
    assert moved.values.device.type == "meta"
    assert moved.lengths.device.type == "cpu"


# --- one vector per sequence ---


@pytest.mark.parametrize("features", [(), (2,), (2, 3)])
@given(lengths=LENGTHS)
def test_pooling_matches_each_sequence(features, lengths):
    batch = make(lengths, *features)
    empty = torch.zeros(features, dtype=torch.float64)
    rules = {"last": lambda s: s[-1], "mean": lambda s: s.mean(0), "max": lambda s: s.amax(0)}
    for how, rule in rules.items():
        pooled = batch.pool(how)
        assert pooled.shape == (len(lengths), *features)
        for one, sequence in zip(pooled, batch, strict=True):
            torch.testing.assert_close(one, rule(sequence) if len(sequence) else empty)
    if features:
        both = torch.cat([batch.pool("mean"), batch.pool("max")], dim=-1)
        assert torch.equal(batch.pool("mean+max"), both)


@pytest.mark.parametrize("how", POOLINGS)
def test_values_that_are_not_finite_stay_in_their_sequence(how):
    batch = Ragged.from_list([torch.full((2, 3), torch.nan), torch.ones(2, 3), torch.empty(0, 3)])
    pooled = batch.pool(how)
    assert pooled[0].isnan().all()
    assert (pooled[1] == 1).all()
    assert (pooled[2] == 0).all()


# --- gradients ---


@pytest.mark.parametrize(
    "operation",
    [
        *(lambda batch, how=how: batch.pool(how) for how in POOLINGS),
        lambda batch: batch.reverse().values,
        lambda batch: batch[[2, 0, 2]].values,
        lambda batch: batch[1:].values,
        lambda batch: batch.to_padded(),
        lambda batch: Ragged.from_padded(batch.to_padded(), batch.lengths).values,
        lambda batch: Ragged.cat([batch, batch]).values,
        lambda batch: batch[0],
    ],
)
def test_gradients_are_the_numerical_ones(operation):
    lengths = torch.tensor([3, 0, 2, 1])
    values = torch.randn(6, 2, dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda v: operation(Ragged(v, lengths)), values)


def test_gradients_pass_through_packing():
    values = torch.randn(6, 2, dtype=torch.float64, requires_grad=True)
    lengths = torch.tensor([3, 1, 2])
    assert gradcheck(lambda v: Ragged(v, lengths).to_packed().data, values)
    assert gradcheck(lambda v: Ragged.from_packed(Ragged(v, lengths).to_packed()).values, values)


# --- invalid arguments ---


@pytest.mark.parametrize(
    ("values", "lengths", "message"),
    [
        (
            torch.zeros(3),
            torch.tensor([[3]]),
            "Ragged takes values (tokens, ...) and lengths (batch,); got shapes (3,) and (1, 1)."
            "\n\nhint: Ragged.from_list([...]) and Ragged.from_padded(values, lengths) build one from other forms.",
        ),
        (
            torch.zeros(3),
            torch.tensor([1, 1]),
            "The lengths of a Ragged must be at least 0 and sum to its number of values, 3; got lengths that sum to 2."
            "\n\nhint: Ragged.from_list([...]) counts the lengths itself.",
        ),
        (
            torch.zeros(3),
            torch.tensor([4, -1]),
            "The lengths of a Ragged must be at least 0 and sum to its number of values, 3; got the length -1."
            "\n\nhint: Ragged.from_list([...]) counts the lengths itself.",
        ),
        (
            torch.zeros(3),
            torch.tensor([1.5, 1.5]),
            "The lengths of a Ragged must be integers; got torch.float32."
            "\n\nhint: Ragged.from_list([...]) counts the lengths itself.",
        ),
    ],
)
def test_lengths_that_do_not_fit(values, lengths, message):
    with pytest.raises(DataError) as caught:
        Ragged(values, lengths)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("lengths", "received"),
    [
        ([1, 4], "2 lengths for 2 rows, from 1 to 4"),
        ([1], "1 lengths for 2 rows, from 1 to 1"),
        ([-1, 2], "2 lengths for 2 rows, from -1 to 2"),
    ],
)
def test_padded_rows_and_lengths_that_do_not_fit(lengths, received):
    with pytest.raises(DataError) as caught:
        Ragged.from_padded(torch.zeros(2, 3), lengths)
    assert str(caught.value) == (
        f"from_padded takes one length per row, from 0 to the number of steps, 3; got {received}."
        "\n\nhint: Check batch_first: it says whether the first axis of the padded tensor is the batch or time."
    )


@pytest.mark.parametrize(("lengths", "received"), [([], "an empty batch."), ([2, 0], "a sequence of length 0.")])
def test_empty_sequences_cannot_be_packed(lengths, received):
    with pytest.raises(DataError) as caught:
        make(lengths, 2).to_packed()
    assert str(caught.value) == (
        f"A PackedSequence holds at least one sequence and no empty one; got {received}"
        "\n\nhint: Leave the empty sequences out, or use the Ragged itself."
    )


def test_rows_that_are_whole_sequences():
    rows = torch.arange(24.0).view(3, 4, 2)
    batch = Ragged.from_rows(rows)
    assert batch.lengths.tolist() == [4, 4, 4]
    assert torch.equal(batch[1], rows[1])
    assert same(batch, Ragged.from_padded(rows, [4, 4, 4]))
    assert batch.length == batch.with_values(torch.zeros(12)).length == 4
    assert batch[[0, 2]].length is None
    assert Ragged.from_rows(rows[:, :0]).values.shape == (0, 2)
    assert len(Ragged.from_rows(rows[:0])) == 0


def test_other_values_are_counted():
    with pytest.raises(DataError) as caught:
        Ragged.from_rows(torch.zeros(2, 3)).with_values(torch.zeros(5))
    assert str(caught.value).startswith(
        "The lengths of a Ragged must be at least 0 and sum to its number of values, 5; got lengths that sum to 6."
    )


@pytest.mark.parametrize(("how", "hint"), [("means", "mean"), ("mean+sum", "joins two")])
def test_an_unknown_pooling_is_an_error(how, hint):
    with pytest.raises(SettingError, match=r"pooled by last, mean, max, or several joined by a plus\. Got ") as caught:
        Ragged.from_rows(torch.zeros(2, 3, 1)).pool(how)
    assert hint in caught.value.hint
