"""A module of one's own is watched without being changed by it."""

import numpy as np
import pytest
import torch
from tests.insight.small import classifier, lstm
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from longshort import LSTM, Ragged
from longshort.errors import BackendError, SettingError
from longshort.insight.tracing import trace
from longshort.insight.watch import watch

CLOSE = {"rtol": 0, "atol": 1e-6}


class Tagger(nn.Module):
    """A model as people write it: an embedding, an LSTM on another, a linear layer."""

    def __init__(self, kind=nn.LSTM, **options):
        super().__init__()
        torch.manual_seed(1)
        self.embed = nn.Embedding(9, 3)
        self.encoder = nn.ModuleDict({"lstm": kind(3, 4, batch_first=True, bidirectional=True, **options)})
        self.upper = kind(8, 4)
        self.out = nn.Linear(4, 2)

    def forward(self, tokens, hx=None):
        states, last = self.encoder["lstm"](self.embed(tokens), hx=hx)
        states, _ = self.upper(states.transpose(0, 1))
        return self.out(states), last


TOKENS = torch.tensor([[1, 2, 3, 4], [5, 6, 7, 8]])


@pytest.mark.parametrize("kind", [nn.LSTM, LSTM])
def test_every_lstm_is_seen_as_it_ran(kind):
    model = Tagger(kind)
    hx = (torch.randn(2, 2, 4), torch.randn(2, 2, 4))
    with watch(model) as seen:
        _, (h_n, _) = model(TOKENS, hx)

    assert list(seen) == ["encoder.lstm", "upper"]
    (batch,) = seen["encoder.lstm"]
    out, _ = model.encoder["lstm"](model.embed(TOKENS), hx)
    for row, one in enumerate(batch):
        np.testing.assert_allclose(one.hidden[0].transpose(1, 0, 2).reshape(4, 8), out[row].detach(), **CLOSE)
        np.testing.assert_allclose(one.hidden[0, 1, 0], h_n[1, row].detach(), **CLOSE)
        np.testing.assert_array_equal(one.initial_cell[0], hx[1][:, row])
    assert repr(seen) == "Seen('encoder.lstm': 1 call, 'upper': 1 call)"


@pytest.mark.parametrize("training", [False, True])
def test_outputs_gradients_and_random_numbers_are_what_they_were(training):
    def run(model):
        torch.manual_seed(3)
        out, _ = model(TOKENS)
        (out * torch.rand(out.shape)).sum().backward()
        return [out.detach(), *(weight.grad for weight in model.parameters())]

    plain, watched = Tagger().train(training), Tagger().train(training)
    with watch(watched) as seen:
        after = run(watched)

    assert all(map(torch.equal, run(plain), after))
    assert watched.training is training
    assert len(seen["upper"][-1]) == 2


@pytest.mark.parametrize("in_order", [False, True])
def test_packed_sequences_are_seen_in_the_order_of_the_batch(in_order):
    model, lengths = lstm(batch_first=True, bidirectional=True), [4, 2] if in_order else [2, 4]
    rows, hx = torch.randn(2, 4, 3), (torch.randn(2, 2, 4), torch.randn(2, 2, 4))
    with watch(model) as seen:
        model(pack_padded_sequence(rows, torch.tensor(lengths), batch_first=True, enforce_sorted=in_order), hx)

    for row, length in enumerate(lengths):
        alone = (hx[0][:, row].contiguous(), hx[1][:, row].contiguous())
        wanted = trace(model, rows[row, :length], hx=alone)
        np.testing.assert_allclose(seen[""][-1][row].hidden, wanted.hidden, **CLOSE)


def test_one_sequence_without_a_batch_axis_and_ragged():
    model = lstm(kind=LSTM)
    one, other = torch.randn(2, 3), torch.randn(0, 3)
    with watch(model, calls=None) as seen:
        model(one)
        model(Ragged.from_list([other, one]))

    assert [[len(each) for each in call] for call in seen[""]] == [[2], [0, 2]]


def test_a_classifier_of_longshort_can_be_watched():
    with watch(classifier().bundle_.network) as seen:
        classifier().predict_proba(["good film"])

    np.testing.assert_allclose(seen["lstm"][-1][0].cell, trace(classifier(), "good film").cell, **CLOSE)


def test_the_last_calls_are_kept():
    model = lstm()
    calls = [torch.randn(length, 3) for length in (1, 2, 3)]
    for count, lengths in ((1, [3]), (2, [2, 3]), (None, [1, 2, 3])):
        with watch(model, calls=count, units=[2], dtype="float16") as seen:
            for each in calls:
                model(each)
        assert [len(call[0]) for call in seen[""]] == lengths
        assert (seen[""][-1][0].units, seen[""][-1][0].cell.dtype) == ((2,), np.float16)


def test_nothing_is_watched_afterwards_not_even_after_an_error():
    model, caught = Tagger(), []

    def fail():
        with watch(model) as seen:
            caught.append(seen)
            model(TOKENS)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    model(TOKENS[:, :1])

    assert [len(call[0]) for call in caught[0]["upper"]] == [4]
    assert not any(part._forward_hooks for part in model.modules())


def test_hidden_states_dropped_at_random_are_refused():
    model = Tagger(num_layers=2, dropout=0.5)
    with watch(model), pytest.raises(SettingError) as error:
        model(TOKENS)

    assert error.value.message == (
        "An LSTM that is watched must not drop hidden states between its layers at random. 'encoder.lstm' is in "
        "training mode, with dropout 0.5 before layer 1."
    )
    assert error.value.hint.startswith("Call module.eval() first")
    with watch(model.eval()) as seen:
        model(TOKENS)
    assert seen["encoder.lstm"][-1][0].layers == (0, 1)


def test_below_the_dropout_an_lstm_can_be_watched_while_it_trains():
    model = Tagger(num_layers=2, dropout=0.5)
    with watch(model, layers=[0]) as seen:
        model(TOKENS)
    first = lstm(bidirectional=True)
    first.load_state_dict({k: v for k, v in model.encoder["lstm"].state_dict().items() if "l1" not in k})

    np.testing.assert_allclose(
        seen["encoder.lstm"][-1][1].hidden, trace(first, model.embed(TOKENS)[1].detach()).hidden, **CLOSE
    )


def test_what_cannot_be_watched_is_refused():
    with pytest.raises(SettingError, match=r"or a longshort\.LSTM in it\. Got GRU\."), watch(nn.GRU(2, 2)):
        pass
    with pytest.raises(SettingError, match="calls must be at least 1"), watch(lstm(), calls=0):
        pass
    model = lstm()
    with watch(model), torch.autocast("cpu"), pytest.raises(BackendError, match=r"runs under torch\.autocast"):
        model(torch.zeros(2, 3))


def test_a_name_that_no_lstm_has():
    with (
        watch(Tagger()) as seen,
        pytest.raises(KeyError, match=r"no LSTM is called 'lower'; there are: 'encoder\.lstm'"),
    ):
        seen["lower"]
    assert list(seen["upper"]) == []
