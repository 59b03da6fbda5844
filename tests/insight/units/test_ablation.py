import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.insight.units.wired import DECIDES, FIRES, UNREAD, random_model, reviews, wired_model

from longshort.data import encode_texts
from longshort.errors import SettingError
from longshort.evaluation.comparison import paired_counts
from longshort.insight.units import Unit, ablated
from longshort.insight.units.ablation import measure_ablation, paired_interval
from longshort.insight.units.names import units_of
from longshort.lstm.equations import step
from longshort.lstm.parameters import layer_weights
from longshort.networks import predict_logits
from longshort.ragged import Ragged


def step_by_step(network, tokens, unit, value):
    """Logits of one text, each step by the equations, with the unit's hidden state put to `value` after each."""
    lstm, spec = network.lstm, network.lstm.spec
    weights = layer_weights(lstm, spec)
    inputs = network.embedding(tokens)
    for layer in range(spec.num_layers):
        outputs = []
        for direction in range(spec.directions):
            held = (layer, ("forward", "reverse")[direction]) == (unit.layer, unit.direction)
            h, c = torch.zeros(1, spec.hidden_size), torch.zeros(1, spec.hidden_size)
            seen = {}
            for time in range(len(tokens))[:: -1 if direction else 1]:
                if held:
                    h[0, unit.number] = value
                now = step(inputs[time][None], h, c, weights[layer * spec.directions + direction])
                h, c = now.hidden.clone(), now.cell
                if held:
                    h[0, unit.number] = value
                seen[time] = h[0].clone()
            outputs.append(torch.stack([seen[time] for time in range(len(tokens))]))
        inputs = torch.cat(outputs, dim=1)
    last = torch.cat([outputs[0][-1], *(each[0] for each in outputs[1:])])
    pools = {"last": last, "mean": inputs.mean(0), "max": inputs.amax(0)}
    return network.linear(torch.cat([pools[name] for name in network.settings.pooling.split("+")]))


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    layers=st.integers(1, 3),
    bidirectional=st.booleans(),
    pooling=st.sampled_from(["last", "mean", "max", "mean+max"]),
    value=st.floats(-1, 1, width=32),
    lengths=st.lists(st.integers(1, 7), min_size=1, max_size=4),
    pick=st.integers(0, 1_000),
)
def test_edited_weights_are_the_ablation_step_by_step(seed, layers, bidirectional, pooling, value, lengths, pick):
    network = random_model(seed, num_layers=layers, bidirectional=bidirectional, pooling=pooling).network
    units = units_of(network.lstm.spec)
    unit = units[pick % len(units)]
    texts = [torch.randint(network.embedding.num_embeddings, (length,)) for length in lengths]
    with torch.no_grad():
        found = ablated(network, unit, value)(Ragged.from_list(texts))
        wanted = torch.stack([step_by_step(network, text, unit, value) for text in texts])

    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("backend", ["auto", "torch", "equations"])
def test_any_backend_runs_an_ablated_network(backend):
    network = random_model(num_layers=2).network
    network.lstm.backend = backend
    tokens = torch.tensor([1, 2, 3, 1])
    unit = Unit(0, "reverse", 2)
    with torch.no_grad():
        found = ablated(network, unit, 0.3)(Ragged.from_list([tokens]))[0]

    torch.testing.assert_close(found, step_by_step(network, tokens, unit, 0.3).detach(), atol=1e-5, rtol=1e-4)


def test_the_network_itself_stays_as_it_is():
    network = random_model().network
    before = {name: weight.clone() for name, weight in network.state_dict().items()}
    changed = ablated(network, Unit(0, "forward", 1), 0.5)

    assert changed.embedding is network.embedding
    assert all(torch.equal(weight, before[name]) for name, weight in network.state_dict().items())
    assert not torch.equal(changed.lstm.weight_hh_l0, network.lstm.weight_hh_l0)


def examples_of(model, texts, labels):
    targets = model.task.encoding.targets([(label,) for label in labels])
    return dataclasses.replace(encode_texts(texts, model.task.encoding), targets=targets)


def measured(value=0.0):
    model = wired_model()
    examples = examples_of(model, *reviews())
    units = units_of(model.network.lstm.spec)
    return measure_ablation(model.network, model.task.objective, examples, [(unit, value) for unit in units])


def test_the_unit_on_which_the_answer_hangs_ruins_the_accuracy():
    baseline, found = measured()

    assert baseline.accuracy == 1.0
    assert found[DECIDES].accuracy_change == -0.5  # without it, everything is "good"
    assert (found[DECIDES].lost, found[DECIDES].gained, found[DECIDES].above) == (60, 0, 1.0)
    assert found[DECIDES].loss_change > 0.4
    low, high = found[DECIDES].loss_interval
    assert 0 < low < found[DECIDES].loss_change < high
    assert found[DECIDES].p_value < 1e-9
    assert found[DECIDES].accuracy_interval[1] < 0


@pytest.mark.parametrize("value", [0.0, 0.37])
def test_a_unit_that_nothing_reads_changes_nothing_at_all(value):
    _, found = measured(value)

    for unit in (UNREAD, FIRES):
        assert (found[unit].loss_change, found[unit].loss_interval) == (0.0, (0.0, 0.0))
        assert (found[unit].p_value, found[unit].lost, found[unit].gained) == (1.0, 0, 0)


def test_the_loss_and_its_interval_are_those_of_the_differences():
    model = random_model(3)
    texts, labels = reviews(40)
    examples = examples_of(model, texts, labels)
    unit = Unit(0, "reverse", 0)
    baseline, (found,) = measure_ablation(model.network, model.task.objective, examples, [(unit, 0.2)])
    targets = torch.as_tensor(examples.targets)
    whole, without = (predict_logits(each, examples) for each in (model.network, ablated(model.network, unit, 0.2)))
    difference = (model.task.objective.losses(without, targets) - model.task.objective.losses(whole, targets)).double()
    half = 2.0226909 * float(difference.std()) / 40**0.5  # the 97.5 % point of Student's t with 39 degrees of freedom

    assert found.loss_change == pytest.approx(float(difference.mean()), abs=1e-6)
    assert found.loss_interval == pytest.approx((found.loss_change - half, found.loss_change + half), abs=1e-5)
    assert baseline.loss == pytest.approx(float(model.task.objective.losses(whole, targets).mean()), abs=1e-6)


def test_an_empty_text_is_answered_as_before():
    model = random_model(5)
    examples = examples_of(model, ["", ""], ["good", "bad"])
    _, (found,) = measure_ablation(model.network, model.task.objective, examples, [(Unit(0, "forward", 0), 0.9)])

    assert (found.loss_change, found.lost, found.gained) == (0.0, 0, 0)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 900))
def test_the_interval_of_the_accuracy_is_that_of_a_paired_comparison(gained, lost, rest):
    total = max(gained + lost + rest, 1)
    wanted = paired_counts(only_ours=gained, only_theirs=lost, examples=total).interval

    assert paired_interval(gained, lost, total) == pytest.approx(wanted)


def test_a_unit_that_is_not_there():
    with pytest.raises(
        SettingError, match=r"The units of this model are 0/forward/0 to 0/reverse/3\. Got 1/forward/0\."
    ):
        ablated(random_model().network, Unit(1, "forward", 0), 0.0)


def test_units_are_told_from_the_others():
    _, found = measured()

    assert np.argmax([each.above for each in found]) == DECIDES
