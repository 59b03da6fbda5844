"""Checkpoints of a training: what they hold, how often they are saved, how they are restored."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from longshort.plain import Plain

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
"""Largest share of the training time that checkpoints may take."""

SECONDS = 10.0
"""Least time between two checkpoints within an epoch."""

WRITTEN_PER_SECOND = 200e6
"""Assumed write speed in bytes per second; estimates the cost of the first checkpoint."""

SYNCHRONISED = 0.02
"""Assumed fixed cost of a checkpoint, in seconds."""


@dataclass(frozen=True)
class Snapshot:
    """The complete state of a training: enough to resume it exactly.

    Args:
        tensors: by name; any shape and dtype.
        facts: JSON-serialisable values, without NaN or infinity.
    """

    tensors: dict[str, Tensor]
    facts: Plain

    @property
    def size(self) -> int:
        """Bytes of all tensors."""
        return sum(each.numel() * each.element_size() for each in self.tensors.values())

    def is_finite(self) -> bool:
        """Whether no tensor holds NaN or infinity."""
        return all(bool(each.isfinite().all()) for each in self.tensors.values() if each.is_floating_point())


class Checkpoints(Protocol):
    """Stores the snapshots of one training; `longshort.runs.checkpoints` stores them in a folder."""

    def of(self, name: str) -> Checkpoints:
        """Return the store of one training among several."""
        ...

    def load(self) -> Snapshot | None:
        """Load the newest intact snapshot; None if there is none."""
        ...

    def save(self, snapshot: Snapshot) -> None:
        """Save a snapshot, and keep the one before it.

        Raises:
            StorageError: it cannot be written; earlier snapshots stay.
        """
        ...

    def reserve(self, size: int) -> None:
        """Check that there is room for snapshots of `size` bytes.

        Raises:
            StorageError: there is not.
        """
        ...


@dataclass
class Position:
    """The position within a training: the current epoch, and running sums over its finished steps.

    Args:
        epoch: counted from 1.
        batch: finished steps.
        examples: examples in those steps.
        loss: sum over the examples, in nats.
        correct: number of correct answers; None if answers are neither right nor wrong.
        norm: largest gradient norm before clipping.
        seconds: time spent in the epoch.
    """

    epoch: int = 1
    batch: int = 0
    examples: int = 0
    loss: float = 0.0
    correct: float | None = 0.0
    norm: float = 0.0
    seconds: float = 0.0

    def add(self, examples: int, loss: float, correct: float | None, norm: float) -> None:
        """Add one step: its examples, mean loss, correct answers and gradient norm."""
        self.batch, self.examples = self.batch + 1, self.examples + examples
        self.loss, self.norm = self.loss + loss * examples, max(self.norm, norm)
        self.correct = None if self.correct is None or correct is None else self.correct + correct


@dataclass
class Pace:
    """Decides when a checkpoint is due: together they take at most a hundredth of the training time.

    Args:
        size: bytes of a checkpoint; estimates the cost of the first one.
    """

    size: int
    spent: float = 0.0
    cost: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.last = time.perf_counter()
        self.cost = SYNCHRONISED + self.size / WRITTEN_PER_SECOND

    def due(self, *, within_epoch: bool) -> bool:
        """Whether to save a checkpoint now, within an epoch or at its end."""
        now = time.perf_counter()
        if within_epoch and now - self.last < SECONDS:
            return False
        return self.spent + self.cost <= SHARE * (now - self.began)

    def note(self, began: float) -> None:
        """Record a checkpoint that was started at `time.perf_counter()` of `began` and is written now."""
        self.last = time.perf_counter()
        self.cost = self.last - began
        self.spent += self.cost


class Keeper:
    """Saves a training periodically, at its end and when it is interrupted; does nothing without `checkpoints`.

    Args:
        checkpoints: the store.
        state: returns the current state of the training.
    """

    def __init__(self, checkpoints: Checkpoints | None, state: Callable[[], Snapshot]) -> None:
        self._checkpoints, self._state = checkpoints, state
        self._kept: Plain | None = None
        self._pace: Pace | None = None

    def load(self) -> Snapshot | None:
        """Load the newest intact snapshot; None if there is none."""
        found = self._checkpoints.load() if self._checkpoints else None
        if found:
            self._kept = found.facts.get("at")
        return found

    def begin(self, size: int) -> None:
        """Check that there is room for snapshots of about `size` bytes, and start the clock."""
        if self._checkpoints:
            self._checkpoints.reserve(size)
            self._pace = Pace(size)

    def keep_if_due(self, *, within_epoch: bool) -> None:
        """Save the training if a checkpoint is due."""
        if self._pace and self._pace.due(within_epoch=within_epoch):
            self.keep()

    def keep(self) -> None:
        """Save the training, unless this state is saved already or holds NaN or infinity."""
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
    """Prepend `prefix` and a dot to the names of tensors."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}


def unpack(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors that `pack` gave this prefix, under their own names."""
    start = f"{prefix}."
    return {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}


def pack_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimizer's state of each parameter, step counts included, as `<parameter>.<what>`."""
    remembered = optimizer.state_dict()["state"]
    return {f"{number}.{what}": value for number, each in remembered.items() for what, value in each.items()}


def unpack_optimizer(optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor], rates: Iterable[float]) -> None:
    """Restore what `pack_optimizer` returned, and the learning rate of each group."""
    remembered: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, what = name.split(".")
        remembered.setdefault(int(number), {})[what] = tensor
    groups = optimizer.state_dict()["param_groups"]
    for group, rate in zip(groups, rates, strict=True):
        group["lr"] = rate
    optimizer.load_state_dict({"state": remembered, "param_groups": groups})
