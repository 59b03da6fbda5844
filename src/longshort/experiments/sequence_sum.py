"""The lab sheet's program: does the sum of ten numbers exceed 5? As on the sheet, line for line."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from longshort.config import TrainingSettings
from longshort.evaluation import (
    MAJORITY,
    ClassificationMetrics,
    Facts,
    Verdict,
    classification_metrics,
    judge,
    majority,
    paired_comparison,
)
from longshort.experiments.base import Print, Report, train_to_the_end
from longshort.experiments.sequences import LastStateClassifier, NumberSequences
from longshort.figures import save, sheet_curves
from longshort.networks import ClassificationObjective, predict_logits
from longshort.plain import Plain
from longshort.training import EpochRecord, Listener, Training, TrainingResult

__all__ = [
    "LABELS",
    "SHEET_SEED",
    "AccuracyCurve",
    "as_on_the_sheet",
    "build",
    "describe",
    "final_metrics",
    "numbers",
]

AnyArray = np.ndarray[Any, Any]
"""An array of numbers of any type."""

LABELS = ("sum at most 5", "sum over 5")
SHEET_SEED = 6689
"""The sheet sets no torch seed. With this one, all six of its printed lines come out digit for digit."""

ALL_ROWS = 10_000
"""A token budget that holds every row, ten numbers each, in one batch."""

EPOCHS = 6

SHEET = TrainingSettings(
    epochs=EPOCHS,
    batch_tokens=ALL_ROWS,
    learning_rate=0.001,
    schedule="constant",
    weight_decay=0.0,
)
"""Without weight decay AdamW is Adam; the gradient's norm stays at 0.1, far below where it would be clipped."""


def numbers() -> tuple[NumberSequences, NumberSequences]:
    """The sheet's 800 training and 200 test rows, ten uniform numbers each; of the 200, 114 are at most 5 in sum."""
    values = np.random.RandomState(42).rand(1000, 10, 1)  # the numbers that np.random.seed(42) gives
    targets = (values.sum(axis=1) > 5).astype(np.int64).flatten()
    rows = NumberSequences(values.astype(np.float32), targets)
    return rows.part(slice(800)), rows.part(slice(800, None))


def build(seed: int) -> LastStateClassifier:
    """The sheet's network, LSTM(1, 32) and Linear(32, 2), with first weights from `torch.manual_seed(seed)`."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return LastStateClassifier()


class AccuracyCurve(Listener):
    """Measures the accuracy on the test rows after every epoch, for the figure; it chooses nothing.

    Args:
        network: in training.
        test: the test rows.
    """

    def __init__(self, network: LastStateClassifier, test: NumberSequences) -> None:
        self.accuracies: list[float] = []
        self._network, self._test = network, test

    def epoch_ended(self, record: EpochRecord) -> None:
        """One more accuracy."""
        answers = predict_logits(self._network, self._test).argmax(dim=1)
        self.accuracies.append(float(np.mean(answers.numpy() == self._test.targets)))


class _SheetLines(AccuracyCurve):
    """Prints the sheet's line for every epoch."""

    def __init__(self, network: LastStateClassifier, test: NumberSequences, epochs: int, out: Print) -> None:
        super().__init__(network, test)
        self._epochs, self._out = epochs, out

    def epoch_ended(self, record: EpochRecord) -> None:
        """For example "Epoch [1/6] Loss: 0.6975, Test Acc: 0.4300": the loss before the update, the accuracy after."""
        super().epoch_ended(record)
        epoch, loss = f"Epoch [{record['epoch']}/{self._epochs}]", record["train_loss"]
        self._out(f"{epoch} Loss: {loss:.4f}, Test Acc: {self.accuracies[-1]:.4f}")


def as_on_the_sheet(*, folder: Path, out: Print, seed: int = SHEET_SEED, epochs: int = EPOCHS) -> Report:
    """Train and print as the sheet does, then say what it is worth.

    Args:
        folder: for the figure.
        out: is given every line.
        seed: of the first weights.
        epochs: updates, for every epoch is one.
    """
    settings = SHEET.replace(seed=seed, epochs=epochs)
    train, test = numbers()
    network = build(seed)
    lines = _SheetLines(network, test, epochs, out)
    result = train_to_the_end(Training(ClassificationObjective(2), network, train, None, settings, lines))
    metrics, verdict, content = describe(network, train, test, result, settings)
    final_metrics(metrics, out)
    save(sheet_curves([record["train_loss"] for record in result.history], lines.accuracies), folder / "curves.png")
    content["test_accuracies"] = lines.accuracies
    return Report(content, verdict, "longshort experiment sequence-sum --fixed")


def final_metrics(metrics: ClassificationMetrics, out: Print) -> None:
    """The sheet's last lines, with numpy's print of the confusion matrix."""
    out("\n✅ Final Metrics:")
    out(f"Accuracy: {metrics.accuracy:.4f}")
    out(f"F1 Score: {metrics.classes[1].f1:.4f}")
    out(f"Confusion Matrix:\n {np.array(metrics.confusion)}")


def describe(
    network: LastStateClassifier,
    train: NumberSequences,
    test: NumberSequences,
    result: TrainingResult,
    settings: TrainingSettings,
) -> tuple[ClassificationMetrics, Verdict, Plain]:
    """Metrics on the test rows, the verdict against the majority class, and both as plain data for `metrics.json`."""
    measure = partial(classification_metrics, targets=test.targets, labels=LABELS)
    ours = _probabilities(network, test)
    theirs = majority(train.targets, LABELS, len(test)).probabilities
    metrics = measure(ours)
    facts = Facts(
        test=metrics,
        train=classification_metrics(_probabilities(network, train), train.targets, LABELS),
        train_counts=_counts(train),
        test_counts=_counts(test),
        baselines={MAJORITY: measure(theirs)},
        comparisons={MAJORITY: paired_comparison(ours, theirs, test.targets)},
        history=result.history,
        best_epoch=result.best_epoch,
        schedule=settings.schedule,
    )
    content = {
        "settings": settings.model_dump(),
        "history": result.history,
        "test": metrics.to_dict(),
        "baselines": {name: each.to_dict() for name, each in facts.baselines.items()},
    }
    return metrics, judge(facts), content


def _probabilities(network: LastStateClassifier, rows: NumberSequences) -> AnyArray:
    logits = predict_logits(network, rows)
    return np.asarray(ClassificationObjective(2).probabilities(logits.double()).numpy())


def _counts(rows: NumberSequences) -> tuple[int, ...]:
    return tuple(np.bincount(rows.targets, minlength=len(LABELS)).tolist())
