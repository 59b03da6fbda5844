"""Fit the encoding and train the network on prepared data."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from longshort.config import Settings
from longshort.data import Examples, TextEncoding
from longshort.runs.prepare import Prepared, encode
from longshort.tasks import TextClassification, TextClassifierNetwork, word_vectors
from longshort.training import Checkpoints, Listener, Training, TrainingResult, choose_plan, pretrain

__all__ = ["Fitted", "build", "fit", "weights_of"]


@dataclass(frozen=True)
class Fitted:
    """A trained network and all that it was trained on.

    Args:
        task: what was learnt, with its encoding.
        network: holds the weights of the best epoch.
        examples: the encoded parts.
        result: history, best epoch, and why the training ended.
    """

    task: TextClassification
    network: TextClassifierNetwork
    examples: dict[str, Examples]
    result: TrainingResult


def fit(
    prepared: Prepared,
    settings: Settings,
    listener: Listener,
    *,
    folder: Path | None = None,
    on_better: Callable[[TextClassification, nn.Module], None] | None = None,
    start: tuple[TextClassification, TextClassifierNetwork] | None = None,
    weights: np.ndarray[Any, Any] | None = None,
    checkpoints: Checkpoints | None = None,
) -> Fitted:
    """Fit the encoding on the training split alone, encode every part, train.

    Args:
        prepared: the splits.
        settings: all settings.
        listener: is told what happens.
        folder: where the encoded parts are kept in files; in memory when not given.
        on_better: called with the task and the weights to keep, after each epoch that is the best so far.
        start: a task and a network to go on from, both left as they are; then nothing is fitted but the weights.
        weights: `(rows of the data,)` above 0: how much each row counts in the loss; all alike when not given.
        checkpoints: where the trainings go on from, and are kept.
    """
    task = TextClassification(_encoding(prepared, settings, listener), settings.model) if start is None else start[0]
    encoding = task.encoding
    examples = encode(prepared, encoding, folder)
    network = build(task, examples["train"], settings, listener) if start is None else copy.deepcopy(start[1])
    listener.stage(_describe(network, encoding, examples))
    if start is None and not pretrain(
        network, examples["train"], settings.training, listener, checkpoints and checkpoints.of("pretraining")
    ):
        plan = choose_plan(settings.training, examples["train"].lengths)
        return Fitted(task, network, examples, TrainingResult([], plan, 0, "interrupted"))
    listener.stage("Training the classifier")
    training = Training(
        task.objective,
        network,
        examples["train"],
        examples.get("validation"),
        settings.training,
        listener,
        on_better=None if on_better is None else lambda kept: on_better(task, kept),
        weights=None if weights is None else weights_of(prepared.parts, weights),
        checkpoints=checkpoints and checkpoints.of("training"),
    )
    return Fitted(task, network, examples, training.run())


def weights_of(parts: Mapping[str, Any], weights: np.ndarray[Any, Any]) -> dict[str, np.ndarray[Any, Any]]:
    """The weights of the rows of the training part and of the validation part, where there is one."""
    return {name: weights[parts[name].rows] for name in ("train", "validation") if name in parts}


def _encoding(prepared: Prepared, settings: Settings, listener: Listener) -> TextEncoding:
    train = prepared.parts["train"]
    listener.stage(f"Fitting the {settings.tokenizer.tokenizer} tokenizer on {len(train.rows):,} training texts")
    return TextEncoding.fit(
        train.texts(),
        settings.tokenizer,
        labels=prepared.labels,
        multi_label=prepared.multi_label,
    )


def build(task: TextClassification, train: Examples, settings: Settings, listener: Listener) -> TextClassifierNetwork:
    """A network with fresh weights, and with first vectors of the tokens as the settings say."""
    seed = settings.training.seed
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = task.build()
    if settings.model.embedding_start == "cooccurrence":
        vocabulary, size = task.encoding.vocabulary_size, settings.model.embedding_size
        listener.stage(f"Finding first vectors for {vocabulary:,} tokens by the company they keep")
        vectors = word_vectors(train.tokens, train.offsets, vocabulary, size, seed=seed % 2**32)
        network.start_embedding(torch.from_numpy(vectors))
    return network


def _describe(network: TextClassifierNetwork, encoding: TextEncoding, examples: dict[str, Examples]) -> str:
    weights = sum(p.numel() for p in network.parameters())
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in examples.items())
    return f"The network: {weights:,} weights, {encoding.vocabulary_size:,} tokens in the vocabulary, {sizes} texts"
