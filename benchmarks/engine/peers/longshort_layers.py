"""`longshort.LSTM`, which takes the ragged batch directly."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import partial

import torch
from benchmarks.engine.epoch import Epoch
from benchmarks.engine.peer import Peer, Refusal, Task
from benchmarks.engine.peers.arrangements import Outputs
from benchmarks.engine.peers.torch_tasks import TorchPeer
from benchmarks.engine.problem import Integers, Problem
from torch import Tensor, nn
from torch.nn.functional import embedding

import longshort
from longshort.errors import BackendError
from longshort.lstm import Shared

__all__ = ["bfloat16", "native", "torch_backend"]


def native(threads: int) -> Peer:
    """The compiled kernel, float32."""
    torch.set_num_threads(threads)
    return _Longshort(backend="native")


def torch_backend(threads: int) -> Peer:
    """Torch's kernels with almost no padding."""
    torch.set_num_threads(threads)
    return _Longshort(backend="torch")


def bfloat16(threads: int) -> Peer:
    """The compiled kernel with bfloat16 weights and float32 sums."""
    torch.set_num_threads(threads)
    return _Longshort(tolerance=5e-2, backend="native", precision="bf16")


class _Longshort:
    """Refuses if this version of longshort lacks the backend or the argument."""

    def __init__(self, *, tolerance: float = 1e-3, **arguments: str) -> None:
        self.tolerance = tolerance
        self._arguments = arguments

    def prepare(self, problem: Problem | Epoch) -> Task:
        unknown = self._arguments.keys() - inspect.signature(longshort.LSTM).parameters.keys()
        if unknown:
            raise Refusal(f"longshort.LSTM does not take {', '.join(unknown)}")
        try:
            return TorchPeer(InPlace, partial(_lstm, self._arguments)).prepare(problem)
        except BackendError as error:
            raise Refusal(error.message) from None


def _lstm(arguments: dict[str, str], hidden: int) -> nn.Module:
    return longshort.LSTM(hidden, hidden, **arguments)  # type: ignore[arg-type]


class InPlace:
    """The ragged batch itself."""

    def __init__(self, lengths: Integers) -> None:
        self._lengths = torch.from_numpy(lengths)
        self.rows = torch.arange(len(lengths))

    def spread(self, values: Tensor) -> list[Tensor]:
        return [values]

    def embed(self, parts: list[Tensor], table: Tensor | None) -> list[Tensor | Shared]:
        """Embed each distinct token once, like `longshort.EmbeddingLSTM`."""
        if table is None:
            return [*parts]
        tokens = longshort.Ragged(parts[0], self._lengths)
        return [Shared.of(tokens, lambda words: embedding(words, table))]

    def run(self, lstm: nn.Module, parts: Sequence[Tensor | Shared]) -> Outputs:
        given = parts[0]
        output, (h, c) = lstm(given if isinstance(given, Shared) else longshort.Ragged(given, self._lengths))
        return Outputs([output.values], h[0], c[0])

    def restore(self, parts: Sequence[Tensor]) -> Tensor:
        return parts[0]

    def mean(self, parts: Sequence[Tensor]) -> Tensor:
        return longshort.Ragged(parts[0], self._lengths).pool("mean")
