"""`LSTM` stands in for `torch.nn.LSTM`."""

from __future__ import annotations

import copy
import io
from itertools import product

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pack_sequence

from longshort.errors import BackendError, DataError, SettingError
from longshort.lstm import LSTM
from longshort.ragged import Ragged

KINDS = [
    {},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False, "bidirectional": True},
    {"num_layers": 3, "proj_size": 2},
]
BACKENDS = ["torch", "equations"]


def twins(kind: dict, backend: str = "auto", **more) -> tuple[LSTM, torch.nn.LSTM]:
    ours = LSTM(3, 4, **kind, **more, dtype=torch.float64, backend=backend)
    theirs = torch.nn.LSTM(3, 4, **kind, **more, dtype=torch.float64)
    theirs.load_state_dict(ours.state_dict())
    return ours, theirs


def states(lstm: LSTM, *batch: int) -> tuple[torch.Tensor, torch.Tensor]:
    first = lstm.num_layers * (2 if lstm.bidirectional else 1)
    sizes = (lstm.proj_size or lstm.hidden_size, lstm.hidden_size)
    return tuple(torch.randn(first, *batch, size, dtype=torch.float64) for size in sizes)


def assert_same(ours, theirs):
    for (output, (h, c)), (expected, (h_expected, c_expected)) in [(ours, theirs)]:
        assert type(output) is type(expected)
        pairs = zip(output, expected, strict=True) if isinstance(output, PackedSequence) else [(output, expected)]
        for one, other in [*pairs, (h, h_expected), (c, c_expected)]:
            assert (one is None) == (other is None)
            if one is not None:
                torch.testing.assert_close(one, other, atol=1e-12, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_first_weights(kind):
    torch.manual_seed(5)
    theirs = torch.nn.LSTM(3, 4, **kind).state_dict()
    after = torch.rand(1)
    torch.manual_seed(5)
    ours = LSTM(3, 4, **kind).state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    assert torch.equal(torch.rand(1), after)


@pytest.mark.parametrize("kind", KINDS)
def test_state_dicts_go_both_ways(kind):
    ours, theirs = LSTM(3, 4, **kind), torch.nn.LSTM(3, 4, **kind)
    ours.load_state_dict(theirs.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(ours.parameters(), theirs.parameters(), strict=True))
    again = torch.nn.LSTM(3, 4, **kind)
    again.load_state_dict(ours.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(again.parameters(), theirs.parameters(), strict=True))


@pytest.mark.parametrize(
    ("kind", "backend", "batch_first", "given"), list(product(KINDS, BACKENDS, [True, False], [True, False]))
)
def test_padded_batches(kind, backend, batch_first, given):
    ours, theirs = twins(kind, backend, batch_first=batch_first)
    x = torch.randn(5, 6, 3, dtype=torch.float64)
    hx = states(ours, 5 if batch_first else 6) if given else None
    assert_same(ours(x, hx), theirs(x, hx))


@pytest.mark.parametrize(("kind", "backend", "given"), list(product(KINDS, BACKENDS, [True, False])))
def test_one_sequence_without_a_batch_axis(kind, backend, given):
    ours, theirs = twins(kind, backend)
    x = torch.randn(5, 3, dtype=torch.float64)
    hx = states(ours) if given else None
    assert_same(ours(x, hx), theirs(x, hx))


@pytest.mark.parametrize(("kind", "backend", "given"), list(product(KINDS, BACKENDS, [True, False])))
def test_packed_sequences_sorted_or_not(kind, backend, given):
    ours, theirs = twins(kind, backend)
    sequences = [torch.randn(length, 3, dtype=torch.float64) for length in (5, 2, 7, 2, 1)]
    by_length = sorted(sequences, key=len, reverse=True)
    padded = torch.nn.utils.rnn.pad_sequence(sequences)
    hx = states(ours, 5) if given else None
    for packed in (
        pack_sequence(sequences, enforce_sorted=False),
        pack_sequence(by_length),
        pack_padded_sequence(padded, torch.tensor([5, 2, 7, 2, 1]), enforce_sorted=False),
    ):
        assert_same(ours(packed, hx), theirs(packed, hx))


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_ragged_batch_is_its_sequences_one_by_one(backend):
    ours, theirs = twins({"num_layers": 2, "bidirectional": True}, backend)
    sequences = [torch.randn(length, 3, dtype=torch.float64) for length in (5, 2, 7)]
    h0, c0 = states(ours, 3)
    outputs, (h, c) = ours(Ragged.from_list(sequences), (h0, c0))
    assert isinstance(outputs, Ragged)
    for row, sequence in enumerate(sequences):
        assert_same((outputs[row], (h[:, row], c[:, row])), theirs(sequence, (h0[:, row], c0[:, row])))


@pytest.mark.parametrize(("backend", "shape"), list(product(BACKENDS, [(0, 2, 3), (5, 0, 3), (0, 3)])))
def test_no_steps_and_no_sequences(backend, shape):
    ours, _ = twins({"bidirectional": True}, backend)
    hx = states(ours, *shape[1:-1])
    output, (h, c) = ours(torch.randn(shape, dtype=torch.float64), hx)
    assert output.shape == (*shape[:-1], 8)
    assert torch.equal(h, hx[0])
    assert torch.equal(c, hx[1])


def test_an_empty_sequence_among_others_keeps_its_states():
    ours, _ = twins({"num_layers": 2})
    h0, c0 = states(ours, 3)
    inputs = Ragged(torch.randn(5, 3, dtype=torch.float64), torch.tensor([2, 0, 3]))
    outputs, (h, c) = ours(inputs, (h0, c0))
    assert outputs.lengths.tolist() == [2, 0, 3]
    assert torch.equal(h[:, 1], h0[:, 1])
    assert torch.equal(c[:, 1], c0[:, 1])


def test_dropout_is_that_of_torch_on_padded_batches():
    ours, theirs = twins({"num_layers": 2, "dropout": 0.5})
    x = torch.randn(5, 6, 3, dtype=torch.float64)
    first, second = ours(x)[0], ours(x)[0]
    assert not torch.equal(first, second)
    ours.eval(), theirs.eval()
    assert_same(ours(x), theirs(x))


def test_dropout_on_one_layer_is_harmless():
    lstm = LSTM(3, 4, dropout=0.3)  # warnings are errors here
    assert lstm.dropout == 0.3
    x = torch.randn(5, 6, 3)
    assert torch.equal(lstm(x)[0], lstm.eval()(x)[0])


def test_it_is_a_torch_lstm_that_copies_and_saves():
    lstm = LSTM(3, 4, bidirectional=True)
    assert isinstance(lstm, torch.nn.LSTM)
    x = torch.randn(5, 6, 3)
    expected = lstm(x)[0]
    assert torch.equal(copy.deepcopy(lstm)(x)[0], expected)
    file = io.BytesIO()
    torch.save(lstm.state_dict(), file)
    file.seek(0)
    other = LSTM(3, 4, bidirectional=True)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(x)[0], expected)


def test_it_follows_its_parameters_to_another_precision():
    lstm = LSTM(3, 4).double()
    assert lstm.spec.dtype is torch.float64
    assert lstm(torch.randn(5, 3, dtype=torch.float64))[0].dtype is torch.float64


def test_a_replaced_weight_is_the_one_that_runs():
    """Torch's own LSTM keeps on using the old tensor where a parametrization stands in for it."""
    lstm = LSTM(3, 4)
    torch.nn.utils.parametrizations.weight_norm(lstm, "weight_hh_l0")
    x = torch.randn(5, 3)
    before = lstm(x)[0]
    with torch.no_grad():
        lstm.parametrizations.weight_hh_l0.original0.mul_(2)
    assert not torch.equal(lstm(x)[0], before)


def test_it_shows_its_arguments():
    assert repr(LSTM(3, 4)) == "LSTM(3, 4)"
    shown = repr(LSTM(3, 4, num_layers=2, dropout=0.1, batch_first=True, backend="equations"))
    assert shown == "LSTM(3, 4, num_layers=2, batch_first=True, dropout=0.1, backend='equations')"


def test_it_says_which_backend_runs_and_why():
    assert LSTM(3, 4, backend="equations").choice.reason == "equations: asked for by name."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"input_size": 0}, "input_size must be an integer of at least 1. Got 0."),
        ({"hidden_size": 2.5}, "hidden_size must be an integer of at least 1. Got 2.5."),
        ({"num_layers": True}, "num_layers must be an integer of at least 1. Got True."),
        ({"dropout": 1.0}, "dropout must be at least 0 and less than 1. Got 1.0.\n\nhint: 0 turns it off."),
        (
            {"proj_size": 4},
            "proj_size must be at least 0 and less than hidden_size, 4. Got 4.\n\nhint: 0 is for no projection.",
        ),
    ],
)
def test_arguments_out_of_bounds(arguments, message):
    with pytest.raises(SettingError) as caught:
        LSTM(**{"input_size": 3, "hidden_size": 4, **arguments})
    assert str(caught.value) == message


def test_an_unknown_backend_is_refused_at_once():
    with pytest.raises(BackendError) as caught:
        LSTM(3, 4, backend="torhc")
    assert str(caught.value) == ("There is no backend 'torhc' (asked for by name).\n\nhint: Did you mean 'torch'?")


INPUT_HINT = "\n\nhint: Check input_size, and batch_first for padded tensors."
STATE_HINT = "\n\nhint: The axes are (num_layers * directions, batch, hidden); without batch for one sequence."
MOVE_HINT = "\n\nhint: Move one to the other with .to(device, dtype)."


@pytest.mark.parametrize(
    ("given", "hx", "message"),
    [
        (
            [[1.0]],
            None,
            "An LSTM takes a Ragged, a tensor or a PackedSequence; got list."
            "\n\nhint: Ragged.from_list([...]) takes a list of tensors (length, features).",
        ),
        (
            torch.zeros(7),
            None,
            "A padded batch has the axes (time, batch, features), (batch, time, features) with batch_first, or "
            "(time, features) for one sequence; got shape (7,)."
            "\n\nhint: Token numbers go through an embedding first.",
        ),
        (torch.zeros(5, 2), None, f"input of this LSTM must have the features (3,); got (2,).{INPUT_HINT}"),
        (torch.zeros(5, 6, 2), None, f"input of this LSTM must have the features (3,); got (2,).{INPUT_HINT}"),
        (
            Ragged(torch.zeros(5), torch.tensor([5])),
            None,
            f"input of this LSTM must have the features (3,); got ().{INPUT_HINT}",
        ),
        (
            torch.zeros(5, 6, 3),
            (torch.zeros(1, 5, 4), torch.zeros(1, 6, 4)),
            f"h_0 of this LSTM must have the shape (1, 6, 4); got (1, 5, 4).{STATE_HINT}",
        ),
        (
            torch.zeros(5, 6, 3),
            (torch.zeros(1, 6, 4), torch.zeros(1, 6, 3)),
            f"c_0 of this LSTM must have the shape (1, 6, 4); got (1, 6, 3).{STATE_HINT}",
        ),
        (
            torch.zeros(5, 3, dtype=torch.float64),
            None,
            "input must have the dtype and device of the weights, torch.float32 on cpu; got torch.float64 on cpu."
            + MOVE_HINT,
        ),
    ],
)
def test_inputs_that_do_not_fit(given, hx, message):
    with pytest.raises(DataError) as caught:
        LSTM(3, 4)(given, hx)
    assert str(caught.value) == message
