"""What happens during a run, told to whoever listens: a progress bar, a log file, a test."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict

__all__ = ["EpochRecord", "Listener", "Listeners"]


class EpochRecord(TypedDict):
    """One line of the history. Losses are means over examples, in nats; accuracies are shares.

    `train_loss` and `train_accuracy` are those of the epoch's own steps, with dropout on and weights that still move.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    learning_rate: float
    gradient_norm: float
    seconds: float


class Listener:
    """Does nothing on every event; override what you want to hear."""

    def stage(self, text: str) -> None:
        """A stage of the run begins."""

    def note(self, text: str) -> None:
        """A sentence that the user should read."""

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Epoch `epoch` of `epochs`, counted from 1, begins; it has `batches` steps."""

    def step(self, batch: int, loss: float) -> None:
        """Step `batch` of the epoch, counted from 1, is done; `loss` is its mean loss in nats."""

    def epoch_ended(self, record: EpochRecord) -> None:
        """The epoch is done and validated."""


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

    def step(self, batch: int, loss: float) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.step(batch, loss)

    def epoch_ended(self, record: EpochRecord) -> None:
        """Pass on."""
        for listener in self._listeners:
            listener.epoch_ended(record)
