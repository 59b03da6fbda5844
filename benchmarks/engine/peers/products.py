"""Large float32 matrix products of the available libraries: the practical peak of a processor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.peer import Answer, Peer, Task
from benchmarks.engine.problem import Floats, Problem

__all__ = ["SIDE", "jax_dot", "numpy_matmul", "onednn_linear", "product_operations", "torch_mm"]

SIDE = 2048
"""Rows and columns of both operands."""


def product_operations() -> int:
    """Count the operations of a repetition; multiplication and addition count as two."""
    return 2 * SIDE**3


def torch_mm(threads: int) -> Peer:
    """`torch.mm`: the BLAS that torch was built with."""
    import torch

    torch.set_num_threads(threads)
    left, right = (torch.from_numpy(operand) for operand in _operands())
    return _Product(lambda: torch.mm(left, right))


def numpy_matmul(_threads: int) -> Peer:
    """numpy's BLAS; OpenBLAS in its wheels."""
    left, right = _operands()
    return _Product(lambda: left @ right)


def onednn_linear(threads: int) -> Peer:
    """oneDNN's inner product, through torch tensors in its layout."""
    import torch

    torch.set_num_threads(threads)
    left, right = (torch.from_numpy(operand).to_mkldnn() for operand in _operands())
    return _Product(lambda: torch.nn.functional.linear(left, right))


def jax_dot(_threads: int) -> Peer:
    """XLA's dot."""
    import jax

    left, right = (jax.numpy.asarray(operand) for operand in _operands())
    dot = jax.jit(jax.numpy.dot)
    return _Product(lambda: dot(left, right).block_until_ready())


def _operands() -> tuple[Floats, Floats]:
    random = np.random.default_rng(0)
    return random.standard_normal((SIDE, SIDE), np.float32), random.standard_normal((SIDE, SIDE), np.float32)


class _Product:
    """Repeats one product; it has no answer to compare."""

    tolerance = 0.0
    note = ""

    def __init__(self, multiply: Callable[[], Any]) -> None:
        self._multiply = multiply

    def prepare(self, problem: Problem | Epoch) -> Task:
        return self

    def answer(self) -> Answer:
        self._multiply()
        return {}

    def ready(self, index: int) -> None:
        pass

    def run(self, index: int) -> None:
        self._multiply()
