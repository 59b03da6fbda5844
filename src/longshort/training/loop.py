"""The one training loop."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from longshort.config import TrainingSettings
from longshort.data.batches import POOL, plan_batches
from longshort.errors import NonFiniteError
from longshort.tasks import Dataset, Objective, mean_loss_and_accuracy
from longshort.training.dials import Dials, choose_dials
from longshort.training.events import EpochRecord, Listener, Listeners, Update
from longshort.training.interrupt import Interrupt
from longshort.training.optimizer import learning_rate_at, make_optimizer, running_mean
from longshort.training.statistics import Statistics

__all__ = ["Training", "TrainingResult"]


@dataclass(frozen=True)
class TrainingResult:
    """What a training leaves beside the network, which holds the best weights.

    Args:
        history: one record per finished epoch.
        dials: how many epochs were planned, and how large the batches were.
        best_epoch: the epoch whose weights the network holds, counted from 1; 0 when none was finished.
        ended: why it ended: all epochs done, no better validation loss for `patience` epochs, or Ctrl-C.
    """

    history: list[EpochRecord]
    dials: Dials
    best_epoch: int
    ended: Literal["finished", "patience", "interrupted"]


class Training:
    """Trains a network: for each epoch forward, loss, backpropagation, update, evaluate.

    The best epoch is the one with the lowest validation loss (without validation examples, the last one).

    Args:
        objective: says what the loss is and which answers are right.
        network: changed in place.
        examples: the training split.
        validation: chooses the best epoch and stops early; may be None.
        settings: how long, how fast, when to stop.
        listener: is told what happens.
        on_better: called after each epoch that is the best so far, with a network that holds the weights to keep.
        weights: how much each example counts in the loss, `(examples,)` above 0, of "train" and of "validation"; those
            of a part are taken relative to their mean. All count alike where there are none.
    """

    def __init__(
        self,
        objective: Objective,
        network: nn.Module,
        examples: Dataset,
        validation: Dataset | None,
        settings: TrainingSettings,
        listener: Listener | None = None,
        *,
        on_better: Callable[[nn.Module], None] | None = None,
        weights: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.objective, self.network, self.settings = objective, network, settings
        self.examples, self.validation = examples, validation
        self.dials = choose_dials(settings, examples.lengths)
        # A normalisation over the batch would take sequences of one length for all of them.
        normalises = any(isinstance(each, nn.BatchNorm1d) for each in network.modules())
        self.pool = max(1, self.dials.batch_tokens // int(examples.lengths.max())) if normalises else POOL
        recorders = [Statistics(objective, settings.gradient_clip)] if settings.statistics else []
        self.listener = Listeners([*recorders, listener or Listener()])
        self._on_better = on_better or (lambda _: None)
        self.optimizer = make_optimizer(network, settings)
        self.average = running_mean(network, settings.averaging)
        self.kept: nn.Module = self.average.module if self.average else network
        self.history: list[EpochRecord] = []
        self.best_epoch, self.best_loss, self.best_weights = 0, math.inf, copy.deepcopy(network.state_dict())
        self.steps = 0
        self._weights = {part: torch.as_tensor(each / each.mean()).float() for part, each in (weights or {}).items()}
        balanced = settings.class_weights == "balanced"
        self._class_weights = objective.balance(torch.as_tensor(examples.targets)) if balanced else None

    def run(self) -> TrainingResult:
        """Train to the end, then put the best weights back.

        Raises:
            NonFiniteError: the loss or the gradient became NaN or infinite; the network holds the best weights so far.
        """
        ended: Literal["finished", "patience", "interrupted"] = "finished"
        with torch.random.fork_rng(devices=[]), Interrupt() as interrupt:
            torch.manual_seed(self.settings.seed + 1)  # the dropout; the first weights were drawn with the seed itself
            try:
                for epoch in range(1, self.dials.epochs + 1):
                    self.run_epoch(epoch, interrupt)
                    if interrupt.requested:
                        ended = "interrupted"
                        break
                    if self._out_of_patience(epoch):
                        ended = "patience"
                        break
            finally:
                self.network.load_state_dict(self.best_weights)
        return TrainingResult(self.history, self.dials, self.best_epoch, ended)

    def run_epoch(self, epoch: int, interrupt: Interrupt) -> None:
        """One pass over the training split and its evaluation; it ends after the step in which it is interrupted."""
        began = time.perf_counter()
        order = np.random.default_rng([self.settings.seed, epoch])
        plan = plan_batches(self.examples.lengths, self.dials.batch_tokens, generator=order, pool=self.pool)
        self.listener.epoch_started(epoch, self.dials.epochs, len(plan))
        self.network.train()
        loss = norm = 0.0
        correct: float | None = 0.0
        done = 0
        for number, indices in enumerate(plan, start=1):
            done += len(indices)
            progress = (epoch - 1 + done / len(self.examples)) / self.dials.epochs
            step_loss, step_correct, step_norm = self.step(indices, learning_rate_at(progress, self.settings))
            loss, norm = loss + step_loss * len(indices), max(norm, step_norm)
            correct = None if correct is None or step_correct is None else correct + step_correct
            self.listener.step(number, step_loss)
            if interrupt.requested:
                return
        accuracy = None if correct is None else correct / done
        self._end_epoch(epoch, loss / done, accuracy, norm, time.perf_counter() - began)

    def step(self, indices: np.ndarray, learning_rate: float) -> tuple[float, float | None, float]:
        """Forward, loss, backpropagation, update: mean loss, number of right answers if any, norm of the gradient."""
        batch = self.examples.batch(indices)
        logits = self.network(batch.inputs)
        losses = self.objective.losses(logits, batch.targets, self._class_weights)
        loss = (losses * self._weights["train"][indices] if "train" in self._weights else losses).mean()
        self._check_finite(loss, "loss", batch.rows)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.gradient_clip)
        self._check_finite(norm, "gradient", batch.rows)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate * group["share"]
        update = Update(self.steps + 1, self.network, batch, norm.item(), learning_rate)
        self.listener.update_started(update)
        self.optimizer.step()
        if self.average:
            self.average.update_parameters(self.network)
        self.steps += 1
        self.listener.update_ended(update)
        right = self.objective.correct(logits, batch.targets)
        return loss.item(), None if right is None else float(right.sum()), update.gradient_norm

    def _check_finite(self, value: Tensor, what: str, rows: np.ndarray) -> None:
        if bool(torch.isfinite(value)):
            return
        shown = ", ".join(str(row) for row in rows[:5].tolist()) + (", ..." if len(rows) > 5 else "")
        raise NonFiniteError(
            f"The {what} must be finite. Got {value.item()} at step {self.steps + 1} (rows {shown}); "
            "the update was not made.",
            "Try a smaller --learning-rate or --gradient-clip, and look at those rows.",
            step=self.steps + 1,
            rows=rows.tolist(),
        )

    def _check_weights(self) -> None:
        """The last update of an epoch may have overflowed without a later step to notice it."""
        if all(bool(torch.isfinite(weight).all()) for weight in self.kept.parameters()):
            return
        raise NonFiniteError(
            f"The weights must be finite. They are not after step {self.steps}; the best ones before it are kept.",
            "Try a smaller --learning-rate or --weight-decay.",
            step=self.steps,
            rows=[],
        )

    def _end_epoch(self, epoch: int, loss: float, accuracy: float | None, norm: float, seconds: float) -> None:
        self._check_weights()
        validation_loss, validation_accuracy = self._validate()
        record = EpochRecord(
            epoch=epoch,
            train_loss=loss,
            train_accuracy=accuracy,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            learning_rate=self.optimizer.param_groups[0]["lr"],
            gradient_norm=norm,
            seconds=seconds,
        )
        self.history.append(record)
        # Without a validation split, the last epoch is the best.
        if validation_loss is None or validation_loss < self.best_loss:
            self.best_epoch, self.best_loss = epoch, math.inf if validation_loss is None else validation_loss
            self.best_weights = copy.deepcopy(self.kept.state_dict())
            self._on_better(self.kept)
        self.listener.epoch_ended(record)

    def _validate(self) -> tuple[float | None, float | None]:
        if self.validation is None or not len(self.validation):
            return None, None
        return mean_loss_and_accuracy(self.objective, self.kept, self.validation, self._weights.get("validation"))

    def _out_of_patience(self, epoch: int) -> bool:
        return self.validation is not None and epoch - self.best_epoch >= self.dials.patience
