"""A tiny untrained model of every task, and its predictions: in milliseconds, reproducible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from longshort.config import (
    ForecastRunSettings,
    RegressionRunSettings,
    RunSettings,
    SequenceRunSettings,
    TextRunSettings,
)
from longshort.data import TextEncoding, encode_texts
from longshort.data.sequences import SequenceEncoding
from longshort.data.sequences import from_arrays as sequences_of
from longshort.data.series import ForecastEncoding
from longshort.data.series import from_arrays as series_of
from longshort.kinds.forecast.task import Forecasting
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
from longshort.kinds.text.task import TextClassification
from longshort.networks import predict_logits
from longshort.runs import Bundle

__all__ = ["MAKERS", "answers", "make"]

TEXTS = ["a fine film", "a bad film, don't", "Ünïcode is fine", "bad <br /> bad 日本"]
WAVES = [np.sin(np.arange(6 + row)[:, None] * [0.3 + row, 1.1]) for row in range(4)]
MONTHS = {"one": np.arange(30) + np.sin(np.arange(30)), "two": np.cos(np.arange(24))}

TASKS = {each.name: each for each in (TextClassification, SequenceClassification, SequenceRegression, Forecasting)}

Answers = list[list[float]]


def texts(settings: TextRunSettings | None = None) -> tuple[Any, TextRunSettings]:
    chosen = settings or TextRunSettings.from_flat({"embedding_size": 3, "hidden_size": 2, "minimum_count": 1})
    return TextEncoding.fit(TEXTS * 3, chosen.tokenizer, labels=["neg", "pos", "Übel"]), chosen


def classes(settings: SequenceRunSettings | None = None) -> tuple[Any, SequenceRunSettings]:
    chosen = settings or SequenceRunSettings.from_flat({"filters": 2, "hidden_size": 2})
    return SequenceEncoding.fit(sequences_of(WAVES, ["a", "b", "a", "b"])), chosen


def numbers(settings: RegressionRunSettings | None = None) -> tuple[Any, RegressionRunSettings]:
    chosen = settings or RegressionRunSettings.from_flat({"filters": 2, "hidden_size": 2, "members": 2})
    return SequenceEncoding.fit(sequences_of(WAVES, np.arange(4.0)), kind="regression"), chosen


def forecasts(settings: ForecastRunSettings | None = None) -> tuple[Any, ForecastRunSettings]:
    chosen = settings or ForecastRunSettings.from_flat({"hidden_size": 2, "quantiles": (0.1, 0.5, 0.9)})
    shape = {"context": 6, "horizon": 3, "season": 4, "contexts": [6, 4]}
    return ForecastEncoding.fit(series_of(MONTHS), trends=["last", "level"], **shape), chosen


MAKERS: dict[str, Callable[..., tuple[Any, Any]]] = {
    "text-classification": texts,
    "sequence-classification": classes,
    "sequence-regression": numbers,
    "forecast": forecasts,
}
"""Makers of encoding and settings, by task; a new task is one function and one line."""


def make(task: str, settings: RunSettings | None = None, seed: int = 0) -> Bundle:
    """Make a model of the task with random weights."""
    encoding, chosen = MAKERS[task](settings)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = TASKS[task](encoding, chosen.model)
        return Bundle(made, made.build().eval(), chosen)


def answers(bundle: Bundle) -> Answers:
    """Predict a few examples: the network's outputs, or the quantiles of a forecast."""
    task = bundle.task
    if task.name == "text-classification":
        return predict_logits(bundle.network, encode_texts([*TEXTS, ""], task.encoding)).tolist()
    if task.name == "forecast":
        return task.forecast(bundle.network, series_of(MONTHS)).quantiles.reshape(-1, 3).tolist()
    return predict_logits(bundle.network, task.encoding.encode(sequences_of(WAVES))).tolist()
