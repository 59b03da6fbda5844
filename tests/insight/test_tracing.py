"""A trace shows what torch's own LSTM computes, whatever the model and however the input is given."""

import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import NotFittedError
from tests.insight.small import classifier, lstm
from torch import nn
from torch.nn.utils import prune, weight_norm
from torch.nn.utils.rnn import pack_sequence

import longshort
from longshort import LSTM, EmbeddingLSTM, Ragged
from longshort.artifacts.bundle import load_bundle
from longshort.errors import BackendError, DataError, SettingError
from longshort.insight.tracing import trace
from longshort.lstm.equations import trace_equations
from longshort.lstm.module import spec_of
from longshort.lstm.parameters import layer_weights
from longshort.networks import LanguageModel

CLOSE = {"rtol": 0, "atol": 1e-6}


def in_bf16():
    """An LSTM set to bf16, on a processor that may not have it."""
    model = lstm(kind=LSTM)
    model.precision = "bf16"
    return model


def output_of(seen):
    """What `nn.LSTM` gives for the sequence of a trace: the last layer, directions joined, `(step, feature)`."""
    return seen.hidden[-1].transpose(1, 0, 2).reshape(len(seen), -1)


def last_states(seen, name):
    """Each layer's and direction's state after the last step that it read, `(layer * direction, unit)`."""
    states = getattr(seen, name)
    if not len(seen):
        return getattr(seen, f"initial_{name}").reshape(-1, states.shape[-1])
    ends = [states[:, d, -1 if d == 0 else 0] for d in range(len(seen.directions))]
    return np.stack(ends, axis=1).reshape(-1, states.shape[-1])


@given(
    seed=st.integers(0, 99),
    layers=st.integers(1, 3),
    both=st.booleans(),
    bias=st.booleans(),
    proj=st.sampled_from([0, 2]),
    lengths=st.lists(st.integers(0, 6), min_size=1, max_size=4),
    with_states=st.booleans(),
)
@settings(max_examples=40)
@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
def test_a_trace_is_what_torch_computes(seed, layers, both, bias, proj, lengths, with_states):
    torch.manual_seed(seed)
    model = nn.LSTM(3, 4, layers, bias=bias, bidirectional=both, proj_size=proj)
    first, sequences = layers * (1 + both), [torch.randn(length, 3) for length in lengths]
    hx = (torch.randn(first, len(lengths), proj or 4), torch.randn(first, len(lengths), 4)) if with_states else None
    traces = trace(model, sequences, hx=hx)
    equations = trace_equations(
        Ragged.from_list(sequences),
        *(hx or (torch.zeros(first, len(lengths), proj or 4), torch.zeros(first, len(lengths), 4))),
        layer_weights(model, spec_of(model)),
        spec_of(model),
    )

    assert len(traces) == len(lengths)
    for row, (seen, sequence) in enumerate(zip(traces, sequences, strict=True)):
        own = None if hx is None else (hx[0][:, row].contiguous(), hx[1][:, row].contiguous())
        assert seen.cell.shape == (layers, 1 + both, len(sequence), 4)
        assert seen.hidden.shape == (layers, 1 + both, len(sequence), proj or 4)
        if len(sequence):
            out, (h_n, c_n) = model(sequence, own)
            np.testing.assert_allclose(output_of(seen), out.detach(), **CLOSE)
            np.testing.assert_allclose(last_states(seen, "hidden"), h_n.detach(), **CLOSE)
            np.testing.assert_allclose(last_states(seen, "cell"), c_n.detach(), **CLOSE)
        elif own is not None:
            np.testing.assert_array_equal(last_states(seen, "cell"), own[1])
        for place, wanted in enumerate(equations):
            for name, field in (("input_gate", 0), ("forget_gate", 1), ("cell_gate", 2), ("output_gate", 3)):
                gate = getattr(seen, name).reshape(first, len(sequence), 4)[place]
                np.testing.assert_allclose(gate, wanted[field][row].detach(), **CLOSE)


def test_the_cell_and_the_hidden_state_follow_from_the_gates():
    seen = trace(lstm(bidirectional=True, num_layers=2), torch.randn(7, 3))
    cell = seen.forget_gate * seen.before("cell") + seen.input_gate * seen.cell_gate

    np.testing.assert_allclose(seen.cell, cell, **CLOSE)
    np.testing.assert_allclose(seen.hidden, seen.output_gate * np.tanh(seen.cell), **CLOSE)
    np.testing.assert_array_equal(seen.before("cell")[:, 0, 0], np.zeros((2, 4)))
    np.testing.assert_array_equal(seen.before("cell")[:, 1, 6], np.zeros((2, 4)))
    np.testing.assert_array_equal(seen.before("hidden")[:, 1, 2], seen.hidden[:, 1, 3])


@pytest.mark.parametrize("kind", [nn.LSTM, LSTM])
@pytest.mark.parametrize("batch_first", [False, True])
def test_every_form_of_a_batch_gives_the_same_traces(kind, batch_first):
    model = lstm(kind=kind, batch_first=batch_first, num_layers=2, bidirectional=True)
    sequences = [torch.randn(5, 3), torch.randn(5, 3)]
    padded = torch.stack(sequences, dim=0 if batch_first else 1)
    forms = (padded, padded.numpy(), Ragged.from_list(sequences), tuple(sequences), pack_sequence(sequences))
    wanted = [trace(model, each) for each in sequences]

    for form in forms:
        for seen, alone in zip(trace(model, form), wanted, strict=True):
            for name, array in alone.to_numpy().items():
                np.testing.assert_allclose(getattr(seen, name), array, **CLOSE)


def test_packed_sequences_come_in_the_order_of_the_batch():
    sequences = [torch.randn(length, 3) for length in (2, 5, 1)]
    packed = pack_sequence(sequences, enforce_sorted=False)

    assert [len(seen) for seen in trace(lstm(), packed)] == [2, 5, 1]


def test_initial_states_without_a_batch_axis():
    model, hx = lstm(bidirectional=True), (torch.randn(2, 4), torch.randn(2, 4))
    given = torch.randn(3, 3)

    np.testing.assert_allclose(output_of(trace(model, given, hx=hx)), model(given, hx)[0].detach(), **CLOSE)


def test_a_text_and_the_answer_of_its_classifier():
    model, text = classifier(), "a Good film nobody saw"
    seen = trace(model, text)
    network, encoding = model.bundle_.network, model.bundle_.task.encoding
    states, _ = network.lstm(network.embed(Ragged.from_list([torch.tensor(encoding.encode([text])[0]).long()]), 0.0))

    assert seen.tokens == ("a", "Good", "film", "nobody", "saw")
    assert list(seen.scores) == ["neg", "pos"]
    np.testing.assert_allclose(list(seen.scores.values()), model.predict_proba([text])[0], atol=1e-9)
    np.testing.assert_allclose(output_of(seen), states.values.detach(), **CLOSE)
    assert repr(seen).startswith("Trace('a Good film nobody saw', 5 steps, layer 0, forward and reverse, 6 units, ")
    assert repr(seen).split()[-2] in model.classes_


def test_a_list_of_texts_gives_a_list_with_the_same_numbers_as_one_by_one():
    texts = ["good", "", "a bad bad film"]
    together = trace(classifier(), texts)

    assert [len(seen) for seen in together] == [1, 0, 4]
    assert trace(classifier(), []) == []
    for text, seen in zip(texts, together, strict=True):
        np.testing.assert_allclose(seen.cell, trace(classifier(), text).cell, **CLOSE)


def test_a_bundle_a_network_and_a_language_model_are_models_too(tmp_path):
    model = classifier()
    model.save(tmp_path)
    bundle, ids = load_bundle(tmp_path), model.bundle_.task.encoding.encode(["good film"])[0].tolist()
    wanted = trace(model, "good film")

    for other, read in ((bundle, "good film"), (bundle.network, ids), (LanguageModel(bundle.network), ids)):
        np.testing.assert_array_equal(trace(other, read).cell, wanted.cell)
    assert trace(bundle, ids).tokens == ("good", "film")
    assert trace(bundle, ids).scores == wanted.scores
    assert (trace(bundle.network, ids).tokens, trace(bundle.network, ids).scores) == (None, None)
    assert [len(each) for each in trace(bundle.network, [ids, [1]])] == [2, 1]
    assert len(trace(bundle.network, np.array(ids))) == 2


def test_an_embedding_lstm_reads_token_ids():
    model = EmbeddingLSTM(9, 3, 4)

    np.testing.assert_allclose(output_of(trace(model, [1, 8, 1])), model(torch.tensor([1, 8, 1]))[0].detach(), **CLOSE)


def test_chosen_layers_units_and_precision_are_parts_of_the_whole():
    model, given = lstm(num_layers=3, bidirectional=True), torch.randn(6, 3)
    whole, part = trace(model, given), trace(model, given, layers=[2, 0], units=[3, 1], dtype="float16")

    assert part.axes == {"layer": (2, 0), "direction": ("forward", "reverse"), "step": tuple(range(6)), "unit": (3, 1)}
    for name, array in part.to_numpy().items():
        assert array.dtype == np.float16
        np.testing.assert_array_equal(array, getattr(whole, name)[[2, 0]][..., [3, 1]].astype(np.float16))


def test_the_mode_of_the_model_stays_and_dropout_is_off():
    model = lstm(num_layers=2, dropout=0.9)
    given = torch.randn(4, 3)
    wanted = model(given)[0].detach()
    model.train()

    np.testing.assert_allclose(output_of(trace(model, given)), wanted, **CLOSE)
    assert model.training


@pytest.mark.slow
def test_ten_thousand_steps_fit_the_memory_that_is_stated():
    """Two of 64 units in float16: 480 KB are kept, beside inputs and hidden states of 5 MB; all of it would be 31 MB."""
    code = (
        "import resource, torch\n"
        "from longshort.insight.tracing import trace\n"
        "lstm = torch.nn.LSTM(64, 64, 1)\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024\n"
        "trace(lstm, torch.randn(50, 64))\n"
        "inputs = torch.randn(10_000, 64)\n"
        "before = peak()\n"
        "seen = trace(lstm, inputs, units=[3, 40], dtype='float16')\n"
        "print(peak() - before, sum(each.nbytes for each in seen.to_numpy().values()), lstm.weight_ih_l0.grad)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    grown, kept, gradient = done.stdout.split()

    assert float(grown) < 12
    assert int(kept) == 6 * 10_000 * 2 * 2 + 2 * 2 * 2
    assert gradient == "None"


@pytest.mark.parametrize(
    ("model", "given", "kind", "message"),
    [
        (nn.Linear(2, 2), torch.zeros(2, 2), SettingError, "Got Linear."),
        (lstm(), torch.zeros(2, 5), DataError, "a vector of 3 numbers of torch.float32. Got values of shape (2, 5)"),
        (lstm(), torch.zeros(2, 3).double(), DataError, "and torch.float64."),
        (lstm(), "a text", DataError, "Got str."),
        (EmbeddingLSTM(9, 3, 4), [1, 9], DataError, "Token ids of this model are from 0 to 8. Got 9."),
        (EmbeddingLSTM(9, 3, 4), [0.5], DataError, "This model reads token ids"),
        (EmbeddingLSTM(9, 3, 4), "a text", DataError, "Got str."),
        (in_bf16(), torch.zeros(2, 3), BackendError, "computes in bf16"),
    ],
)
def test_what_does_not_fit_is_refused(model, given, kind, message):
    with pytest.raises(kind) as error:
        trace(model, given)
    assert message in error.value.message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"layers": [1]}, "layers must be different whole numbers from 0 to 0. Got 1."),
        ({"units": [0, 0]}, "units must be different whole numbers from 0 to 3. Got [0, 0]."),
        ({"units": []}, "units must be different whole numbers from 0 to 3. Got none."),
        ({"dtype": "int8"}, "dtype must be float32 or float16. Got 'int8'."),
        ({"hx": (torch.zeros(1, 9), torch.zeros(1, 4))}, "h_0 of this LSTM must have the shape (1, 1, 4)"),
        ({"hx": 3}, "The initial states of an LSTM are a pair of tensors (h_0, c_0). Got int."),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises((SettingError, DataError)) as error:
        trace(lstm(), torch.zeros(2, 3), **options)
    assert error.value.message.startswith(message)


def test_a_text_model_takes_no_initial_states_and_must_be_fitted():
    with pytest.raises(DataError, match="this model starts from zeros"):
        trace(classifier(), "good", hx=(torch.zeros(1), torch.zeros(1)))
    with pytest.raises(NotFittedError):
        trace(longshort.TextClassifier(), "good")


def test_a_trace_in_json_is_plain(tmp_path):
    content = json.loads(trace(classifier(), "good film").to_json())

    assert content["tokens"] == ["good", "film"]
    assert np.array(content["cell"]).shape == (1, 2, 2, 6)


@pytest.mark.filterwarnings("ignore:.*weight_norm.* is deprecated")
@pytest.mark.parametrize(
    "computed", [lambda it: prune.l1_unstructured(it, "weight_hh_l0", 0.3), lambda it: weight_norm(it, "weight_hh_l0")]
)
def test_weights_that_are_computed_before_each_run_are_those_of_now(computed):
    first, second = nn.LSTM(3, 4), nn.LSTM(3, 4)
    computed(first), computed(second)
    second.load_state_dict(first.state_dict())
    x = torch.randn(5, 3)
    seen = trace(second, x)
    np.testing.assert_allclose(output_of(seen), second(x)[0].detach().numpy(), **CLOSE)


def test_a_model_in_bfloat16():
    model, x = nn.LSTM(3, 4, bidirectional=True).bfloat16(), torch.randn(5, 3)
    expected = nn.LSTM(3, 4, bidirectional=True)
    expected.load_state_dict(model.state_dict())
    np.testing.assert_allclose(output_of(trace(model, x.bfloat16())), output_of(trace(expected, x)), atol=0.02)
