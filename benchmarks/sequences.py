"""Compare accuracy with the baselines on five UCR/UEA sets (official splits) and on scikit-learn's digits.

python -m benchmarks.sequences FOLDER [--seeds 5] [--set NAME]... [--front none] [--members 1]

FOLDER holds NAME_TRAIN.ts and NAME_TEST.ts. Every set is trained with the task's defaults; the test file is evaluated
once per seed, after the training.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from longshort.config import SequenceRunSettings
from longshort.evaluation import classification_metrics
from longshort.evaluation.sequence_baselines import classification_baselines
from longshort.kinds.sequences.classification import KIND
from longshort.kinds.sequences.fitting import FittedSequences
from longshort.kinds.sequences.tasks import SequenceClassification
from longshort.networks import predict_logits
from longshort.training import Listener

REACH = {
    "JapaneseVowels": 0.985,
    "BasicMotions": 0.975,
    "ItalyPowerDemand": 0.965,
    "GunPoint": 0.97,
    "ArrowHead": 0.82,
    "digits": 0.985,
}
BASELINES = ("majority", "features", "series", "1-NN")


@dataclass(frozen=True)
class Row:
    """One data set: accuracies per seed and of the baselines, and the seconds of all trainings."""

    name: str
    train: int
    test: int
    accuracies: list[float]
    baselines: list[float]
    seconds: float

    @property
    def mean(self) -> float:
        return float(np.mean(self.accuracies))

    @property
    def reached(self) -> bool:
        return self.mean >= REACH[self.name]

    def line(self) -> str:
        reached = "yes" if self.reached else "no"
        theirs = "".join(f"{each:>10.3f}" for each in self.baselines)
        return (
            f"{self.name:<17}{self.train:>6}{self.test:>6}{REACH[self.name]:>8.3f}{self.mean:>8.4f}"
            f"{min(self.accuracies):>8.4f}{reached:>9}{self.seconds:>9.0f}{theirs}"
        )


def header() -> str:
    theirs = "".join(f"{each:>10}" for each in BASELINES)
    return f"{'set':<17}{'train':>6}{'test':>6}{'reach':>8}{'mean':>8}{'least':>8}{'reached':>9}{'seconds':>9}{theirs}"


def find(name: str, folder: Path) -> tuple[Any, Any]:
    """Return the training and test splits: the official files, or 80 % and 20 % of the digits, as 8 steps of 8."""
    if name != "digits":
        return folder / f"{name}_TRAIN.ts", folder / f"{name}_TEST.ts"
    images, labels = load_digits(return_X_y=True)
    rows = train_test_split(np.arange(len(labels)), test_size=0.2, random_state=0, stratify=labels)
    train, test = ((images[part].reshape(-1, 8, 8), labels[part]) for part in rows)
    return train, test


def accuracy(fitted: FittedSequences[SequenceClassification], labels: list[str]) -> float:
    held = fitted.examples["test"]
    probabilities = fitted.task.objective.probabilities(predict_logits(fitted.network, held).double())
    return classification_metrics(probabilities.numpy(), held.targets, labels).accuracy


def measure(name: str, folder: Path, seeds: int, changes: dict[str, Any]) -> Row:
    work, (data, test) = KIND, find(name, folder)
    settings = [SequenceRunSettings.from_flat({**changes, "seed": seed, "statistics": False}) for seed in range(seeds)]
    prepared = work.prepare(data, None, test, settings[0], Listener())
    began = time.perf_counter()
    trained = [work.fit(prepared, each, Listener()) for each in settings]
    seconds = time.perf_counter() - began
    first, parts = trained[0], [prepared.parts[part].sequences for part in ("train", "test")]
    lists = [[part.sequence(row) for row in range(len(part))] for part in parts]
    baselines = classification_baselines(lists[0], first.examples["train"].targets, lists[1], prepared.labels)
    truth = first.examples["test"].targets
    theirs = [classification_metrics(each.probabilities, truth, prepared.labels).accuracy for each in baselines]
    return Row(name, *map(len, parts), [accuracy(each, prepared.labels) for each in trained], theirs, seconds)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of the .ts files")
    parser.add_argument("--seeds", type=int, default=5, help="trainings per set (default: 5)")
    parser.add_argument("--set", action="append", choices=REACH, help="only this set; may be given several times")
    parser.add_argument("--front", choices=("conv", "none"), help="another front end, to measure what it contributes")
    parser.add_argument("--members", type=int, help="size of the ensemble, to measure its gain and cost")
    parser.add_argument("--json", action="store_true", help="print JSON, one object a line, instead of a table")
    arguments = parser.parse_args()
    asked = {"front": arguments.front, "members": arguments.members}
    changes = {name: value for name, value in asked.items() if value is not None}
    rows = []
    for place, name in enumerate(arguments.set or REACH):
        rows.append(measure(name, arguments.folder, arguments.seeds, changes))
        if place == 0 and not arguments.json:
            print(header())
        print(json.dumps(asdict(rows[-1])) if arguments.json else rows[-1].line(), flush=True)
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
