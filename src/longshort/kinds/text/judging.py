"""How good is it, honestly: the test metrics, the baselines on the same rows, the verdict, the worst errors."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from longshort.artifacts.bundle import Bundle
from longshort.data import EncodingStatistics, Examples, encode_rows, open_source, scan, texts_of
from longshort.evaluation import (
    Baseline,
    ClassificationMetrics,
    classification_metrics,
    majority,
    tfidf_logistic,
)
from longshort.evaluation.weighing import training_facts, weigh
from longshort.evaluation.words import count, percent
from longshort.kinds.classes.card import classes_card
from longshort.kinds.classes.evaluating import evaluate_classes
from longshort.kinds.classes.probabilities import probabilities_of
from longshort.kinds.classes.tables import answers_table, class_counts, draw_answers, list_errors
from longshort.kinds.seam import Evaluation, Judgement
from longshort.kinds.text.fitting import FittedTexts
from longshort.kinds.text.preparing import PreparedTexts
from longshort.kinds.text.settings import TextRunSettings
from longshort.kinds.text.task import TextClassification
from longshort.kinds.words import Card
from longshort.pages.lengths import describe_lengths
from longshort.plain import Plain, PlainMapping
from longshort.runs.trained_on import TrainedOn
from longshort.training import Listener

__all__ = ["describe_parts", "evaluate", "judge_run", "statistics", "targets_of", "text_card"]

TRAINING_ROWS = 4_000
"""Training texts, evenly spread, that the model answers again, to compare with how it answers new ones."""

BASELINE_ROWS = 100_000
"""Training texts that the TF-IDF baseline is fitted on at most: it holds them in memory."""

Array = np.ndarray[Any, Any]


def targets_of(examples: Examples) -> Array:
    """`(rows,)` class numbers, or `(rows, labels)` zeros and ones, int64; the loss wants the latter as float32."""
    return examples.targets.astype(np.int64)


def judge_run(fitted: FittedTexts, prepared: PreparedTexts, settings: TextRunSettings, listener: Listener) -> Judgement:
    """Measure the model and its baselines on the held-out rows, and say what that means."""
    part = "test" if "test" in prepared.parts else "validation"
    multi_label = prepared.multi_label
    listener.stage(f"Evaluating on {len(prepared.parts[part].rows):,} {part} texts")
    targets = targets_of(fitted.examples[part])
    probabilities = probabilities_of(fitted.task, fitted.network, fitted.examples[part])
    texts = [row.text for row in texts_of(prepared.parts[part].source, prepared.parts[part].rows)]
    baselines = _baselines(fitted, prepared, texts, part, listener)
    train = _on_training_rows(fitted, prepared)
    weighed = weigh(
        probabilities,
        targets,
        prepared.labels,
        baselines,
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


def _on_training_rows(fitted: FittedTexts, prepared: PreparedTexts) -> ClassificationMetrics:
    """Evaluate the model on a sample of its training split."""
    train = fitted.examples["train"]
    sample = train.select(_spread(len(train), TRAINING_ROWS))
    return classification_metrics(
        probabilities_of(fitted.task, fitted.network, sample),
        targets_of(sample),
        prepared.labels,
        multi_label=prepared.multi_label,
    )


def _baselines(
    fitted: FittedTexts, prepared: PreparedTexts, texts: list[str], part: str, listener: Listener
) -> list[Baseline]:
    train = prepared.parts["train"]
    targets, multi_label = targets_of(fitted.examples["train"]), prepared.multi_label
    rows = _spread(len(targets), BASELINE_ROWS)
    listener.stage(
        f"Fitting the baselines on {len(rows):,} training texts, to compare on the same {len(texts):,} {part} texts"
    )
    train_texts = [row.text for row in texts_of(train.source, train.rows[rows])]
    return [
        majority(targets, prepared.labels, len(texts), multi_label=multi_label),
        tfidf_logistic(train_texts, targets[rows], texts, prepared.labels, multi_label=multi_label),
    ]


def _spread(count: int, limit: int) -> Array:
    """At most `limit` of the numbers below `count`, evenly spread."""
    return np.arange(count) if count <= limit else np.linspace(0, count - 1, limit).astype(np.int64)


def _facts_of_training(fitted: FittedTexts, prepared: PreparedTexts, settings: TextRunSettings, part: str) -> Plain:
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


def evaluate(
    run: Path | str,
    bundle: Bundle[TextClassification, TextRunSettings],
    data: object,
    settings: TextRunSettings,
    listener: Listener,
) -> Evaluation:
    """Evaluate a stored model on labelled texts; see `Kind.evaluate`."""
    task, trained = bundle.task, TrainedOn.of(run)
    labels, several = list(task.encoding.labels), task.encoding.multi_label
    source = open_source(data, settings.data)
    listener.stage(f"Reading {source.name}")
    index = scan(source)
    for note in source.notes:
        listener.note(note)
    listener.stage(f"Evaluating on {len(index):,} texts")
    rows = np.arange(len(index))
    examples = encode_rows(source, rows, task.encoding)
    probabilities, targets = probabilities_of(task, bundle.network, examples), targets_of(examples)
    judged = evaluate_classes(
        probabilities,
        targets,
        labels,
        trained,
        multi_label=several,
        copies=index.copies,
        duplicates={"test": trained.rows(index.fingerprint)},
        unknown_share=examples.statistics.unknown_share,
        empty_texts=examples.statistics.empty_texts,
    )
    texts = [row.text for row in texts_of(source, rows)]
    errors = list_errors(texts, probabilities, targets, labels, multi_label=several)
    return Evaluation(source.name, task.name, *judged, errors)


def describe_parts(prepared: PreparedTexts, fitted: FittedTexts) -> dict[str, Plain]:
    """Return source, rows, classes, lengths, and what became of the texts, by split."""
    return {
        name: {
            "source": part.source.name,
            "fingerprint": part.fingerprint,
            "rows": len(part.rows),
            "class_counts": class_counts(fitted.examples[name].targets, len(prepared.labels)),
            "lengths": describe_lengths(fitted.examples[name].lengths),
            **_counted(fitted.examples[name].statistics),
        }
        for name, part in prepared.parts.items()
    }


def _counted(found: EncodingStatistics) -> Plain:
    shares = {"unknown_share": found.unknown_share, "truncated_share": found.truncated_share}
    return dataclasses.asdict(found) | shares


def statistics(part: PlainMapping) -> EncodingStatistics:
    """Return what became of the texts of a split; `part` is from `metrics.json`."""
    return EncodingStatistics(**{each.name: part[each.name] for each in dataclasses.fields(EncodingStatistics)})


def text_card(metrics: PlainMapping) -> Card:
    """Return the model card of a text classifier."""
    return classes_card(
        metrics,
        "kinds/text/templates/card.md.j2",
        elsewhere="in another language, on another subject, or on texts of another kind or time",
        misfits=", one in another language, and an empty one",
        reading=_limits_of_reading(metrics),
    )


def _limits_of_reading(metrics: PlainMapping) -> Iterator[str]:
    parts = metrics["data"]["parts"]
    train, judged = statistics(parts["train"]), statistics(parts[metrics["judged_on"]])
    kept = (train.tokens - train.truncated_tokens) / max(1, train.texts)
    yield (
        f"Its training texts have {kept:,.0f} tokens on average; how its accuracy depends on the length of a text, "
        "very short ones above all, has not been measured."
    )
    if judged.unknown_tokens:
        yield (
            f"{percent(judged.unknown_share)} of the tokens of the {metrics['judged_on']} part are not among the "
            f"{metrics['training']['vocabulary']:,} of its vocabulary; to the model, all of these are the same token."
        )
    longest = metrics["settings"]["tokenizer"]["max_tokens"]
    if longest is not None:
        yield f"It reads only the first {count(longest, 'token')} of a text."
