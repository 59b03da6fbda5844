"""The training loop, shared by every kind of task."""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from longshort.config import TrainingSettings
from longshort.data.batches import POOL, plan_batches
from longshort.errors import NonFiniteError, RunError
from longshort.networks import Dataset, Objective, mean_loss_and_accuracy
from longshort.training.checkpoint import (
    Checkpoints,
    Keeper,
    Position,
    Snapshot,
    pack,
    pack_optimizer,
    unpack,
    unpack_optimizer,
)
from longshort.training.events import Listener, Listeners, Update
from longshort.training.gradients import Gradients
from longshort.training.interrupt import Interrupt
from longshort.training.memory_limit import can_read_in_parts, plan_memory
from longshort.training.optimizer import learning_rate_at, make_optimizer, running_mean
from longshort.training.plan import TrainingPlan, choose_plan
from longshort.training.records import EpochRecord
from longshort.training.statistics import Statistics

__all__ = ["Training", "TrainingResult"]

START_NEW = "Start a new run instead of resuming."


@dataclass(frozen=True)
class TrainingResult:
    """The result of a training, besides the network, which holds the best weights.

    Args:
        history: one record per finished epoch.
        plan: planned epochs, batch size and patience.
        best_epoch: the epoch whose weights the network holds, counted from 1; 0 if none was finished.
        ended: why training ended: all epochs done, no better validation loss for `patience` epochs, or Ctrl-C or
            SIGTERM.
    """

    history: list[EpochRecord]
    plan: TrainingPlan
    best_epoch: int
    ended: Literal["finished", "patience", "interrupted"]


class Training:
    """Trains a network: in each epoch forward, loss, backpropagation, update, then validation.

    The best epoch is the one with the lowest validation loss; without validation examples, the last one.

    Args:
        objective: defines the loss and the correct answers.
        network: changed in place.
        examples: the training split.
        validation: the validation split, for early stopping and the choice of the best epoch; may be None.
        settings: duration, learning rate, stopping.
        listener: receives events.
        on_better: called after each epoch that is the best so far, with a network that holds the weights to keep.
        weights: weight of each example in the loss, `(examples,)` above 0, for "train" and "validation"; divided by
            their mean over the split. Equal weights if missing.
        checkpoints: store to resume from and to save to. A resumed training ends with the same bits as one that was
            never stopped.
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
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self.objective, self.network, self.settings = objective, network, settings
        self.examples, self.validation = examples, validation
        self.plan = choose_plan(settings, examples.lengths)
        # Sorting by length would bias a batch normalisation towards single lengths.
        normalises = any(isinstance(each, nn.BatchNorm1d) for each in network.modules())
        self.pool = max(1, self.plan.batch_tokens // int(examples.lengths.max())) if normalises else POOL
        self._statistics = Statistics(objective, settings.gradient_clip) if settings.statistics else None
        recorders = [self._statistics] if self._statistics else []
        self.listener = Listeners([*recorders, listener or Listener()])
        self._on_better = on_better or (lambda _: None)
        self.optimizer = make_optimizer(network, settings)
        self.average = running_mean(network, settings.averaging)
        self.kept: nn.Module = self.average.module if self.average else network
        self.history: list[EpochRecord] = []
        self.best_epoch, self.best_loss, self.best_weights = 0, math.inf, copy.deepcopy(network.state_dict())
        self.steps, self.at = 0, Position()
        self._keeper = Keeper(checkpoints, self.state)
        self._weights = {split: torch.as_tensor(each / each.mean()).float() for split, each in (weights or {}).items()}
        balanced = settings.class_weights == "balanced"
        class_weights = objective.balance(torch.as_tensor(examples.targets)) if balanced else None
        own = (self._weights.get("train"), class_weights, settings.gradient_clip)
        self.gradients = Gradients(objective, network, examples, *own, self.listener.note)

    def run(self) -> TrainingResult:
        """Train to the end, from the last checkpoint if there is one, then restore the best weights.

        Raises:
            NonFiniteError: the loss or the gradient became NaN or infinite; the network holds the best weights so far.
            RunError: the last checkpoint belongs to another network.
            MemoryLimitError: there is not enough memory.
            StorageError: there is no room for checkpoints, or one cannot be written; earlier ones stay.
        """
        with torch.random.fork_rng(devices=[]), Interrupt() as interrupt:
            torch.manual_seed(self.settings.seed + 1)  # for dropout; the seed itself drew the initial weights
            self._resume()
            try:
                ended = self._run_epochs(interrupt)
            finally:
                self.network.load_state_dict(self.best_weights)
        return TrainingResult(self.history, self.plan, self.best_epoch, ended)

    def state(self) -> Snapshot:
        """Return the state between two steps. The tensors are not copied: they change with the next step."""
        tensors = pack("network", self.network.state_dict()) | pack("best", self.best_weights)
        tensors |= pack("optimizer", pack_optimizer(self.optimizer)) | {"generator": torch.random.get_rng_state()}
        if self.average:
            tensors |= pack("average", self.average.state_dict())
        facts = {
            "at": asdict(self.at),
            "steps": self.steps,
            "most_tokens": self.gradients.most_tokens,
            "best_epoch": self.best_epoch,
            "best_loss": self.best_loss if math.isfinite(self.best_loss) else None,
            "learning_rates": [group["lr"] for group in self.optimizer.param_groups],
            "statistics": self._statistics.state() if self._statistics else None,
            "history": self.history,
        }
        return Snapshot(tensors, facts)

    def load_state(self, snapshot: Snapshot) -> None:
        """Restore what `state` returned, including torch's random generator.

        Raises:
            RunError: it is the state of another network or training.
        """
        tensors, facts = snapshot.tensors, snapshot.facts
        self._check_shapes(unpack("network", tensors))
        try:
            self.network.load_state_dict(unpack("network", tensors))
            if self.average:
                self.average.load_state_dict(unpack("average", tensors))
            unpack_optimizer(self.optimizer, unpack("optimizer", tensors), facts["learning_rates"])
            self.best_weights = unpack("best", tensors)
            self.at, self.steps, self.history = Position(**facts["at"]), facts["steps"], list(facts["history"])
            self.gradients.most_tokens = facts.get("most_tokens")
            self.best_epoch = facts["best_epoch"]
            self.best_loss = math.inf if facts["best_loss"] is None else facts["best_loss"]
            if self._statistics and facts["statistics"]:
                self._statistics.load_state(facts["statistics"])
            torch.random.set_rng_state(tensors["generator"])
        except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
            raise RunError(
                f"The checkpoint belongs to another training: {' '.join(str(error).split())}", START_NEW
            ) from None

    def _check_shapes(self, weights: Mapping[str, Tensor]) -> None:
        held, wanted = ({n: list(w.shape) for n, w in each.items()} for each in (weights, self.network.state_dict()))
        for name in sorted({*held, *wanted}):
            if held.get(name) != wanted.get(name):
                raise RunError(
                    f"The checkpoint belongs to another network: {name} is {held.get(name, 'absent')} there, "
                    f"{wanted.get(name, 'absent')} here.",
                    START_NEW,
                )

    def _resume(self) -> None:
        if self._statistics:
            self._statistics.begin(self.network)
        snapshot = self._keeper.load()
        if snapshot:
            self.load_state(snapshot)
            where = f"in epoch {self.at.epoch}" if self.at.batch else f"with epoch {self.at.epoch}"
            how = f"resuming {where}, after step {self.steps:,}" if self._continues() else "training had already ended"
            self.listener.note(f"Found a checkpoint: {how}.")
        if self._continues():
            self._plan_memory()
            moments = 0 if snapshot else 2 * sum(each.numel() * each.element_size() for each in self._parameters())
            self._keeper.begin(self.state().size + moments)

    def _plan_memory(self) -> None:
        """Decide before the first step whether batches fit in memory whole; a checkpoint holds the answer already."""
        if self.gradients.most_tokens is None:
            memory = plan_memory(
                self.objective,
                self.network,
                self.examples,
                self.plan.batch_tokens,
                self.settings.memory_limit,
                averaged=self.average is not None,
            )
            self.gradients.most_tokens = memory.most_tokens
            if memory.sentence:
                self.listener.note(memory.sentence)

    def _parameters(self) -> list[nn.Parameter]:
        return [each for group in self.optimizer.param_groups for each in group["params"]]

    def _run_epochs(self, interrupt: Interrupt) -> Literal["finished", "patience", "interrupted"]:
        while self._continues() and not interrupt.requested:
            self.run_epoch(self.at.epoch, interrupt)
        self._keeper.keep()
        if interrupt.requested:
            return "interrupted"
        return "patience" if self._out_of_patience() else "finished"

    def run_epoch(self, epoch: int, interrupt: Interrupt) -> None:
        """Train the rest of an epoch, and validate.

        An interrupt ends it after the current step; a later call can resume it.
        """
        if self.at.epoch != epoch:
            self.at = Position(epoch)
        at, before, began = self.at, self.at.seconds, time.perf_counter()
        order = np.random.default_rng([self.settings.seed, epoch])
        batches = plan_batches(self.examples.lengths, self.plan.batch_tokens, generator=order, pool=self.pool)
        self.listener.epoch_started(epoch, self.plan.epochs, len(batches))
        self.network.train()
        for number, indices in enumerate(batches[at.batch :], start=at.batch + 1):
            progress = (epoch - 1 + (at.examples + len(indices)) / len(self.examples)) / self.plan.epochs
            loss, correct, norm = self.step(indices, learning_rate_at(progress, self.settings))
            at.add(len(indices), loss, correct, norm)
            at.seconds = before + time.perf_counter() - began
            self.listener.step(number, loss)
            if interrupt.requested:
                return
            self._keeper.keep_if_due(within_epoch=True)
        self._end_epoch(at)
        self.at = Position(epoch + 1)
        self._keeper.keep_if_due(within_epoch=False)

    def step(self, indices: np.ndarray, learning_rate: float) -> tuple[float, float | None, float]:
        """Train on one batch; return its mean loss, number of correct answers if any, and gradient norm."""
        found = self.gradients.of(indices, self.steps + 1)
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate * group["share"]
        update = Update(self.steps + 1, self.network, found.batch, found.norm, learning_rate)
        self.listener.update_started(update)
        self.optimizer.step()
        if self.average:
            self.average.update_parameters(self.network)
        self.steps += 1
        self.listener.update_ended(update)
        return found.loss, found.correct, found.norm

    def _check_weights(self) -> None:
        """Check for overflow in the last update of an epoch, which no later step would notice."""
        if all(bool(torch.isfinite(weight).all()) for weight in self.kept.parameters()):
            return
        raise NonFiniteError(
            f"The weights must be finite. They are not after step {self.steps}; the best earlier ones are kept.",
            "Try a smaller --learning-rate or --weight-decay.",
            step=self.steps,
            rows=[],
        )

    def _end_epoch(self, at: Position) -> None:
        self._check_weights()
        validation_loss, validation_accuracy = self._validate()
        record = EpochRecord(
            epoch=at.epoch,
            train_loss=at.loss / at.examples,
            train_accuracy=None if at.correct is None else at.correct / at.examples,
            validation_loss=validation_loss,
            validation_accuracy=validation_accuracy,
            learning_rate=self.optimizer.param_groups[0]["lr"],
            gradient_norm=at.norm,
            seconds=at.seconds,
        )
        self.history.append(record)
        # Without a validation split, the last epoch counts as the best.
        if validation_loss is None or validation_loss < self.best_loss:
            self.best_epoch, self.best_loss = at.epoch, math.inf if validation_loss is None else validation_loss
            self.best_weights = copy.deepcopy(self.kept.state_dict())
            self._on_better(self.kept)
        self.listener.epoch_ended(record)

    def _validate(self) -> tuple[float | None, float | None]:
        if self.validation is None or not len(self.validation):
            return None, None
        most = self.gradients.most_tokens
        if can_read_in_parts(self.kept):
            self.kept.part_tokens = most  # type: ignore[assignment]
        return mean_loss_and_accuracy(
            self.objective, self.kept, self.validation, self._weights.get("validation"), batch_tokens=most
        )

    def _continues(self) -> bool:
        return self.at.epoch <= self.plan.epochs and not self._out_of_patience()

    def _out_of_patience(self) -> bool:
        return self.validation is not None and self.at.epoch - 1 - self.best_epoch >= self.plan.patience
