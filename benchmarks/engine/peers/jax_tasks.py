"""The workloads in JAX, over any function that runs a padded, masked batch; compiled by `jax.jit`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.peer import Answer, Refusal, Task
from benchmarks.engine.problem import Layout, Problem

__all__ = ["Function", "JaxPeer"]

Function = Callable[[dict[str, Any], Any, Any], tuple[Any, Any, Any]]
"""From weights, inputs and mask, `(time, batch, features)` and `(time, batch)`, to outputs, h and c.

The weights are arrays (input, features by gates; hidden, hidden by gates; bias), gates i, f, g, o.
"""


@dataclass(frozen=True)
class JaxPeer:
    """A peer that runs one such function.

    Args:
        make: makes the function for a problem.
        batch_first: whether it takes and returns `(batch, time, ...)` instead.
    """

    make: Callable[[Problem], Function]
    batch_first: bool = False
    tolerance: float = 1e-3

    def prepare(self, problem: Problem | Epoch) -> Task:
        """Forward or training."""
        if isinstance(problem, Epoch) or problem.workload.mode not in ("forward", "train"):
            raise Refusal("measured on layers only")
        return _JaxTask(problem, self.make(problem), self.batch_first)


class _JaxTask:
    note = ""

    def __init__(self, problem: Problem, function: Function, batch_first: bool) -> None:
        self._problem, self._batch_first = problem, batch_first
        self._layout = Layout.of(problem.lengths)
        weights = problem.weights
        self._weights = {
            "input": jnp.asarray(weights.input.T),
            "hidden": jnp.asarray(weights.hidden.T),
            "bias": jnp.asarray(weights.input_bias + weights.hidden_bias),
        }
        self._by_token = problem.workload.input == "token"
        self._inputs = jnp.asarray(self._padded(problem.inputs))
        self._table = jnp.asarray(problem.table)
        self._train = problem.workload.mode == "train"
        mask = jnp.asarray(self._turned(self._layout.take >= 0))
        self._step = jax.jit(self._gradients(function, mask) if self._train else self._outputs(function, mask))
        self._direction = jnp.asarray(self._padded(problem.direction)) if self._train else None

    def answer(self) -> Answer:
        result = self._call()
        outputs, h, c = result[0] if self._train else result
        answer = {"outputs": self._ragged(outputs), "h": np.asarray(h), "c": np.asarray(c)}
        if self._train:
            weights, leaf = result[1]
            answer["table_gradient" if self._by_token else "input_gradient"] = (
                np.asarray(leaf) if self._by_token else self._ragged(leaf)
            )
            answer["input_weight_gradient"] = np.asarray(weights["input"]).T
            answer["hidden_weight_gradient"] = np.asarray(weights["hidden"]).T
            answer["bias_gradient"] = np.asarray(weights["bias"])
        return answer

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        self._call()

    def _call(self) -> Any:
        leaf = self._table if self._by_token else self._inputs
        return jax.block_until_ready(self._step(self._weights, leaf, self._inputs, self._direction))

    def _outputs(self, function: Function, mask: Any) -> Callable[..., Any]:
        def step(weights: Any, leaf: Any, inputs: Any, _direction: Any) -> Any:
            return function(weights, leaf[inputs] if self._by_token else leaf, mask)

        return step

    def _gradients(self, function: Function, mask: Any) -> Callable[..., Any]:
        forward = self._outputs(function, mask)

        def step(weights: Any, leaf: Any, inputs: Any, direction: Any) -> Any:
            results, pull = jax.vjp(lambda w, x: forward(w, x, inputs, None), weights, leaf)
            return results, pull((direction, jnp.zeros_like(results[1]), jnp.zeros_like(results[2])))

        return step

    def _turned(self, block: Any) -> Any:
        return np.swapaxes(block, 0, 1) if self._batch_first else block

    def _padded(self, values: Any) -> Any:
        return self._turned(self._layout.fill(values))

    def _ragged(self, padded: Any) -> Any:
        values = np.empty((self._problem.tokens, *padded.shape[2:]), np.float32)
        self._layout.collect(self._turned(np.asarray(padded)), values)
        return values
