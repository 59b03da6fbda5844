"""Independent references: the node tests of the `onnx` package, and ONNX Runtime on examples drawn by hypothesis."""

from __future__ import annotations

from functools import cache
from importlib import import_module

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from longshort.lstm import LSTM
from longshort.lstm.backends import BACKENDS
from longshort.lstm.parameters import Spec
from longshort.ragged import Ragged

Array = NDArray[np.float32]
NAMES = [backend.name for backend in BACKENDS if backend.supports(Spec(3, 4)) is None]
DIRECTIONS = {"forward": [0], "reverse": [1], "bidirectional": [0, 1]}
"""For each direction of ONNX, the corresponding directions of a bidirectional LSTM."""
GATES = ("input", "output", "forget", "cell")
"""ONNX's gate order; torch's and ours is input, forget, cell, output."""


def in_our_order(blocks: Array) -> torch.Tensor:
    """Reorder gates along the first axis from ONNX's order to ours."""
    by_name = dict(zip(GATES, np.split(blocks, 4), strict=True))
    return torch.from_numpy(np.concatenate([by_name[name] for name in ("input", "forget", "cell", "output")]))


def from_onnx(inputs: dict[str, Array], direction: str, backend: str) -> LSTM:
    """Make an LSTM with the weights of an ONNX node; an unused direction is random."""
    hidden = inputs["R"].shape[2]
    lstm = LSTM(inputs["W"].shape[2], hidden, bidirectional=direction != "forward", backend=backend)
    with torch.no_grad():
        for row, place in enumerate(DIRECTIONS[direction]):
            suffix = "l0_reverse" if place else "l0"
            biases = np.split(inputs["B"][row], 2) if "B" in inputs else [np.zeros(4 * hidden, np.float32)] * 2
            blocks = (inputs["W"][row], inputs["R"][row], *biases)
            for name, block in zip(("weight_ih", "weight_hh", "bias_ih", "bias_hh"), blocks, strict=True):
                lstm.get_parameter(f"{name}_{suffix}").copy_(in_our_order(block))
    return lstm


def run(lstm: LSTM, inputs: dict[str, Array], direction: str) -> tuple[Ragged, torch.Tensor, torch.Tensor]:
    """Run on the inputs of an ONNX node, time first; return the results of its directions."""
    steps, batch, _ = inputs["X"].shape
    lengths = torch.from_numpy(inputs.get("sequence_lens", np.full(batch, steps)).astype(np.int64))
    places, hidden = DIRECTIONS[direction], lstm.hidden_size
    h0, c0 = torch.full((2, 2 if lstm.bidirectional else 1, batch, hidden), 0.5)
    for name, state in (("initial_h", h0), ("initial_c", c0)):
        state[places] = torch.from_numpy(inputs.get(name, np.zeros((len(places), batch, hidden), np.float32)))
    ragged = Ragged.from_padded(torch.from_numpy(inputs["X"]), lengths, batch_first=False)
    with torch.no_grad():
        outputs, (h_n, c_n) = lstm(ragged, (h0, c0))
    each = outputs.values.view(-1, 2 if lstm.bidirectional else 1, hidden)[:, places]
    return outputs.with_values(each), h_n[places], c_n[places]


# --- the node tests of the onnx package ---


@cache
def node_tests() -> dict[str, onnx.backend.test.case.test_case.TestCase]:
    import_module("onnx.backend.test.case.node.lstm")  # registers its cases
    cases = import_module("onnx.backend.test.case.node")._NodeTestCases
    return {case.name: case for case in cases if case.name.startswith("test_lstm_")}


def arrays(names, values) -> dict[str, Array]:
    """Return arrays by their names in ONNX's definition; omitted ones have no name in a node."""
    return dict(zip([name for name in names if name], values, strict=True))


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("name", ["defaults", "with_initial_bias", "batchwise", "reverse", "bidirectional"])
def test_the_node_tests_of_onnx(name, backend):
    case = node_tests()[f"test_lstm_{name}"]
    (node,) = case.model.graph.node
    given_as = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
    direction = given_as.get("direction", b"forward").decode()
    for given_values, expected_values in case.data_sets:
        inputs, expected = arrays(node.input, given_values), arrays(node.output, expected_values)
        if given_as.get("layout", 0) == 1:  # the batch comes first
            inputs["X"] = inputs["X"].swapaxes(0, 1)
            axes = {"Y": (1, 2, 0, 3), "Y_h": (1, 0, 2), "Y_c": (1, 0, 2)}
            expected = {key: value.transpose(axes[key]) for key, value in expected.items()}
        outputs, h_n, c_n = run(from_onnx(inputs, direction, backend), inputs, direction)
        found = {"Y": outputs.to_padded(batch_first=False).swapaxes(1, 2), "Y_h": h_n, "Y_c": c_n}
        for key, value in expected.items():
            np.testing.assert_allclose(found[key].numpy(), value, rtol=case.rtol, atol=1e-6, err_msg=f"{name}: {key}")


def test_only_peephole_tests_are_left_out():
    """Like torch, longshort has no peephole weights."""
    names = ["defaults", "with_initial_bias", "batchwise", "reverse", "bidirectional", "with_peepholes"]
    assert sorted(node_tests()) == sorted(f"test_lstm_{name}" for name in names)


# --- ONNX Runtime ---

INPUTS = ("X", "W", "R", "B", "sequence_lens", "initial_h", "initial_c")
OUTPUTS = ("Y", "Y_h", "Y_c")


@cache
def session(direction: str, hidden: int) -> onnxruntime.InferenceSession:
    kind = onnx.TensorProto
    node = onnx.helper.make_node("LSTM", INPUTS, OUTPUTS, hidden_size=hidden, direction=direction)
    types = {name: kind.INT32 if name == "sequence_lens" else kind.FLOAT for name in (*INPUTS, *OUTPUTS)}
    values = {name: onnx.helper.make_tensor_value_info(name, types[name], None) for name in types}
    graph = onnx.helper.make_graph([node], "lstm", [values[n] for n in INPUTS], [values[n] for n in OUTPUTS])
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 14)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


def draw_inputs(seed: int, features: int, hidden: int, lengths: list[int], directions: int) -> dict[str, Array]:
    """Draw every value at random, so that swapped gates, rows or directions show."""
    random = np.random.default_rng(seed)
    steps, batch = max(lengths), len(lengths)
    shapes = {
        "X": (steps, batch, features),
        "W": (directions, 4 * hidden, features),
        "R": (directions, 4 * hidden, hidden),
        "B": (directions, 8 * hidden),
        "initial_h": (directions, batch, hidden),
        "initial_c": (directions, batch, hidden),
    }
    drawn = {name: random.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}
    drawn["W"] /= features**0.5
    drawn["R"] /= hidden**0.5
    drawn["X"][np.arange(steps)[:, None] >= np.array(lengths)] = 100.0  # visible padding
    return {**drawn, "sequence_lens": np.array(lengths, np.int32)}


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("direction", list(DIRECTIONS))
@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    features=st.integers(1, 9),
    hidden=st.integers(1, 35),
    lengths=st.lists(st.integers(0, 9), min_size=1, max_size=7).filter(any),
)
def test_onnx_runtime_agrees(backend, direction, seed, features, hidden, lengths):
    inputs = draw_inputs(seed, features, hidden, lengths, len(DIRECTIONS[direction]))
    y, h_expected, c_expected = session(direction, hidden).run(list(OUTPUTS), inputs)
    outputs, h_n, c_n = run(from_onnx(inputs, direction, backend), inputs, direction)
    for row, length in enumerate(lengths):
        np.testing.assert_allclose(outputs[row].numpy(), y[:length, :, row], rtol=0, atol=2e-5)
        if length:
            np.testing.assert_allclose(h_n[:, row], h_expected[:, row], rtol=0, atol=2e-5)
            np.testing.assert_allclose(c_n[:, row], c_expected[:, row], rtol=0, atol=2e-5)
        else:  # ONNX Runtime returns zeros there; here an empty sequence keeps its states
            assert not h_expected[:, row].any()
            assert not c_expected[:, row].any()
            assert np.array_equal(h_n[:, row], inputs["initial_h"][:, row])
            assert np.array_equal(c_n[:, row], inputs["initial_c"][:, row])
