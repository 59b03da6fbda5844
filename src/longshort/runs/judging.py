"""How good is it, honestly: the test metrics, the baselines on the same rows, the verdict, the worst errors."""

from __future__ import annotations

from typing import Any

import numpy as np

from longshort.config import Settings
from longshort.data import EncodingStatistics, Examples, texts_of
from longshort.evaluation import (
    Baseline,
    ClassificationMetrics,
    classification_metrics,
    majority,
    tfidf_logistic,
)
from longshort.runs.classified import answers_table, class_counts, draw_answers, list_errors
from longshort.runs.fit import Fitted
from longshort.runs.prepare import Prepared
from longshort.runs.weighing import training_facts, weigh
from longshort.runs.work import Judgement
from longshort.tasks import predict_logits
from longshort.training import Listener

__all__ = ["judge_run", "probabilities_of", "targets_of"]

TRAINING_ROWS = 4_000
"""Training texts, evenly spread, that the model answers again, to compare with how it answers new ones."""

BASELINE_ROWS = 100_000
"""Training texts that the TF-IDF baseline is fitted on at most: it holds them in memory."""

Array = np.ndarray[Any, Any]


def probabilities_of(fitted: Fitted, examples: Examples) -> Array:
    """`(rows, classes)` float64: the model's answers."""
    logits = predict_logits(fitted.network, examples)
    return np.asarray(fitted.task.objective.probabilities(logits.double()).numpy())


def targets_of(examples: Examples) -> Array:
    """`(rows,)` class numbers, or `(rows, labels)` zeros and ones, int64; the loss wants the latter as float32."""
    return examples.targets.astype(np.int64)


def judge_run(fitted: Fitted, prepared: Prepared, settings: Settings, listener: Listener) -> Judgement:
    """Measure the model and its opponents on the held-out rows, and say what that means."""
    part = "test" if "test" in prepared.parts else "validation"
    multi_label = prepared.multi_label
    listener.stage(f"Judging on {len(prepared.parts[part].rows):,} {part} texts")
    targets = targets_of(fitted.examples[part])
    probabilities = probabilities_of(fitted, fitted.examples[part])
    texts = [row.text for row in texts_of(prepared.parts[part].source, prepared.parts[part].rows)]
    opponents = _baselines(fitted, prepared, texts, part, listener)
    train = _on_training_rows(fitted, prepared)
    weighed = weigh(
        probabilities,
        targets,
        prepared.labels,
        opponents,
        multi_label=multi_label,
        copies=prepared.parts[part].index.copies[prepared.parts[part].rows],
        train=train,
        **_facts_of_training(fitted, prepared, settings, part),
    )
    return Judgement(
        part=part,
        metrics=weighed.metrics,
        train_metrics=train.to_dict(),
        baselines=weighed.baselines,
        verdict=weighed.verdict,
        errors=list_errors(texts, probabilities, targets, prepared.labels, multi_label=multi_label),
        tables={
            "predictions.parquet": answers_table(
                {"row": prepared.parts[part].rows, "text": texts},
                probabilities,
                targets,
                prepared.labels,
                multi_label=multi_label,
            )
        },
        figures=draw_answers(weighed.metrics),
    )


def _on_training_rows(fitted: Fitted, prepared: Prepared) -> ClassificationMetrics:
    """How well the model knows what it was trained on: a sample of it is enough to tell."""
    train = fitted.examples["train"]
    sample = train.select(_spread(len(train), TRAINING_ROWS))
    return classification_metrics(
        probabilities_of(fitted, sample), targets_of(sample), prepared.labels, multi_label=prepared.multi_label
    )


def _baselines(fitted: Fitted, prepared: Prepared, texts: list[str], part: str, listener: Listener) -> list[Baseline]:
    train = prepared.parts["train"]
    targets, multi_label = targets_of(fitted.examples["train"]), prepared.multi_label
    rows = _spread(len(targets), BASELINE_ROWS)
    listener.stage(f"Fitting the baselines on {len(rows):,} training texts, for the same {len(texts):,} {part} texts")
    train_texts = [row.text for row in texts_of(train.source, train.rows[rows])]
    return [
        majority(targets, prepared.labels, len(texts), multi_label=multi_label),
        tfidf_logistic(train_texts, targets[rows], texts, prepared.labels, multi_label=multi_label),
    ]


def _spread(count: int, limit: int) -> Array:
    """At most `limit` of the numbers below `count`, evenly spread."""
    return np.arange(count) if count <= limit else np.linspace(0, count - 1, limit).astype(np.int64)


def _facts_of_training(fitted: Fitted, prepared: Prepared, settings: Settings, part: str) -> dict[str, Any]:
    statistics = {name: part.statistics for name, part in fitted.examples.items()}
    counted = {name: class_counts(targets_of(each), len(prepared.labels)) for name, each in fitted.examples.items()}
    together = sum(statistics.values(), start=EncodingStatistics())
    return {
        **training_facts(fitted.result, settings.training, counted, part),
        "duplicates": prepared.overlaps,
        "unknown_share": statistics[part].unknown_share,
        "truncated_share": together.truncated_share,
        "empty_texts": together.empty_texts,
    }
