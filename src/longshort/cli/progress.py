"""Progress of a run on stderr: a bar with the time left on a terminal, plain lines elsewhere."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn

from longshort.training.events import Listener
from longshort.training.records import EpochRecord

__all__ = ["ConsoleListener"]

LINES = 25
"""Most short epochs that are printed, evenly spread if there are more; train.log has them all."""

SILENCE = 10.0
"""Seconds of training after which the next epoch is printed in any case."""


class ConsoleListener(Listener):
    """Writes every stage, note and finished epoch as a line; on a terminal also a bar for the whole training.

    A context manager: the bar is gone when it ends, however it ends.

    Args:
        console: where to write; stderr when not given.
    """

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TimeRemainingColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._epochs = 0
        self._silent = 0.0

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def stage(self, text: str) -> None:
        """Print the stage; the bar only shows activity until the first epoch gives a total."""
        self._line(text)
        if self._task is not None:
            self._progress.remove_task(self._task)
        self._task = self._progress.add_task("", total=None)

    def note(self, text: str) -> None:
        """A line, set in like what belongs to a stage."""
        self._line(f"  {text}")

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """The bar stands for all epochs together."""
        self._epochs = epochs
        if self._task is None:
            self._task = self._progress.add_task("")
        done = (epoch - 1) * batches
        self._progress.update(self._task, description=f"epoch {epoch}/{epochs}", total=epochs * batches, completed=done)

    def step(self, batch: int, loss: float) -> None:
        """One step further."""
        if self._task is not None:
            self._progress.advance(self._task)

    def epoch_ended(self, record: EpochRecord) -> None:
        """For example "  epoch 1/6  train loss 0.512  validation loss 0.402  accuracy 0.823  31 s"."""
        self._silent += record["seconds"]
        evenly = record["epoch"] in (1, self._epochs) or not record["epoch"] % -(-self._epochs // LINES)
        if not evenly and self._silent < SILENCE:
            return
        self._silent = 0.0
        loss, accuracy = record["validation_loss"], record["validation_accuracy"]
        parts = [f"epoch {record['epoch']}/{self._epochs}", f"train loss {record['train_loss']:.3f}"]
        if loss is None:
            accuracy = record["train_accuracy"]
            parts += [] if accuracy is None else [f"train accuracy {accuracy:.3f}"]
        else:
            parts += [f"validation loss {loss:.3f}"]
            parts += [] if accuracy is None else [f"accuracy {accuracy:.3f}"]
        self._line("  " + "  ".join([*parts, f"{record['seconds']:.0f} s"]))

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)
