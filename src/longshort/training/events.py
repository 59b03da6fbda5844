"""The events of a run, for progress bars, log files and tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longshort.training.records import EpochRecord

if TYPE_CHECKING:
    from torch import nn

    from longshort.networks import Batch

__all__ = ["Listener", "Listeners", "Progress", "Update"]


@dataclass(frozen=True)
class Update:
    """One update of the weights. Listeners may read it but must not change it.

    Args:
        step: number of the update, counted from 1 over the whole training.
        network: holds the weights and their gradients, clipped to `gradient_clip`.
        batch: the examples of the gradient.
        gradient_norm: norm of the gradient of all weights together, before clipping.
        learning_rate: of this update.
    """

    step: int
    network: nn.Module
    batch: Batch
    gradient_norm: float
    learning_rate: float


class Listener:
    """Receives events and ignores them; override the methods you need."""

    def stage(self, text: str) -> None:
        """A stage of the run begins."""

    def note(self, text: str) -> None:
        """A sentence for the user."""

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Epoch `epoch` of `epochs`, counted from 1, begins; it has `batches` steps."""

    def update_started(self, update: Update) -> None:
        """The gradients are computed and finite; the weights are about to change."""

    def update_ended(self, update: Update) -> None:
        """The weights have changed; the gradients are still available."""

    def step(self, batch: int, loss: float) -> None:
        """Step `batch` of the epoch, counted from 1, is done; `loss` is its mean loss in nats."""

    def epoch_ended(self, record: EpochRecord) -> None:
        """The epoch is finished and validated. Whatever a listener adds to `record` is stored in the history."""


class Listeners(Listener):
    """Forwards every event to several listeners, in order."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)

    def stage(self, text: str) -> None:
        """Forward."""
        for listener in self._listeners:
            listener.stage(text)

    def note(self, text: str) -> None:
        """Forward."""
        for listener in self._listeners:
            listener.note(text)

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Forward."""
        for listener in self._listeners:
            listener.epoch_started(epoch, epochs, batches)

    def update_started(self, update: Update) -> None:
        """Forward."""
        for listener in self._listeners:
            listener.update_started(update)

    def update_ended(self, update: Update) -> None:
        """Forward."""
        for listener in self._listeners:
            listener.update_ended(update)

    def step(self, batch: int, loss: float) -> None:
        """Forward."""
        for listener in self._listeners:
            listener.step(batch, loss)

    def epoch_ended(self, record: EpochRecord) -> None:
        """Forward."""
        for listener in self._listeners:
            listener.epoch_ended(record)


class Progress(Listener):
    """Forwards only what moves a progress bar; for runs of many trainings.

    Args:
        listener: receives `epoch_started` and `step`.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Forward."""
        self._listener.epoch_started(epoch, epochs, batches)

    def step(self, batch: int, loss: float) -> None:
        """Forward."""
        self._listener.step(batch, loss)
