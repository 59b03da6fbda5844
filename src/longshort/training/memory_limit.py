"""How much memory a training takes, before it takes it, and how much of a batch goes through the network at a time."""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map_only

from longshort import machine
from longshort.errors import MemoryLimitError
from longshort.lstm.compiled import keep_free
from longshort.ragged import Ragged
from longshort.tasks import Dataset, Objective
from longshort.tasks.inference import BATCH_TOKENS

__all__ = [
    "MemoryPlan",
    "OutOfMemory",
    "can_read_in_parts",
    "is_out_of_memory",
    "keep_little",
    "plan_memory",
    "short_of_memory",
    "size",
]

PROCESS = 700e6
"""Bytes that Python, torch and the libraries for tables take before a training begins; measured, on Linux: 0.65e9."""

SPARE = 0.9
"""Of the computer's memory, what a training may take where no limit is given: other programs need some."""

MUCH = 0.25
"""Of the memory that may be taken: what is worth a sentence."""

MARGIN = 1.6
"""On the tensors of a step: the kernel's own room, and what the allocator does not use again; measured 1.44 to 1.7."""

PARTS = 1.4
"""The same where texts are read in parts: they are embedded whole, and the allocator has more sizes to keep."""

KEPT_FREE = 2**26
"""Bytes that the kernel may keep for its next step, where memory is short; it keeps up to 2^30 otherwise."""

PROBE = 8_192
"""Tokens of the larger one of two steps that are measured; what more take follows from them in a straight line."""

FEWEST_TOKENS = 64
"""At a time. With fewer, a training would hardly move."""

ADVICE = (
    "Raise --memory-limit where the computer has more; or make the network smaller (--hidden-size, "
    "--vocabulary-limit), or sequences of numbers shorter (--window)."
)

OutOfMemory = (MemoryError, RuntimeError)
"""What may mean that memory ran out; `is_out_of_memory` tells."""


def is_out_of_memory(error: Exception) -> bool:
    """Whether it says that there was no memory left, on the processor or a graphics card."""
    words = str(error)
    known = ("can't allocate memory", "not enough memory", "out of memory", "Cannot allocate memory", "bad_alloc")
    return isinstance(error, MemoryError | torch.OutOfMemoryError) or any(each in words for each in known)


@dataclass(frozen=True)
class MemoryPlan:
    """What a training takes.

    Args:
        needed: bytes of the whole process, where batches go through the network whole.
        limit: bytes that it may take.
        most_tokens: that go through the network at a time; None where batches fit whole.
        longest: tokens of the longest example.
        asked: whether the limit was given.
    """

    needed: int
    limit: int
    most_tokens: int | None
    longest: int
    asked: bool

    @property
    def sentence(self) -> str | None:
        """What the user should know of it; None where it is little and nobody asked."""
        if self.most_tokens is None:
            said = f"The training takes about {size(self.needed)} of memory, and {size(self.limit)} may be taken."
            return said if self.asked or self.needed > MUCH * self.limit else None
        long = (
            f" The longest text has {self.longest:,}: it is read in parts of {self.most_tokens:,}, each from the "
            "states that the one before it left, and no gradients flow between them (truncated backpropagation)."
        )
        return (
            f"Whole batches would take about {size(self.needed)} of memory, and {size(self.limit)} may be taken: "
            f"they go through the network {self.most_tokens:,} tokens at a time, and are learnt from together."
            + long
            * (self.longest > self.most_tokens)
        )


def plan_memory(
    objective: Objective, network: nn.Module, examples: Dataset, batch_tokens: int, limit: int | None, averaged: bool
) -> MemoryPlan:
    """Measure two small steps on a copy of the network, and reckon what the largest batch takes.

    Args:
        objective: says what the loss is.
        network: stays as it is.
        examples: the training split, with at least one example.
        batch_tokens: tokens of a batch, unless one example alone is longer.
        limit: bytes that the process may take; nine tenths of the computer's memory where None.
        averaged: whether a running mean of the weights is kept.

    Raises:
        MemoryLimitError: not even a few tokens at a time would fit.
    """
    lengths = examples.lengths
    longest, total = max(1, int(lengths.max())), max(1, int(lengths.sum()))
    allowed = int(machine.memory() * SPARE) if limit is None else limit
    if limit is not None:
        keep_little()
    weights = sum(each.numel() * each.element_size() for each in network.state_dict().values())
    held = int(PROCESS) + weights * (4 + averaged) * 2 + 8 * total  # a checkpoint holds as much again
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
            f"This training takes about {size(int(least_limit))} of memory at least. It may take {size(allowed)}.",
            ADVICE,
        )
    return MemoryPlan(needed, allowed, fitting, longest, limit is not None)


def keep_little() -> None:
    """From here on the kernel gives back most of what it does not use at once: slower, in less memory."""
    keep_free(KEPT_FREE)


def can_read_in_parts(network: nn.Module) -> bool:
    """Whether it can read one long sequence in parts, of `part_tokens` each."""
    return hasattr(network, "part_tokens")


def short_of_memory(tokens: int) -> MemoryLimitError:
    """What to raise where even a part of a batch finds no memory."""
    return MemoryLimitError(
        f"Memory ran out with {tokens:,} tokens at a time, and fewer cannot be taken; the update was not made.",
        f"Close other programs. {ADVICE}",
    )


def size(count: int) -> str:
    """Bytes as people read them: 512 MB, 3.4 GB."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


class _Steps:
    """Steps on a copy of the network, with as many tokens of the longest example, or copies of it, as are asked for."""

    def __init__(self, objective: Objective, network: nn.Module, examples: Dataset, longest: int) -> None:
        self._objective, self._examples, self._longest = objective, examples, longest
        self._network = copy.deepcopy(network).train()
        self._row = int(np.argmax(examples.lengths))

    def bytes(self, tokens: int, *, answer: bool = False) -> int:
        """At most live at once in forward and backpropagation, or in answering alone."""
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
    """Counts the bytes of all tensors that are made while it watches, until they are gone."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._held: set[int] = set()
        self._now = self.most = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
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
