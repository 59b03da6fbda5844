"""Judge a finished model on other data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from torch import nn

from longshort.config import ForecastRunSettings, ForecastSettings, SequenceRunSettings
from longshort.data import encode_rows, open_source, scan, texts_of
from longshort.data.sequences import EncodedSequences, Sequences, copies, open_sequences
from longshort.data.series import open_series
from longshort.evaluation import Verdict, classification_metrics, majority
from longshort.evaluation.sequence_baselines import MEAN, RegressionBaseline
from longshort.runs.bundle import Bundle, load_bundle
from longshort.runs.classified import class_counts, list_errors
from longshort.runs.forecast_judging import judge_forecasts
from longshort.runs.judging import targets_of
from longshort.runs.regressions import answer_numbers, worst_answers
from longshort.runs.trained_on import TrainedOn, steps_seen
from longshort.runs.weighing import Weighed, weigh, weigh_numbers
from longshort.tasks import predict_logits
from longshort.training import Listener

__all__ = ["Evaluation", "evaluate"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Evaluation:
    """How a model does on data of the user's choice.

    Args:
        source: the name of the data.
        task: what the model has learnt.
        metrics: as plain data.
        baselines: the metrics of its opponents on the same rows, by name. Of a classifier it is the answer that was
            most frequent in training; of a model without its run that which is in this very data, which is no fair
            opponent and has no say in the verdict.
        verdict: the honest sentences.
        errors: the ten worst, as plain data.
    """

    source: str
    task: str
    metrics: dict[str, Any]
    baselines: dict[str, dict[str, Any]]
    verdict: Verdict
    errors: list[dict[str, Any]]


def evaluate(run: Path | str, data: Any, *, settings: Any = None, listener: Listener | None = None) -> Evaluation:
    """Answer every row of `data` and compare with its labels.

    Args:
        run: a run directory or a bundle.
        data: as for `train`.
        settings: how the data are read, as the section `data` of the task's settings; those of the training when not
            given.
        listener: is told what happens.

    Raises:
        UserError: the model or the data does not hold what it must.
    """
    listener = listener or Listener()
    bundle = load_bundle(run)
    if isinstance(bundle.settings, ForecastRunSettings):
        return _evaluate_forecast(run, bundle, data, settings or bundle.settings.data, listener)
    trained = TrainedOn.of(run)
    if bundle.task.name == "sequence-regression":
        return _evaluate_numbers(bundle, data, settings, listener, trained)
    if isinstance(bundle.settings, SequenceRunSettings):
        return _evaluate_sequences(bundle, data, settings, listener, trained)
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
    judged = _judge(
        probabilities,
        targets_of(examples),
        labels,
        trained,
        multi_label=encoding.multi_label,
        copies=index.copies,
        duplicates={"test": trained.rows(index.fingerprint)},
        unknown_share=examples.statistics.unknown_share,
        empty_texts=examples.statistics.empty_texts,
    )
    errors = list_errors(
        [row.text for row in texts_of(source, rows)],
        probabilities,
        targets_of(examples),
        labels,
        multi_label=encoding.multi_label,
    )
    return Evaluation(source.name, bundle.task.name, *judged, errors)


def _evaluate_forecast(
    run: Path | str, bundle: Bundle, data: Any, settings: ForecastSettings, listener: Listener
) -> Evaluation:
    """On the end of each series, as long as the settings say; what comes before is what the baselines are fitted on."""
    listener.stage(f"Reading {data}")
    series = open_series(data, settings, step=bundle.task.encoding.step)
    for note in [*series.notes, *bundle.task.notes(series)]:
        listener.note(note)
    horizon = bundle.task.encoding.horizon
    starts = series.holdout(share=settings.test_share, steps=settings.test_steps, least=horizon)
    listener.stage(f"Forecasting the last {int((series.lengths - starts).sum()):,} steps; the baselines too")
    networks = cast("nn.ModuleList", bundle.network)
    judged = judge_forecasts(bundle.task, networks, series, starts, seen=steps_seen(run, bundle, series, starts))
    return Evaluation(series.source, bundle.task.name, judged.metrics, judged.baselines, judged.verdict, [])


def _evaluate_numbers(bundle: Bundle, data: Any, settings: Any, listener: Listener, trained: TrainedOn) -> Evaluation:
    """Beside the mean of the targets in training."""
    sequences, examples = _read_sequences(bundle, data, settings, listener, numbers=True)
    truth = np.asarray(sequences.targets, dtype=np.float64)
    given = answer_numbers(bundle.task, bundle.network, examples)
    constant = np.full(len(truth), bundle.task.encoding.target_mean)
    mean = RegressionBaseline(name=MEAN, predictions=constant, seconds=0.0)
    duplicates = {"test": trained.rows(sequences.fingerprint)}
    judged = _plain(weigh_numbers(given, truth, [mean], duplicates=duplicates))
    return Evaluation(sequences.name, bundle.task.name, *judged, worst_answers(sequences.origins, given, truth))


def _evaluate_sequences(bundle: Bundle, data: Any, settings: Any, listener: Listener, trained: TrainedOn) -> Evaluation:
    sequences, examples = _read_sequences(bundle, data, settings, listener, numbers=False)
    labels = bundle.task.encoding.labels
    logits = predict_logits(bundle.network, examples)
    probabilities = np.asarray(bundle.task.objective.probabilities(logits.double()).numpy())
    duplicates = {"test": trained.rows(sequences.fingerprint)}
    judged = _judge(probabilities, examples.targets, labels, trained, copies=copies(sequences), duplicates=duplicates)
    errors = list_errors(sequences.origins, probabilities, examples.targets, labels, multi_label=False)
    return Evaluation(sequences.name, bundle.task.name, *judged, errors)


def _read_sequences(
    bundle: Bundle, data: Any, settings: Any, listener: Listener, *, numbers: bool
) -> tuple[Sequences, EncodedSequences]:
    encoding = bundle.task.encoding
    listener.stage(f"Reading {data}")
    sequences = open_sequences(data, settings or bundle.settings.data, numbers=numbers, channels=encoding.channels)
    examples = encoding.encode(sequences)
    for note in [*sequences.notes, *examples.notes]:
        listener.note(note)
    listener.stage(f"Judging on {len(sequences):,} sequences")
    return sequences, examples


def _judge(
    probabilities: Array,
    targets: Array,
    labels: list[str],
    trained: TrainedOn,
    *,
    multi_label: bool = False,
    **known: Any,
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], Verdict]:
    """The metrics of the model and of the most frequent class, and the verdict; `known` is for the facts."""
    opponent = trained.majority(labels, len(targets))
    known["test_counts"] = class_counts(targets, len(labels))
    if opponent is not None:
        return _plain(weigh(probabilities, targets, labels, [opponent], multi_label=multi_label, **known))
    metrics, _, verdict = _plain(weigh(probabilities, targets, labels, [], multi_label=multi_label, **known))
    own = majority(targets, labels, len(targets), multi_label=multi_label)
    shown = classification_metrics(own.probabilities, targets, labels, multi_label=multi_label).to_dict()
    return metrics, {f"{own.name} of these": shown}, verdict


def _plain(weighed: Weighed) -> tuple[dict[str, Any], dict[str, dict[str, Any]], Verdict]:
    left_out = ("comparison", "seconds")
    plain = {
        name: {key: value for key, value in metrics.items() if key not in left_out}
        for name, metrics in weighed.baselines.items()
    }
    return weighed.metrics, plain, weighed.verdict
