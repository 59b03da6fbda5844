"""Judge a finished model on other data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from longshort.config import DataSettings
from longshort.data import encode_rows, open_source, scan, texts_of
from longshort.evaluation import Facts, Verdict, classification_metrics, judge, majority, paired_comparison
from longshort.runs.bundle import load_bundle
from longshort.runs.judging import class_counts, list_errors, targets_of
from longshort.tasks import predict_logits
from longshort.training import Listener

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True)
class Evaluation:
    """How a model does on data of the user's choice.

    Args:
        source: the name of the data.
        metrics: as plain data.
        baseline: the metrics of answering the most frequent class of this very data, which is hard on the model.
        verdict: the honest sentences.
        errors: the ten worst, as plain data.
    """

    source: str
    metrics: dict[str, Any]
    baseline: dict[str, Any]
    verdict: Verdict
    errors: list[dict[str, Any]]


def evaluate(
    run: Path | str, data: Any, *, settings: DataSettings | None = None, listener: Listener | None = None
) -> Evaluation:
    """Answer every row of `data` and compare with its labels.

    Args:
        run: a run directory or a bundle.
        data: as for `train`.
        settings: where text and label stand; those of the training when not given.
        listener: is told what happens.

    Raises:
        UserError: the model or the data does not hold what it must.
    """
    listener = listener or Listener()
    bundle = load_bundle(run)
    encoding, labels = bundle.task.encoding, list(bundle.task.encoding.labels)
    source = open_source(data, settings or bundle.settings.data)
    listener.stage(f"Reading {source.name}")
    index = scan(source)
    for note in source.notes:
        listener.note(note)
    listener.stage(f"Judging on {len(index):,} texts")
    rows = np.arange(len(index))
    examples = encode_rows(source, rows, encoding)
    logits = predict_logits(bundle.network, examples)
    probabilities = np.asarray(bundle.task.objective.probabilities(logits.double()).numpy())
    targets, multi_label = targets_of(examples), encoding.multi_label
    metrics = classification_metrics(probabilities, targets, labels, multi_label=multi_label)
    opponent = majority(targets, labels, len(rows), multi_label=multi_label)
    baseline = classification_metrics(opponent.probabilities, targets, labels, multi_label=multi_label)
    comparison = paired_comparison(probabilities, opponent.probabilities, targets, multi_label=multi_label)
    facts = Facts(
        test=metrics,
        test_counts=class_counts(targets, len(labels)),
        baselines={opponent.name: baseline},
        comparisons={opponent.name: comparison},
        unknown_share=examples.statistics.unknown_share,
        empty_texts=examples.statistics.empty_texts,
    )
    return Evaluation(
        source=source.name,
        metrics=metrics.to_dict(),
        baseline=baseline.to_dict(),
        verdict=judge(facts),
        errors=list_errors(texts_of(source, rows), probabilities, targets, labels, multi_label=multi_label),
    )
