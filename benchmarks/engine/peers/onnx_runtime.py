"""ONNX Runtime: one LSTM node with `sequence_lens`; no training."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.peer import Answer, Peer, Refusal, Task
from benchmarks.engine.problem import Floats, Layout, Problem
from onnx import TensorProto, helper, numpy_helper

__all__ = ["peer"]

OPSET, IR_VERSION = 17, 10


def peer(threads: int) -> Peer:
    """Use one session per problem."""
    return _OnnxRuntime(threads)


class _OnnxRuntime:
    tolerance = 1e-3

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def prepare(self, problem: Problem | Epoch) -> Task:
        if isinstance(problem, Epoch) or problem.workload.mode == "train":
            raise Refusal("inference only")
        session = _session(problem, self._threads)
        return _GenerateTask(problem, session) if problem.workload.mode == "generate" else _Task(problem, session)


class _Task:
    note = ""

    def __init__(self, problem: Problem, session: Any) -> None:
        self._session, self._problem = session, problem
        self._layout = Layout.of(problem.lengths)
        zeros = np.zeros((1, len(problem.lengths), problem.workload.hidden), np.float32)
        lengths = problem.lengths.astype(np.int32)
        self._feed = {"inputs": self._layout.fill(problem.inputs), "lengths": lengths, "h0": zeros, "c0": zeros}

    def answer(self) -> Answer:
        outputs, h, c = self._session.run(None, self._feed)
        values = np.empty((self._problem.tokens, outputs.shape[-1]), np.float32)
        self._layout.collect(outputs[:, 0], values)
        return {"outputs": values, "h": h[0], "c": c[0]}

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        self._session.run(None, self._feed)


class _GenerateTask:
    note = ""

    def __init__(self, problem: Problem, session: Any) -> None:
        self._session = session
        self._steps = [np.asarray(step)[None, None] for step in problem.inputs]
        self._zeros = np.zeros((1, 1, problem.workload.hidden), np.float32)
        self._one = np.ones(1, np.int32)

    def answer(self) -> Answer:
        outputs, h, c = self._generate()
        return {"outputs": np.concatenate(outputs)[:, 0, 0], "h": h[0], "c": c[0]}

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        self._generate()

    def _generate(self) -> tuple[list[Floats], Floats, Floats]:
        h = c = self._zeros
        outputs = []
        for step in self._steps:
            output, h, c = self._session.run(None, {"inputs": step, "lengths": self._one, "h0": h, "c0": c})
            outputs.append(output)
        return outputs, h, c


def _session(problem: Problem, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    model = _model(problem).SerializeToString()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _model(problem: Problem) -> Any:
    hidden, weights = problem.workload.hidden, problem.weights
    by_token = problem.workload.input == "token"
    bias = np.concatenate([_reordered(weights.input_bias), _reordered(weights.hidden_bias)])
    constants = {"w": _reordered(weights.input)[None], "r": _reordered(weights.hidden)[None], "b": bias[None]}
    names = ["embedded" if by_token else "inputs", *constants, "lengths", "h0", "c0"]
    nodes = [helper.make_node("LSTM", names, ["outputs", "h", "c"], hidden_size=hidden)]
    if by_token:
        constants["table"] = problem.table
        nodes.insert(0, helper.make_node("Gather", ["table", "inputs"], ["embedded"]))
    place = ["time", "batch"]
    floats, integers = TensorProto.FLOAT, TensorProto.INT64
    first = ("inputs", integers, place) if by_token else ("inputs", floats, [*place, hidden])
    state: list[str | int | None] = [1, "batch", hidden]
    graph = helper.make_graph(
        nodes,
        "lstm",
        [helper.make_tensor_value_info(*first), helper.make_tensor_value_info("lengths", TensorProto.INT32, ["batch"])]
        + [helper.make_tensor_value_info(name, floats, state) for name in ("h0", "c0")],
        [helper.make_tensor_value_info("outputs", floats, ["time", 1, "batch", hidden])]
        + [helper.make_tensor_value_info(name, floats, state) for name in ("h", "c")],
        [numpy_helper.from_array(np.ascontiguousarray(array), name) for name, array in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)


def _reordered(weight: Floats) -> Floats:
    """Reorder gates i, f, g, o to ONNX's i, o, f, g."""
    i, f, g, o = np.split(weight, 4)
    return np.concatenate([i, o, f, g])
