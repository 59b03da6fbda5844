"""What a training is between two steps, how often it is kept, and where it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch import Tensor

__all__ = [
    "Checkpoints",
    "Keeper",
    "Pace",
    "Position",
    "Snapshot",
    "pack",
    "pack_optimizer",
    "unpack",
    "unpack_optimizer",
]

SHARE = 0.01
"""Of the time that a training has taken, the part that may have gone into keeping it."""

SECONDS = 10.0
"""Between two checkpoints within an epoch, at least."""

WRITTEN_PER_SECOND = 200e6
"""Bytes; what a first checkpoint is taken to cost, before one was written."""

SYNCHRONISED = 0.02
"""Seconds that even a small one is taken to cost."""


@dataclass(frozen=True)
class Snapshot:
    """All that a training needs to go on as if nothing had happened.

    Args:
        tensors: by name; any shape and dtype.
        facts: what JSON can hold: no NaN, no infinity.
    """

    tensors: dict[str, Tensor]
    facts: dict[str, Any]

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return sum(each.numel() * each.element_size() for each in self.tensors.values())

    def is_finite(self) -> bool:
        """Whether no tensor holds NaN or infinity."""
        return all(bool(each.isfinite().all()) for each in self.tensors.values() if each.is_floating_point())


class Checkpoints(Protocol):
    """Where the snapshots of one training are kept; `longshort.runs.checkpoints` keeps them in a folder."""

    def of(self, name: str) -> Checkpoints:
        """Those of one training among several."""
        ...

    def load(self) -> Snapshot | None:
        """The newest good one; None where there is none."""
        ...

    def save(self, snapshot: Snapshot) -> None:
        """Keep it, and the one before it.

        Raises:
            StorageError: it cannot be written; the ones before it stay.
        """
        ...

    def reserve(self, size: int) -> None:
        """Make sure that there is room for snapshots of `size` bytes.

        Raises:
            StorageError: there is not.
        """
        ...


@dataclass
class Position:
    """Where a training stands: the epoch that runs, and sums over what of it is done.

    Args:
        epoch: counted from 1.
        batch: steps that are done.
        examples: those in them.
        loss: sum over the examples, in nats.
        correct: right answers; None where nothing is right or wrong.
        norm: the largest norm of a gradient, before it was cut.
        seconds: that it took.
    """

    epoch: int = 1
    batch: int = 0
    examples: int = 0
    loss: float = 0.0
    correct: float | None = 0.0
    norm: float = 0.0
    seconds: float = 0.0

    def add(self, examples: int, loss: float, correct: float | None, norm: float) -> None:
        """One more step: its examples, their mean loss, its right answers and the norm of its gradient."""
        self.batch, self.examples = self.batch + 1, self.examples + examples
        self.loss, self.norm = self.loss + loss * examples, max(self.norm, norm)
        self.correct = None if self.correct is None or correct is None else self.correct + correct


@dataclass
class Pace:
    """Says when a checkpoint is worth its time: all of them together take a hundredth of the training's.

    Args:
        size: bytes of a checkpoint, by which the cost of the first one is guessed.
    """

    size: int
    spent: float = 0.0
    cost: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.last = time.perf_counter()
        self.cost = SYNCHRONISED + self.size / WRITTEN_PER_SECOND

    def due(self, *, within_epoch: bool) -> bool:
        """Whether now is the time, at the end of an epoch or within one."""
        now = time.perf_counter()
        if within_epoch and now - self.last < SECONDS:
            return False
        return self.spent + self.cost <= SHARE * (now - self.began)

    def note(self, began: float) -> None:
        """A checkpoint was written, from `time.perf_counter()` of `began` until now."""
        self.last = time.perf_counter()
        self.cost = self.last - began
        self.spent += self.cost


class Keeper:
    """Keeps a training, from time to time, at its end and when it is interrupted; nothing without `checkpoints`.

    Args:
        checkpoints: where.
        state: gives the training as it is.
    """

    def __init__(self, checkpoints: Checkpoints | None, state: Callable[[], Snapshot]) -> None:
        self._checkpoints, self._state = checkpoints, state
        self._kept: dict[str, Any] | None = None
        self._pace: Pace | None = None

    def load(self) -> Snapshot | None:
        """The newest good snapshot; None where there is none."""
        found = self._checkpoints.load() if self._checkpoints else None
        if found:
            self._kept = found.facts.get("at")
        return found

    def begin(self, size: int) -> None:
        """Make sure that there is room for snapshots of about `size` bytes; time counts from now on."""
        if self._checkpoints:
            self._checkpoints.reserve(size)
            self._pace = Pace(size)

    def keep_if_due(self, *, within_epoch: bool) -> None:
        """Keep the training if that is worth its time."""
        if self._pace and self._pace.due(within_epoch=within_epoch):
            self.keep()

    def keep(self) -> None:
        """Keep the training as it is, unless it is kept already, or holds NaN or infinity."""
        began = time.perf_counter()
        if self._checkpoints is None:
            return
        snapshot = self._state()
        if snapshot.facts["at"] == self._kept or not snapshot.is_finite():
            return
        self._checkpoints.save(snapshot)
        self._kept = snapshot.facts["at"]
        if self._pace:
            self._pace.note(began)


def pack(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The same tensors, with `prefix` and a dot before their names."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def unpack(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Those that `pack` gave this prefix, under their own names."""
    start = f"{prefix}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def pack_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """What an optimizer remembers of each parameter, its step count too, as `<parameter>.<what>`."""
    remembered = optimizer.state_dict()["state"]
    return {f"{number}.{what}": value for number, each in remembered.items() for what, value in each.items()}


def unpack_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], rates: Iterable[float]) -> None:
    """Put back what `pack_optimizer` gave, and the learning rate of each group."""
    remembered: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, what = name.split(".")
        remembered.setdefault(int(number), {})[what] = tensor
    groups = optimizer.state_dict()["param_groups"]
    for group, rate in zip(groups, rates, strict=True):
        group["lr"] = rate
    optimizer.load_state_dict({"state": remembered, "param_groups": groups})
