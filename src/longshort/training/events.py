"""What happens during a run, told to whoever listens: a progress bar, a log file, a test."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from longshort.training.records import EpochRecord

if TYPE_CHECKING:
    from torch import nn

    from longshort.tasks import Batch

__all__ = ["Listener", "Listeners", "Progress", "Update"]


@dataclass(frozen=True)
class Update:
    """One update of the weights; to be looked at, not to be changed.

    Args:
        step: the update, counted from 1 over the whole training.
        network: holds the weights and their gradients, cut to `gradient_clip`.
        batch: the examples that the gradient is from.
        gradient_norm: of the gradient of all weights together, before it was cut.
        learning_rate: of this update.
    """

    step: int
    network: nn.Module
    batch: Batch
    gradient_norm: float
    learning_rate: float


class Listener:
    """Does nothing on every event; override what you want to hear."""

    def stage(self, text: str) -> None:
        """A stage of the run begins."""

    def note(self, text: str) -> None:
        """A sentence that the user should read."""

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Epoch `epoch` of `epochs`, counted from 1, begins; it has `batches` steps."""

    def update_started(self, update: Update) -> None:
        """The gradients are there, and finite; the weights are about to be changed."""

    def update_ended(self, update: Update) -> None:
        """The weights have been changed; the gradients are still there."""

    def step(self, batch: int, loss: float) -> None:
        """Step `batch` of the epoch, counted from 1, is done; `loss` is its mean loss in nats."""

    def epoch_ended(self, record: EpochRecord) -> None:
        """The epoch is done and validated. What a listener adds to `record` is kept in the history."""


class Listeners(Listener):
    """Tells every event to each of several listeners, in order."""

    def __init__(self, listeners: Iterable[Listener]) -> None:
        self._listeners = tuple(listeners)

    def stage(self, text: str) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.stage(text)

    def note(self, text: str) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.note(text)

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.epoch_started(epoch, epochs, batches)

    def update_started(self, update: Update) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.update_started(update)

    def update_ended(self, update: Update) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.update_ended(update)

    def step(self, batch: int, loss: float) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.step(batch, loss)

    def epoch_ended(self, record: EpochRecord) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.epoch_ended(record)


class Progress(Listener):
    """Passes on what moves a progress bar, and none of the lines: for where there are many trainings.

    Args:
        listener: to whom.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Pass on."""
        self._listener.epoch_started(epoch, epochs, batches)

    def step(self, batch: int, loss: float) -> None:
        """Pass on."""
        self._listener.step(batch, loss)
