from __future__ import annotations

import copy
import json
import math

import numpy as np
import pytest
import torch
from tests.insight.small import TEXTS, classifier, lstm
from torch import nn

import longshort
from longshort.errors import DataError, SettingError
from longshort.insight import Horizon
from longshort.insight.reach import MODELS
from longshort.insight.subject import subject_of
from longshort.insight.twins import PlainStack, start_of, training_seed
from longshort.lstm.module import spec_of
from longshort.networks import TextClassifierNetwork

TEXT = "a good bad film one good 1 2"


@pytest.fixture(scope="module")
def found() -> Horizon:
    return longshort.horizon(classifier(), [*TEXTS, "", TEXT], lags=8)


def network() -> TextClassifierNetwork:
    return classifier().bundle_.network


def norm_by_autograd(model: TextClassifierNetwork, text: str, lag: int, direction: int) -> float:
    """Of the last hidden state by one embedded token, in float64."""
    model = copy.deepcopy(model).double()
    ids = torch.tensor(classifier().bundle_.task.encoding.encode([text])[0])
    end = torch_twin(model)

    def last(vectors: torch.Tensor) -> torch.Tensor:
        return end(vectors)[1][0][direction]

    jacobian = torch.autograd.functional.jacobian(last, model.embedding(ids).detach())
    return float(jacobian[:, :, :].pow(2).sum(dim=(0, 2)).sqrt()[lag if direction else -1 - lag])


def torch_twin(model: TextClassifierNetwork) -> nn.LSTM:
    held = model.lstm
    made = nn.LSTM(held.input_size, held.hidden_size, bidirectional=held.bidirectional).double()
    made.load_state_dict(held.state_dict())
    return made


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("lag", [0, 3, 7])
def test_a_classifiers_gradient_is_the_one_that_torch_derives(direction, lag):
    model = classifier()
    reach = longshort.horizon(model, TEXT).reaches[direction]

    for name, own in (("trained", network()), ("start", start_of(subject_of(model), 0).network)):
        wanted = norm_by_autograd(own, TEXT, lag, direction)
        assert reach.curves[name].norms[0, lag] == pytest.approx(wanted, rel=1e-6)


def test_a_second_layer_is_measured_by_its_own_inputs():
    model = lstm(num_layers=2, bidirectional=True)
    inputs = torch.randn(6, 3)
    below = nn.LSTM(3, 4, bidirectional=True)
    below.load_state_dict({name: weight for name, weight in model.state_dict().items() if "l0" in name})
    above = nn.LSTM(8, 4, bidirectional=True).double()
    above.load_state_dict(
        {name.replace("l1", "l0"): weight for name, weight in model.state_dict().items() if "l1" in name}
    )
    with torch.no_grad():
        read = below(inputs)[0].double()
    jacobian = torch.autograd.functional.jacobian(lambda x: above(x)[1][0][1], read)

    reach = longshort.horizon(model, inputs).reaches[3]
    assert (reach.layer, reach.direction) == (1, "reverse")
    np.testing.assert_allclose(
        reach.curves["trained"].norms[0], jacobian.pow(2).sum(dim=(0, 2)).sqrt().numpy(), rtol=1e-4
    )


def test_with_constant_gates_the_gradient_halves_with_the_half_life():
    """Without recurrent weights the one path back is the cell, which keeps f of itself in each step."""
    model, forget = lstm(), 0.9
    with torch.no_grad():
        model.weight_hh_l0.zero_()
        model.weight_ih_l0[:8] = 0
        model.weight_ih_l0[12:] = 0
        model.bias_ih_l0.zero_()
        model.bias_hh_l0.zero_()
        model.bias_ih_l0[4:8] = math.log(forget / (1 - forget))
    found = longshort.horizon(model, torch.zeros(80, 3))
    curve = found.reaches[0].curves["trained"]

    np.testing.assert_allclose(curve.median, forget ** np.arange(80), rtol=1e-6)
    half = math.log(0.5) / math.log(forget)
    np.testing.assert_allclose(found.reaches[0].half_lives["trained"], half, rtol=1e-6)
    assert (curve.falls_to(0.5), curve.falls_to(0.01)) == (
        math.ceil(half),
        math.ceil(math.log(0.01) / math.log(forget)),
    )
    assert found.sentences()[0].startswith("Half of the gradient is gone after 7 steps, 99 % after 44; at its start, ")


def test_half_lives_are_of_the_forget_gates_that_a_trace_shows(found):
    traces = longshort.trace(classifier(), [*TEXTS, TEXT])
    gates = np.concatenate([each.forget_gate[0] for each in traces], axis=1).astype(np.float64)

    for direction, reach in enumerate(found.reaches):
        wanted = np.log(0.5) / np.log(gates[direction]).mean(axis=0)
        np.testing.assert_allclose(reach.half_lives["trained"], wanted, rtol=1e-5)


def test_what_is_set_side_by_side(found):
    assert [(each.layer, each.direction) for each in found.reaches] == [(0, "forward"), (0, "reverse")]
    assert (found.examples, found.lags, found.projections, found.seed) == (len(TEXTS) + 1, 8, None, 0)
    assert found.tokens == sum(len(each.split()) for each in [*TEXTS, TEXT])
    for reach in found.reaches:
        assert list(reach.curves) == list(MODELS)
        assert list(reach.half_lives) == ["trained", "start"]
        for curve in reach.curves.values():
            assert curve.count.tolist() == [len(TEXTS) + 1] * 3 + [19, 1, 1, 1, 1]


def test_the_start_is_the_network_before_its_training():
    model = longshort.TextClassifier(
        epochs=1, pretraining_epochs=0, embedding_start="random", learning_rate=1e-12, averaging=0.0,
        embedding_size=5, hidden_size=6, minimum_count=1, seed=5,
    ).fit(TEXTS, ["x", "y"] * 12)  # fmt: skip
    found = longshort.horizon(model, TEXT)

    assert found.seed == training_seed(model) == 5
    for reach in found.reaches:
        np.testing.assert_allclose(reach.curves["trained"].norms, reach.curves["start"].norms, rtol=1e-5)


def test_the_start_of_an_lstm_on_its_own_is_torchs_and_the_model_stays_as_it_is():
    model = lstm(3)
    before = copy.deepcopy(model.state_dict())
    start = start_of(subject_of(model), 3).lstm

    assert all(torch.equal(weight, before[name]) for name, weight in model.state_dict().items())
    assert all(torch.equal(weight, before[name]) for name, weight in start.state_dict().items())
    other = start_of(subject_of(model), 4).lstm
    assert not torch.equal(other.weight_hh_l0, before["weight_hh_l0"])
    assert start_of(subject_of(longshort.EmbeddingLSTM(9, 3, 4)), 0).embedding is not None


def test_a_plain_network_of_torchs_own():
    spec = spec_of(lstm(num_layers=2, bidirectional=True))
    torch.manual_seed(7)
    made = [nn.RNN(size, 4, bidirectional=True, dtype=torch.float64) for size in (3, 8)]
    vectors = torch.randn(5, 3).double()
    stack = PlainStack(spec, 7, orthogonal=False)
    states = stack.states(longshort.Ragged.from_list([vectors]))

    with torch.no_grad():
        wanted = made[1](made[0](vectors)[0])[0]
    torch.testing.assert_close(torch.cat([each.values for each, _ in states[2:]], dim=1), wanted)
    for _, weights in PlainStack(spec, 7, orthogonal=True).states(longshort.Ragged.from_list([vectors])):
        torch.testing.assert_close(weights.hidden @ weights.hidden.T, torch.eye(4).double())


def test_many_units_are_estimated_and_it_is_said(monkeypatch):
    monkeypatch.setattr("longshort.insight.horizon.EXACT_UNITS", 3)
    found, exact = longshort.horizon(lstm(), torch.randn(9, 3)), longshort.horizon(lstm(), torch.randn(9, 3))

    assert found.projections == exact.projections == 64
    assert longshort.horizon(lstm(), torch.randn(9, 3), projections=5).projections == 5


def test_lags_go_back_as_far_as_half_of_the_inputs():
    inputs = [torch.randn(length, 3) for length in (2, 5, 5, 9)]

    assert longshort.horizon(lstm(), inputs).lags == 5
    assert (
        longshort.horizon(lstm(), inputs, lags=20).reaches[0].curves["start"].count.tolist()
        == [4, 4, 3, 3, 3] + [1] * 4 + [0] * 11
    )


def test_batches_change_nothing(monkeypatch, found):
    told: list[tuple[int, int]] = []
    monkeypatch.setattr("longshort.insight.horizon.BATCH_TOKENS", 12)
    small = longshort.horizon(
        classifier(), [*TEXTS, TEXT], lags=8, progress=lambda done, count: told.append((done, count))
    )

    assert told[-1] == (25, 25)
    assert len(told) > 5
    for ours, theirs in zip(small.reaches, found.reaches, strict=True):
        for name in MODELS:
            np.testing.assert_allclose(ours.curves[name].median, theirs.curves[name].median, rtol=1e-9)


def test_dropout_and_gradients_play_no_part():
    model = network()
    model.train()
    try:
        found = longshort.horizon(classifier(), TEXT)
        again = longshort.horizon(classifier(), TEXT)
        assert model.training
    finally:
        model.eval()
    assert np.array_equal(found.reaches[0].curves["trained"].norms, again.reaches[0].curves["trained"].norms)
    assert all(weight.grad is None for weight in start_of(subject_of(model), 0).module.parameters())


def test_other_forms(found):
    content = json.loads(found.to_json())
    table = found.to_pandas()

    assert content == json.loads(json.dumps(found.to_dict()))
    assert content["reaches"][1]["curves"]["plain"]["share_median"][0] == 1.0
    assert list(table) == ["layer", "direction", "model", "lag", "count", "median", "low", "high"]
    assert len(table) == 2 * len(MODELS) * 8
    row = table[(table.direction == "reverse") & (table.model == "start") & (table.lag == 3)].iloc[0]
    assert row["median"] == found.reaches[1].curves["start"].median[3]
    assert repr(found).startswith("Horizon(25 examples, 8 lags, [Reach(layer 0, forward; ")


def test_sentences_say_what_is_left(found):
    first, second = found.sentences()

    assert first.startswith("Layer 0, forward: half of the gradient is gone after ")
    assert second.startswith("Layer 0, reverse: ")
    short = longshort.horizon(classifier(), TEXT, lags=1)
    assert short.sentences()[0] == (
        "Layer 0, forward: half of the gradient is not gone within 0 tokens; at its start, not within 0; in a plain RNN "
        "of its size at its start, not within 0."
    )
    middle = longshort.horizon(classifier(), TEXT, lags=5)
    assert middle.sentences()[0].endswith("in a plain RNN of its size at its start, after 2, 99 % not within 4.")


def test_the_random_numbers_of_others_are_left_alone():
    torch.manual_seed(1)
    wanted = torch.rand(1)
    torch.manual_seed(1)
    longshort.horizon(lstm_made(), torch.zeros(2, 3))
    assert torch.equal(torch.rand(1), wanted)


def lstm_made() -> nn.LSTM:
    with torch.random.fork_rng(devices=[]):
        return lstm()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"lags": 0}, "lags must be a whole number of at least 1. Got 0."),
        ({"projections": 0}, "projections must be a whole number of at least 1. Got 0."),
        ({"lags": 1.5}, "lags must be a whole number of at least 1. Got 1.5."),
        ({"lags": True}, "lags must be a whole number of at least 1. Got True."),
    ],
)
def test_numbers_out_of_bounds(arguments, message):
    with pytest.raises(SettingError) as caught:
        longshort.horizon(lstm(), torch.zeros(2, 3), **arguments)
    assert caught.value.message == message


def test_inputs_without_a_step():
    with pytest.raises(DataError, match="at least one input that is not empty"):
        longshort.horizon(classifier(), ["", ""])
