"""The lab sheet's pseudo-code, step by step, on real sentences."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from longshort.config import TextModelSettings, TextRunSettings, TrainingSettings
from longshort.data import TextEncoding, texts_of
from longshort.experiments.base import Print, Report, train_to_the_end
from longshort.experiments.text_steps import show_network, show_numbers, show_padded, show_split, show_tokens
from longshort.figures import curves, save
from longshort.kinds.seam import Judgement, Trained
from longshort.kinds.text.fitting import FittedTexts
from longshort.kinds.text.judging import judge_run
from longshort.kinds.text.preparing import PreparedTexts, encode, prepare
from longshort.kinds.text.task import TextClassification
from longshort.networks import TextClassifierNetwork, mean_loss_and_accuracy
from longshort.plain import Plain
from longshort.training import EpochRecord, Listener, Training, TrainingResult

__all__ = ["text"]

SAMPLE = "movie-sentences"
EPOCHS = 100
EVERY = 10
FIRST = 200  # training sentences among which a few short ones are looked for, to be shown

# As plain as the sheet: a small network without dropout, and Adam at a constant rate. Without weight decay AdamW is
# Adam, and gradients of this network stay far below a norm of 1,000, so that none is clipped.
PLAIN = TextRunSettings(
    model=TextModelSettings(
        embedding_size=32,
        hidden_size=32,
        bidirectional=False,
        pooling="last",
        word_dropout=0.0,
        embedding_dropout=0.0,
        layer_dropout=0.0,
        output_dropout=0.0,
    ),
    training=TrainingSettings(
        batch_tokens=1_024,
        learning_rate=0.001,
        schedule="constant",
        weight_decay=0.0,
        gradient_clip=1_000.0,
    ),
)


class _EveryTenth(Listener):
    """Prints every tenth epoch as the sheet does, and keeps the last weights: the sheet goes back to no better ones."""

    def __init__(self, network: TextClassifierNetwork, epochs: int, out: Print) -> None:
        self.last: dict[str, Tensor] = {}
        self._network, self._epochs, self._out = network, epochs, out

    def epoch_ended(self, record: EpochRecord) -> None:
        """For example "Epoch [10, 100], loss = 0.032186"."""
        epoch = record["epoch"]
        if epoch % EVERY == 0 or epoch == self._epochs:
            self._out(f"Epoch [{epoch}, {self._epochs}], loss = {record['train_loss']:.6f}")
        if epoch == self._epochs:
            self.last = copy.deepcopy(self._network.state_dict())


def text(*, folder: Path, out: Print, seed: int = 0, epochs: int = EPOCHS, data: object = SAMPLE) -> Report:
    """Tokenise, number, view padded, split, build, train, evaluate; then say what it is worth.

    Args:
        folder: for the figure.
        out: is given every line.
        seed: of the split, the first weights and the order of the batches.
        epochs: times that the training sentences are gone through.
        data: other sentences than the sample's: whatever `longshort train` takes, with two classes.
    """
    # With a patience of all epochs it never stops early.
    training = PLAIN.training.replace(seed=seed, epochs=epochs, patience=epochs)
    settings = PLAIN.model_copy(update={"training": training})
    prepared = prepare(data, None, None, settings, Listener())
    fitted, best = _train(prepared, settings, epochs, out)
    judgement = judge_run(fitted, prepared, settings, Listener())
    out("\n7. Evaluate on the test sentences:")
    out(f"Test accuracy: {judgement.metrics['accuracy']:.4f}")
    out(f"Test loss: {judgement.metrics['loss']:.6f}")
    out(
        f"(The weights of epoch {best['epoch']}, the best on the validation sentences: "
        f"accuracy {best['accuracy']:.4f}, loss {best['loss']:.6f}.)"
    )
    save(curves(fitted.result.history, int(best["epoch"])), folder / "curves.png")
    return Report(_content(settings, fitted.result, best, judgement), judgement.verdict, f"longshort train {SAMPLE}")


def _train(prepared: PreparedTexts, settings: TextRunSettings, epochs: int, out: Print) -> tuple[FittedTexts, Plain]:
    """Steps 1 to 6: the network after the last epoch, and what the best epoch's weights would have done on the test."""
    train = prepared.parts["train"]
    encoding = TextEncoding.fit(train.texts(), settings.tokenizer, labels=prepared.labels)
    shown = show_tokens(texts_of(train.source, train.rows[:FIRST]), encoding, out)
    show_numbers(shown, encoding, out)
    show_padded(shown, encoding, out)
    examples = encode(prepared, encoding, None)
    show_split(examples, out)
    task = TextClassification(encoding, settings.model)
    network = _build(task, settings.training.seed)
    show_network(network, out)
    out("\n6. Train: binary cross-entropy, Adam, and for each batch forward, loss, backpropagation, update.")
    listener = _EveryTenth(network, epochs, out)
    result = train_to_the_end(
        Training(task.objective, network, examples["train"], examples["validation"], settings.training, listener)
    )
    # The loop has put the best epoch's weights back.
    loss, accuracy = mean_loss_and_accuracy(task.objective, network, examples["test"])
    best = {"epoch": result.best_epoch, "accuracy": accuracy, "loss": loss}
    network.load_state_dict(listener.last)
    return Trained(task, network, examples, replace(result, best_epoch=epochs)), best


def _build(task: TextClassification, seed: int) -> TextClassifierNetwork:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return task.build()


def _content(settings: TextRunSettings, result: TrainingResult, best: Plain, judgement: Judgement) -> Plain:
    return {
        "settings": settings.model_dump(),
        "history": result.history,
        "best_on_validation": best,
        "test": judgement.metrics,
        "train": judgement.train_metrics,
        "baselines": judgement.baselines,
        "worst_errors": judgement.errors,
    }
