"""The lab sheet's problem, network and rows, trained properly."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longshort.config import TrainingSettings
from longshort.evaluation import ClassificationMetrics, Verdict
from longshort.experiments.base import Print, Report, train_to_the_end
from longshort.experiments.sequence_sum import AccuracyCurve, build, describe, final_metrics, numbers
from longshort.experiments.sequences import ShuffledSteps
from longshort.figures import save, sheet_curves
from longshort.networks import ClassificationObjective
from longshort.training import Training

__all__ = ["put_right"]

SEEDS = (0, 1, 2, 3, 4)
BATCH_ROWS = 32
STEPS = 10  # numbers per row
EPOCHS = 150

# Chosen by cross-validation inside the 800 training rows; the test rows had no part in it. There the last epoch was
# better (loss 0.026) than the one that looked best on 80 rows held out (0.035): all 800 rows train, to the end.
FIXED = TrainingSettings(
    batch_tokens=BATCH_ROWS * STEPS,
    learning_rate=0.02,
    schedule="one-cycle",
    weight_decay=0.0,
)


@dataclass(frozen=True)
class _Trained:
    """One seed's training: what was measured on the test rows, its verdict and its curves."""

    seed: int
    metrics: ClassificationMetrics
    verdict: Verdict
    content: dict[str, Any]
    accuracies: list[float]
    seconds: float


def put_right(*, folder: Path, out: Print, seed: int | None = None, epochs: int = EPOCHS) -> Report:
    """Train from several first weights, since one could be luck, and judge the lowest of them.

    Args:
        folder: for the figure.
        out: is given every line.
        seed: the only seed to try; 0 to 4 when not given.
        epochs: times that the training rows are gone through.
    """
    settings = FIXED.replace(epochs=epochs)
    seeds = SEEDS if seed is None else (seed,)
    _explain(epochs, out)
    runs = [_one(settings.replace(seed=each), out) for each in seeds]
    lowest = min(runs, key=lambda run: run.metrics.accuracy)
    accuracies = [run.metrics.accuracy for run in runs]
    if len(runs) > 1:
        out(f"Mean Test Acc: {np.mean(accuracies):.4f}, lowest {min(accuracies):.4f} (seed {lowest.seed}), which is:")
    final_metrics(lowest.metrics, out)
    losses = [record["train_loss"] for record in lowest.content["history"]]
    save(sheet_curves(losses, lowest.accuracies), folder / "curves.png")
    content = lowest.content | {
        "test_accuracies": lowest.accuracies,
        "seeds": [{"seed": run.seed, "accuracy": run.metrics.accuracy, "seconds": run.seconds} for run in runs],
    }
    return Report(content, lowest.verdict, "longshort experiment text")


def _explain(epochs: int, out: Print) -> None:
    batches = -(-len(numbers()[0]) // BATCH_ROWS)
    lines = (
        "The same numbers and the same network. What is changed, and why:",
        f"- {epochs * batches:,} updates, on {BATCH_ROWS} rows at a time: the sheet's 6 move no weight far.",
        f"- The learning rate rises to {FIXED.learning_rate} and falls to 0 (one-cycle): 0.001 would need far more.",
        "- A row's ten numbers come in a new order each time, for their sum is the same: few rows then teach more.",
        "All of it was chosen by cross-validation inside the 800 training rows: the test rows chose nothing.\n",
    )
    out("\n".join(lines))


def _one(settings: TrainingSettings, out: Print) -> _Trained:
    began = time.perf_counter()
    train, test = numbers()
    network = build(settings.seed)
    curve = AccuracyCurve(network, test)
    shuffled = ShuffledSteps(train, settings.seed)
    result = train_to_the_end(Training(ClassificationObjective(2), network, shuffled, None, settings, curve))
    metrics, verdict, content = describe(network, train, test, result, settings)
    seconds = time.perf_counter() - began
    loss = result.history[-1]["train_loss"]
    out(f"Seed {settings.seed}: Loss: {loss:.4f}, Test Acc: {metrics.accuracy:.4f} ({seconds:.1f} s)")
    return _Trained(settings.seed, metrics, verdict, content, curve.accuracies, round(seconds, 1))
