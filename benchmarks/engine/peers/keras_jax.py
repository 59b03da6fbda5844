"""Keras 3 on JAX: `keras.layers.LSTM` on a padded batch with its mask."""

from __future__ import annotations

import os
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"

import keras
from benchmarks.engine.peer import Peer
from benchmarks.engine.peers.jax_tasks import Function, JaxPeer
from benchmarks.engine.problem import Problem

__all__ = ["peer"]


def peer(_threads: int) -> Peer:
    """The number of threads follows the CPU cores of the process."""
    return JaxPeer(_make, batch_first=True)


def _make(problem: Problem) -> Function:
    hidden = problem.workload.hidden
    layer = keras.layers.LSTM(hidden, return_sequences=True, return_state=True)
    layer.build((None, None, hidden))

    def run(weights: dict[str, Any], inputs: Any, mask: Any) -> tuple[Any, Any, Any]:
        trainable = [weights["input"], weights["hidden"], weights["bias"]]
        fixed = [variable.value for variable in layer.non_trainable_variables]
        (outputs, h, c), _ = layer.stateless_call(trainable, fixed, inputs, mask=mask)
        return outputs, h, c

    return run
