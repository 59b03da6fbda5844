"""Before the classes are learnt: the training texts as a language model."""

from __future__ import annotations

import math

import torch

from longshort.config import TrainingSettings
from longshort.tasks import Dataset, LanguageModel, LanguageObjective, TextClassifierNetwork, can_pretrain
from longshort.training.checkpoint import Checkpoints
from longshort.training.events import Listener
from longshort.training.loop import Training
from longshort.training.plan import choose_plan
from longshort.training.records import EpochRecord

__all__ = ["choose_pretraining_epochs", "pretrain"]

UPDATES = 700
FEWEST_EPOCHS, MOST_EPOCHS = 2, 10


def choose_pretraining_epochs(settings: TrainingSettings, network: TextClassifierNetwork, examples: Dataset) -> int:
    """What is set; otherwise as many as give 700 updates, at least 2 and at most 10, or 0 where it cannot be done."""
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
    """Train embedding and LSTM to guess words; whether it went through to the end, and was not interrupted.

    Args:
        network: changed in place; its linear layer stays as it is.
        examples: the training split; its labels are not looked at.
        settings: of the training that follows. The same loop runs, in batches of the same size, for the epochs that
            `choose_pretraining_epochs` finds.
        listener: is told of each epoch as a note; the epochs of the training itself are still to come.
        checkpoints: where it goes on from, and is kept.

    Raises:
        SettingError: epochs were asked for where a hidden state has seen the word that it is to guess.
        NonFiniteError: the loss or the gradient became NaN or infinite.
    """
    epochs = choose_pretraining_epochs(settings, network, examples)
    if not epochs:
        return True
    listener.stage(f"Reading the training texts as a language model, {epochs} epoch{'s' * (epochs > 1)}")
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
    """Tells a finished epoch as a sentence."""

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
            f"language model {record['epoch']}/{self._epochs}  loss {record['train_loss']:.3f} nats a word  "
            f"{record['seconds']:.0f} s"
        )
