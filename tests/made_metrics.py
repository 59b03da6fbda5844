"""Real metrics: random answers to random questions, measured by the functions that measure a training."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest

from longshort.config import TextRunSettings
from longshort.data import EncodingStatistics
from longshort.evaluation import (
    Facts,
    classification_metrics,
    judge,
    majority,
    paired_comparison,
    worst_errors,
)

Metrics = dict[str, Any]
TFIDF = "TF-IDF + logistic regression"


@pytest.fixture(scope="session")
def make_metrics() -> Callable[..., Metrics]:
    """Makes what `metrics.json` holds, as it is after being read back."""
    return lambda **changes: json.loads(json.dumps(_metrics(**changes)))


@pytest.fixture
def make_history() -> Callable[..., list[dict[str, Any]]]:
    """Makes a history of some epochs, with or without a validation split."""
    return _history


@pytest.fixture
def metrics(make_metrics: Callable[..., Metrics]) -> Metrics:
    """Two classes, judged on a test split."""
    return make_metrics()


def _metrics(
    *,
    labels: Sequence[str] = ("neg", "pos"),
    multi_label: bool = False,
    rows: int = 400,
    skill: float = 2.0,
    judged_on: str = "test",
    name: str = "reviews-1",
    source: str = "reviews.csv",
    texts: Sequence[str] = ("A dull film.", "A joy from start to end, <b>twice</b> | seen."),
    notes: Sequence[str] = (),
    overlaps: dict[str, int] | None = None,
    statistics: EncodingStatistics | None = None,
    epochs: int = 4,
    ended: str = "finished",
    baselines: bool = True,
    settings: TextRunSettings | None = None,
) -> Metrics:
    numbers = np.random.default_rng(0)
    targets = _targets(numbers, rows, len(labels), multi_label)
    ours, theirs = (_probabilities(numbers, targets, len(labels), s, multi_label) for s in (skill, 0.7 * skill))
    test, weaker, train = (
        classification_metrics(p, targets, labels, multi_label=multi_label)
        for p in (ours, theirs, ours**2 / _total(ours**2, multi_label))
    )
    most = majority(targets, labels, rows, multi_label=multi_label)
    measured, comparisons = {}, {}
    if baselines:
        measured = {
            most.name: classification_metrics(most.probabilities, targets, labels, multi_label=multi_label),
            TFIDF: weaker,
        }
        comparisons = {
            each: paired_comparison(ours, p, targets, multi_label=multi_label)
            for each, p in ((most.name, most.probabilities), (TFIDF, theirs))
        }
    counts = [each.support for each in test.classes]
    verdict = judge(Facts(test=test, train=train, train_counts=counts, baselines=measured, comparisons=comparisons))
    found = statistics or EncodingStatistics(
        texts=rows, empty_texts=2, tokens=20 * rows, unknown_tokens=rows, truncated_texts=3, truncated_tokens=30
    )
    names = ("train", "validation", "test") if judged_on == "test" else ("train", "validation")
    part = {"source": source, "fingerprint": "ab" * 32, "rows": rows, "class_counts": counts, **asdict(found)}
    return {
        "format": 1,
        "longshort": "0.1.0",
        "name": name,
        "task": "text-classification",
        "created": "2025-03-01T14:05:33+01:00",
        "seconds": 151.2,
        "data": {
            "parts": dict.fromkeys(names, part),
            "labels": list(labels),
            "multi_label": multi_label,
            "duplicates_across_files": overlaps or {},
            "notes": list(notes),
        },
        "settings": (settings or TextRunSettings()).model_dump(),
        "training": {
            "weights": 1_234_567,
            "vocabulary": 8_000,
            "epochs": epochs,
            "epochs_planned": 6,
            "batch_tokens": 1_024,
            "best_epoch": 1,
            "ended": ended,
        },
        "judged_on": judged_on,
        "test": test.to_dict(),
        "train": train.to_dict(),
        "baselines": {
            each: measured[each].to_dict() | {"comparison": comparisons[each].to_dict(), "seconds": 0.5}
            for each in measured
        },
        "verdict": verdict.to_dict(),
        "worst_errors": [
            {
                "text": texts[place % len(texts)],
                "truth": _names(targets[row], labels),
                "answer": _names((ours[row] >= 0.5) if multi_label else ours[row].argmax(), labels),
                "probabilities": dict(zip(labels, ours[row].tolist(), strict=True)),
            }
            for place, row in enumerate(worst_errors(ours, targets, 10, multi_label=multi_label))
        ],
    }


def _targets(numbers: np.random.Generator, rows: int, classes: int, multi_label: bool) -> np.ndarray:
    if multi_label:
        return (numbers.random((rows, classes)) < 0.3).astype(np.int64)
    return numbers.integers(0, classes, rows)


def _probabilities(
    numbers: np.random.Generator, targets: np.ndarray, classes: int, skill: float, multi_label: bool
) -> np.ndarray:
    """Answers that lean towards the truth by `skill`."""
    truth = targets if multi_label else np.eye(classes)[targets]
    scores = numbers.normal(size=truth.shape) + skill * (truth - 0.5 * multi_label)
    return 1 / (1 + np.exp(-2 * scores)) if multi_label else np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


def _total(values: np.ndarray, multi_label: bool) -> Any:
    return 1.0 if multi_label else values.sum(axis=1, keepdims=True)


def _names(target: np.ndarray, labels: Sequence[str]) -> list[str]:
    return [labels[int(target)]] if np.ndim(target) == 0 else [labels[place] for place in np.flatnonzero(target)]


def _history(epochs: int = 4, *, validation: bool = True) -> list[dict[str, Any]]:
    return [
        {
            "epoch": epoch,
            "train_loss": 0.7 / epoch,
            "train_accuracy": 1 - 0.5 / epoch,
            "validation_loss": 0.72 / epoch + 0.01 * epoch**2 if validation else None,
            "validation_accuracy": 1 - 0.55 / epoch if validation else None,
            "learning_rate": 0.003 / epoch,
            "gradient_norm": 1.5,
            "seconds": 12.34,
        }
        for epoch in range(1, epochs + 1)
    ]
