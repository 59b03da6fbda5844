"""Pretrain a text classifier as a language model on its training texts."""

from __future__ import annotations

import math

import torch

from longshort.config import TrainingSettings
from longshort.networks import Dataset, LanguageModel, LanguageObjective, TextClassifierNetwork, can_pretrain
from longshort.training.checkpoint import Checkpoints
from longshort.training.events import Listener
from longshort.training.loop import Training
from longshort.training.plan import choose_plan
from longshort.training.records import EpochRecord

__all__ = ["choose_pretraining_epochs", "pretrain"]

UPDATES = 700
FEWEST_EPOCHS, MOST_EPOCHS = 2, 10


def choose_pretraining_epochs(settings: TrainingSettings, network: TextClassifierNetwork, examples: Dataset) -> int:
    """Return the epochs that are set; by default 2 to 10, enough for 700 updates, or 0 if it is not possible."""
    if settings.pretraining_epochs is not None:
        return settings.pretraining_epochs
    if not can_pretrain(network):
        return 0
    batches = max(1, int(examples.lengths.sum()) // choose_plan(settings, examples.lengths).batch_tokens)
    return min(max(math.ceil(UPDATES / batches), FEWEST_EPOCHS), MOST_EPOCHS)


def pretrain(
    network: TextClassifierNetwork,
    examples: Dataset,
    settings: TrainingSettings,
    listener: Listener,
    checkpoints: Checkpoints | None = None,
) -> bool:
    """Train embedding and LSTM to predict words; return False if interrupted.

    Args:
        network: changed in place, except for its linear layer.
        examples: the training split; its labels are not used.
        settings: settings of the training that follows. Pretraining uses the same loop and batch size, for the epochs
            of `choose_pretraining_epochs`.
        listener: receives each epoch as a note; `epoch_ended` is left to the training itself.
        checkpoints: store to resume from and to save to.

    Raises:
        SettingError: epochs were set, but the hidden states have seen the word to predict.
        NonFiniteError: the loss or the gradient became NaN or infinite.
    """
    epochs = choose_pretraining_epochs(settings, network, examples)
    if not epochs:
        return True
    listener.stage(f"Pretraining as a language model on the training texts, {epochs} epoch{'s' * (epochs > 1)}")
    own = settings.replace(
        epochs=epochs,
        batch_tokens=choose_plan(settings, examples.lengths).batch_tokens,
        averaging=0.0,
        embedding_rate=1.0,
        class_weights=None,
        statistics=False,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed + 2)
        model = LanguageModel(network)
    notes = _Notes(listener, epochs)
    result = Training(LanguageObjective(), model, examples, None, own, notes, checkpoints=checkpoints).run()
    return result.ended != "interrupted"


class _Notes(Listener):
    """Reports a finished epoch as one line."""

    def __init__(self, listener: Listener, epochs: int) -> None:
        self._listener, self._epochs = listener, epochs

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        self._listener.epoch_started(epoch, epochs, batches)

    def note(self, text: str) -> None:
        self._listener.note(text)

    def step(self, batch: int, loss: float) -> None:
        self._listener.step(batch, loss)

    def epoch_ended(self, record: EpochRecord) -> None:
        self._listener.note(
            f"language model {record['epoch']}/{self._epochs}  loss {record['train_loss']:.3f} nats per word  "
            f"{record['seconds']:.0f} s"
        )
