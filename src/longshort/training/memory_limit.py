"""Estimate the memory of a training in advance, and split batches so that it stays within a limit."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from longshort import machine
from longshort.errors import MemoryLimitError
from longshort.lstm.compiled import keep_free
from longshort.networks import Dataset, Objective
from longshort.networks.inference import BATCH_TOKENS
from longshort.ragged import Ragged

__all__ = [
    "MemoryPlan",
    "OutOfMemory",
    "can_read_in_parts",
    "is_out_of_memory",
    "memory_error",
    "plan_memory",
    "shrink_kernel_cache",
    "size",
]

PROCESS = 700e6
"""Bytes that Python, torch and the table libraries take before training; 0.65e9 measured on Linux."""

SPARE = 0.9
"""Share of the computer's memory that a training may take by default; other programs need the rest."""

MUCH = 0.25
"""Share of the limit above which the need is reported unasked."""

MARGIN = 1.6
"""Factor on the tensors of a step, for kernel scratch and fragmentation; 1.44 to 1.7 measured."""

PARTS = 1.4
"""Further factor for texts read in parts: they are embedded whole, and there are more allocation sizes."""

KEPT_FREE = 2**26
"""Bytes that the kernel may cache for its next step when memory is short; otherwise up to 2^30."""

PROBE = 8_192
"""Tokens of the larger of two measured steps; larger sizes are extrapolated linearly."""

FEWEST_TOKENS = 64
"""Fewest tokens at a time: fewer would be too slow."""

ADVICE = (
    "Raise --memory-limit if the computer has more memory, make the network smaller (--hidden-size, "
    "--vocabulary-limit), or shorten numeric sequences (--window)."
)

OutOfMemory = (MemoryError, RuntimeError)
"""Errors that may mean that memory ran out; check with `is_out_of_memory`."""


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error means that memory ran out, on the CPU or a GPU."""
    words = str(error)
    known = ("can't allocate memory", "not enough memory", "out of memory", "Cannot allocate memory", "bad_alloc")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(each in words for each in known)


@dataclass(frozen=True)
class MemoryPlan:
    """The memory that a training needs, and how it keeps within its limit.

    Args:
        needed: bytes of the whole process with whole batches.
        limit: bytes that it may take.
        most_tokens: tokens that the network processes at a time; None if batches fit whole.
        longest: tokens of the longest example.
        asked: whether the user gave the limit.
    """

    needed: int
    limit: int
    most_tokens: int | None
    longest: int
    asked: bool

    @property
    def sentence(self) -> str | None:
        """A sentence for the user; None if the need is small and no limit was given."""
        if self.most_tokens is None:
            need = f"Training needs about {size(self.needed)} of memory; the limit is {size(self.limit)}."
            return need if self.asked or self.needed > MUCH * self.limit else None
        long = (
            f" The longest text has {self.longest:,}: it is read in parts of {self.most_tokens:,}, each starting from "
            "the final states of the previous one, without gradients between parts (truncated backpropagation)."
        )
        return (
            f"Whole batches would need about {size(self.needed)} of memory; the limit is {size(self.limit)}. "
            f"Gradients are accumulated over {self.most_tokens:,} tokens at a time."
            + long
            * (self.longest > self.most_tokens)
        )


def plan_memory(
    objective: Objective, network: nn.Module, examples: Dataset, batch_tokens: int, limit: int | None, averaged: bool
) -> MemoryPlan:
    """Measure two small steps on a copy of the network, and extrapolate to the largest batch.

    Args:
        objective: defines the loss.
        network: not changed.
        examples: the training split, with at least one example.
        batch_tokens: tokens per batch, unless a single example is longer.
        limit: bytes that the process may take; nine tenths of the computer's memory if None.
        averaged: whether a running mean of the weights is kept.

    Raises:
        MemoryLimitError: even a few tokens at a time would not fit.
    """
    lengths = examples.lengths
    longest, total = max(1, int(lengths.max())), max(1, int(lengths.sum()))
    allowed = int(machine.memory() * SPARE) if limit is None else limit
    if limit is not None:
        shrink_kernel_cache()
    weights = sum(each.numel() * each.element_size() for each in network.state_dict().values())
    held = int(PROCESS) + weights * (4 + averaged) * 2 + 8 * total  # checkpoints double the weights
    steps = _Steps(objective, network, examples, longest)
    large = min(PROBE, max(batch_tokens, longest))
    least, most = (MARGIN * steps.bytes(tokens) for tokens in (max(1, large // 2), large))
    each = max(most - least, 0.0) / max(1, large - large // 2)
    step = held + int(most + each * (max(batch_tokens, longest) - large))
    answers = held + int(MARGIN * steps.bytes(large, answer=True) / large * min(max(BATCH_TOKENS, longest), total))
    needed = max(step, answers)
    if needed <= allowed:
        return MemoryPlan(needed, allowed, None, longest, limit is not None)
    fitting = int((allowed - held - most) / each) + large if each else 0
    if longest > fitting:
        fitting = int(fitting / PARTS)
    fewest = min(FEWEST_TOKENS, longest) if can_read_in_parts(network) else longest
    if fitting < fewest:
        least_limit = held + most + each * (fewest - large)
        raise MemoryLimitError(
            f"This training needs at least about {size(int(least_limit))} of memory. The limit is {size(allowed)}.",
            ADVICE,
        )
    return MemoryPlan(needed, allowed, fitting, longest, limit is not None)


def shrink_kernel_cache() -> None:
    """Let the kernel free most scratch memory after each call from now on: slower, but smaller."""
    keep_free(KEPT_FREE)


def can_read_in_parts(network: nn.Module) -> bool:
    """Whether the network can read a long sequence in parts of `part_tokens`."""
    return hasattr(network, "part_tokens")


def memory_error(tokens: int) -> MemoryLimitError:
    """Return the error for a part of a batch that does not fit and cannot be made smaller."""
    return MemoryLimitError(
        f"Memory ran out with {tokens:,} tokens at a time, which cannot be reduced; the update was not made.",
        f"Close other programs. {ADVICE}",
    )


def size(count: int) -> str:
    """Format bytes: 512 MB, 3.4 GB."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


class _Steps:
    """Trial steps on a copy of the network, on a prefix of the longest example or on copies of it."""

    def __init__(self, objective: Objective, network: nn.Module, examples: Dataset, longest: int) -> None:
        self._objective, self._examples, self._longest = objective, examples, longest
        self._network = copy.deepcopy(network).train()
        self._row = int(np.argmax(examples.lengths))

    def bytes(self, tokens: int, *, answer: bool = False) -> int:
        """Measure the peak bytes of tensors in a training step, or in the forward pass alone if `answer`."""
        count = max(1, tokens // self._longest)
        batch = self._examples.batch(np.full(count, self._row))
        inputs = batch.inputs
        if self._longest > tokens:
            inputs = Ragged(inputs.values[:tokens], torch.tensor([tokens]))
        self._network.train(not answer)

        def step() -> None:
            losses = self._objective.losses(self._network(inputs), batch.targets)
            if not answer:
                losses.mean().backward()  # type: ignore[no-untyped-call]

        with torch.random.fork_rng(devices=[]), torch.set_grad_enabled(not answer):
            found = _most_at_once(step)
        self._network.zero_grad()
        return found


def _most_at_once(call: Callable[[], None]) -> int:
    with _Watch() as watch:
        call()
    most: int = watch.most
    return most


class _Watch(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Counts the bytes of the live tensors that are made while it is active."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._held: set[int] = set()
        self._now = self.most = 0

    def __torch_dispatch__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        found = func(*args, **(kwargs or {}))
        tree_map_only(Tensor, self._see, found)
        return found

    def _see(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        key, count = storage._cdata, storage.nbytes()
        if key not in self._held:
            self._held.add(key)
            self._now += count
            self.most = max(self.most, self._now)
            weakref.finalize(storage, self._forget, key, count)

    def _forget(self, key: int, count: int) -> None:
        self._held.discard(key)
        self._now -= count
