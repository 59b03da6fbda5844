"""Keras 3 on TensorFlow: `keras.layers.LSTM` on a padded batch with its mask, as a graph, with or without XLA."""

from __future__ import annotations

import os
from typing import Any

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy as np
import tensorflow as tf
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.peer import Answer, Peer, Refusal, Task
from benchmarks.engine.peers.choosing import fastest
from benchmarks.engine.problem import Layout, Problem

__all__ = ["peer"]


def peer(threads: int) -> Peer:
    """Measure both kinds of graph and keep the faster one."""
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    return _KerasTensorflow()


class _KerasTensorflow:
    tolerance = 1e-3

    def prepare(self, problem: Problem | Epoch) -> Task:
        if isinstance(problem, Epoch) or problem.workload.mode not in ("forward", "train"):
            raise Refusal("measured on layers only")
        return fastest({"graph": lambda: _Task(problem, xla=False), "XLA": lambda: _Task(problem, xla=True)})


class _Task:
    def __init__(self, problem: Problem, *, xla: bool) -> None:
        self.note = ""
        self._problem = problem
        self._layout = Layout.of(problem.lengths)
        hidden, weights = problem.workload.hidden, problem.weights
        self._layer = keras.layers.LSTM(hidden, return_sequences=True, return_state=True)
        self._layer.build((None, None, hidden))
        self._layer.set_weights([weights.input.T, weights.hidden.T, weights.input_bias + weights.hidden_bias])
        self._by_token = problem.workload.input == "token"
        self._inputs = tf.constant(self._padded(problem.inputs))
        self._leaf = tf.Variable(problem.table) if self._by_token else self._inputs
        self._mask = tf.constant((self._layout.take >= 0).T)
        self._train = problem.workload.mode == "train"
        self._direction = tf.constant(self._padded(problem.direction)) if self._train else None
        self._step = tf.function(self._gradients if self._train else self._outputs, jit_compile=xla)

    def answer(self) -> Answer:
        result = self._step()
        outputs, h, c = result[0] if self._train else result
        answer = {"outputs": self._ragged(outputs), "h": h.numpy(), "c": c.numpy()}
        if self._train:
            leaf, *weights = (tf.convert_to_tensor(gradient).numpy() for gradient in result[1])
            answer["table_gradient" if self._by_token else "input_gradient"] = (
                leaf if self._by_token else self._ragged(leaf)
            )
            answer["input_weight_gradient"], answer["hidden_weight_gradient"] = weights[0].T, weights[1].T
            answer["bias_gradient"] = weights[2]
        return answer

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        """Convert the last result to an array, which waits for all of them."""
        result = self._step()
        (result[1][-1] if self._train else result[-1]).numpy()

    def _outputs(self) -> Any:
        inputs = tf.gather(self._leaf, self._inputs) if self._by_token else self._leaf
        return self._layer(inputs, mask=self._mask)

    def _gradients(self) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(self._leaf)
            results = self._outputs()
        wanted = [self._leaf, *(variable.value for variable in self._layer.trainable_variables)]
        return results, tape.gradient(results[0], wanted, output_gradients=self._direction)

    def _padded(self, values: Any) -> Any:
        return np.swapaxes(self._layout.fill(values), 0, 1)

    def _ragged(self, padded: Any) -> Any:
        values = np.empty((self._problem.tokens, *padded.shape[2:]), np.float32)
        self._layout.collect(np.swapaxes(np.asarray(padded), 0, 1), values)
        return values
