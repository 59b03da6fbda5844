"""A handwritten scan in JAX: one input product for all steps, and a mask that holds the state."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from benchmarks.engine.peer import Peer
from benchmarks.engine.peers.jax_tasks import Function, JaxPeer
from benchmarks.engine.problem import Problem

__all__ = ["peer"]


def peer(_threads: int) -> Peer:
    """The number of threads follows the CPU cores of the process."""
    return JaxPeer(_make)


def _make(_problem: Problem) -> Function:
    return run


def run(weights: dict[str, Any], inputs: Any, mask: Any) -> tuple[Any, Any, Any]:
    """Return outputs `(time, batch, hidden)` and the states after each sequence's last step."""

    def step(state: Any, now: Any) -> Any:
        (h, c), (entering, alive) = state, now
        i, f, g, o = jnp.split(entering + h @ weights["hidden"], 4, axis=-1)
        c_next = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h_next = jax.nn.sigmoid(o) * jnp.tanh(c_next)
        h_next, c_next = jnp.where(alive, h_next, h), jnp.where(alive, c_next, c)
        return (h_next, c_next), h_next

    entering = inputs @ weights["input"] + weights["bias"]
    zeros = jnp.zeros((inputs.shape[1], weights["hidden"].shape[0]), inputs.dtype)
    (h, c), outputs = jax.lax.scan(step, (zeros, zeros), (entering, mask[:, :, None]))
    return outputs, h, c
