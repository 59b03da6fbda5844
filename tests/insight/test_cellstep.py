"""The numbers of one step are those of the trace, and fulfil the six equations."""

import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tests.insight.small import classifier, lstm

from longshort.errors import DataError, SettingError
from longshort.insight.cellstep import cell_step
from longshort.insight.tracing import trace


def sigmoid(value):
    return 1 / (1 + math.exp(-value))


@given(
    seed=st.integers(0, 99),
    layer=st.integers(0, 1),
    direction=st.sampled_from(["forward", "reverse"]),
    step=st.integers(0, 3),
    unit=st.integers(0, 3),
    bias=st.booleans(),
    proj=st.sampled_from([0, 2]),
)
def test_the_parts_of_every_gate_sum_to_what_was_computed(seed, layer, direction, step, unit, bias, proj):
    model = lstm(seed, num_layers=2, bidirectional=True, bias=bias, proj_size=proj)
    inputs, hx = torch.randn(4, 3), (torch.randn(4, proj or 4), torch.randn(4, 4))
    one = cell_step(model, inputs, step, layer=layer, direction=direction, unit=unit, hx=hx)
    seen = trace(model, inputs, hx=hx).select(layer=layer, direction=direction, unit=unit)

    for name, squash in (("input", sigmoid), ("forget", sigmoid), ("cell", math.tanh), ("output", sigmoid)):
        gate = getattr(one, f"{name}_gate")
        assert gate.value == float(getattr(seen, f"{name}_gate")[0, 0, step, 0])
        assert squash(gate.total) == pytest.approx(gate.value, abs=1e-6)
        assert bias or gate.bias == 0
    assert one.cell == float(seen.cell[0, 0, step, 0])
    assert one.cell_before == float(seen.before("cell")[0, 0, step, 0])
    assert one.kept + one.added == pytest.approx(one.cell, abs=1e-6)
    assert one.hidden == pytest.approx(one.output_gate.value * math.tanh(one.cell), abs=1e-6)
    if proj:
        assert (one.projected, one.hidden_before, one.hidden_size) == (True, None, 2)
    else:
        assert one.hidden == pytest.approx(float(seen.hidden[0, 0, step, 0]), abs=1e-6)
        assert one.hidden_before == float(seen.before("hidden")[0, 0, step, 0])


def test_the_mean_of_all_units_is_one_of_terms():
    one, seen = cell_step(classifier(), "good bad film", 1), trace(classifier(), "good bad film")
    parts = [cell_step(classifier(), "good bad film", 1, unit=unit) for unit in seen.units]

    for name in ("cell_before", "kept", "added", "cell", "shown", "hidden"):
        assert getattr(one, name) == pytest.approx(np.mean([getattr(each, name) for each in parts]), abs=1e-6)
    assert one.cell == pytest.approx(one.kept + one.added, abs=1e-6)
    assert one.forget_gate.total == pytest.approx(np.mean([each.forget_gate.total for each in parts]), abs=1e-6)
    assert (one.unit, one.units, one.token, one.input_size) == (None, 6, "bad", 5)


def test_the_equations_as_they_are_written_down():
    model = lstm()
    with torch.no_grad():
        for weight in model.parameters():
            weight.zero_()
        model.bias_ih_l0.copy_(torch.tensor([0.0] * 4 + [1.0] * 4 + [-2.0] * 4 + [0.5] * 4))
    hx = (torch.zeros(1, 4), torch.full((1, 4), -1.0))
    lines = list(map(str, cell_step(model, torch.zeros(1, 3), 0, unit=3, hx=hx).equations))

    assert lines == [
        "i = sigmoid(W_xi x + W_hi h + b_i) = sigmoid(0.000 + 0.000 + 0.000) = sigmoid(0.000) = 0.500",
        "f = sigmoid(W_xf x + W_hf h + b_f) = sigmoid(0.000 + 0.000 + 1.000) = sigmoid(1.000) = 0.731",
        "g = tanh(W_xg x + W_hg h + b_g) = tanh(0.000 + 0.000 - 2.000) = tanh(-2.000) = -0.964",
        "o = sigmoid(W_xo x + W_ho h + b_o) = sigmoid(0.000 + 0.000 + 0.500) = sigmoid(0.500) = 0.622",
        "c = f * c_(t-1) + i * g = 0.731 * (-1.000) + 0.500 * (-0.964) = -0.731 - 0.482 = -1.213",
        "h = o * tanh(c) = 0.622 * tanh(-1.213) = 0.622 * (-0.838) = -0.521",
    ]
    reverse = cell_step(lstm(bidirectional=True), torch.zeros(1, 3), 0, direction="reverse", unit=0)
    assert str(reverse.equations[4]).startswith("c = f * c_(t+1) + i * g = ")
    mean = list(map(str, cell_step(model, torch.zeros(1, 3), 0, hx=hx).equations))
    assert mean[1] == "f = mean sigmoid(W_xf x + W_hf h + b_f) = mean sigmoid of sums around 1.000 = 0.731"
    assert mean[4] == "c = mean f * c_(t-1) + mean i * g = -0.731 - 0.482 = -1.213"


def test_a_step_as_json():
    content = json.loads(json.dumps(cell_step(classifier(), "good film", 0, unit=1).to_dict()))

    assert content["forget_gate"]["total"] == pytest.approx(
        sum(content["forget_gate"][part] for part in ("from_input", "from_hidden", "bias"))
    )
    assert [each["name"] for each in content["equations"]] == ["i", "f", "g", "o", "c", "h"]


@pytest.mark.parametrize(
    ("given", "step", "options", "kind", "message"),
    [
        ("good film", 2, {}, DataError, "The steps of this input are from 0 to 1. Got 2."),
        ("good film", -1, {}, DataError, "Got -1."),
        ("", 0, {}, DataError, "none, for the input is empty"),
        (["good"], 0, {}, DataError, "Got a batch of 1."),
        ("good", 0, {"unit": 6}, SettingError, "unit must be of those in the trace: 0, 1, 2, 3, 4, 5. Got 6."),
        ("good", 0, {"layer": 1}, SettingError, "layer must be"),
    ],
)
def test_what_is_not_there_is_refused(given, step, options, kind, message):
    with pytest.raises(kind) as error:
        cell_step(classifier(), given, step, **options)
    assert message in error.value.message


def test_series_are_means_or_one_unit():
    seen = trace(classifier(), "good bad film")

    np.testing.assert_allclose(seen.series()["cell"], seen.cell[0, 0].mean(axis=1), atol=1e-6)
    np.testing.assert_array_equal(seen.series(direction="reverse", unit=3)["hidden"], seen.hidden[0, 1, :, 3])
    assert "hidden" not in trace(lstm(proj_size=2), torch.zeros(1, 3)).series(unit=0)
