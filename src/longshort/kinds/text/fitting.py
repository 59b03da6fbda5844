"""Fit the encoding and train the network on prepared data."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from longshort.data import Examples, TextEncoding
from longshort.kinds.seam import Trained, example_weights
from longshort.kinds.text.preparing import PreparedTexts, encode
from longshort.kinds.text.settings import TextRunSettings
from longshort.kinds.text.task import TextClassification
from longshort.networks import TextClassifierNetwork
from longshort.networks.word_vectors import word_vectors
from longshort.training import Checkpoints, Listener, Training, TrainingResult, choose_plan, pretrain

__all__ = ["FittedTexts", "build", "fit"]


FittedTexts = Trained[TextClassification, TextClassifierNetwork, Examples]
"""A trained text classifier."""


def fit(
    prepared: PreparedTexts,
    settings: TextRunSettings,
    listener: Listener,
    *,
    folder: Path | None = None,
    on_better: Callable[[TextClassification, nn.Module], None] | None = None,
    start: tuple[TextClassification, nn.Module] | None = None,
    weights: npt.NDArray[np.float64] | None = None,
    checkpoints: Checkpoints | None = None,
) -> FittedTexts:
    """Fit the encoding on the training split alone, encode every part, train.

    Args:
        prepared: the splits.
        settings: all settings.
        listener: receives events.
        folder: where the encoded parts are kept in files; in memory when not given.
        on_better: called with the task and the weights to keep, after each epoch that is the best so far.
        start: a task and a network to continue from, both left unchanged; only the weights are fitted then.
        weights: `(rows of the data,)` above 0: how much each row counts in the loss; all alike when not given.
        checkpoints: where trainings are resumed from, and stored.
    """
    task = TextClassification(_encoding(prepared, settings, listener), settings.model) if start is None else start[0]
    encoding = task.encoding
    examples = encode(prepared, encoding, folder)
    network = (
        build(task, examples["train"], settings, listener)
        if start is None
        else cast("TextClassifierNetwork", copy.deepcopy(start[1]))
    )
    listener.stage(_describe(network, encoding, examples))
    if start is None and not pretrain(
        network, examples["train"], settings.training, listener, checkpoints and checkpoints.of("pretraining")
    ):
        plan = choose_plan(settings.training, examples["train"].lengths)
        return Trained(task, network, examples, TrainingResult([], plan, 0, "interrupted"))
    listener.stage("Training the classifier")
    training = Training(
        task.objective,
        network,
        examples["train"],
        examples.get("validation"),
        settings.training,
        listener,
        on_better=None if on_better is None else lambda kept: on_better(task, kept),
        weights=None if weights is None else example_weights(prepared, weights),
        checkpoints=checkpoints and checkpoints.of("training"),
    )
    return Trained(task, network, examples, training.run())


def _encoding(prepared: PreparedTexts, settings: TextRunSettings, listener: Listener) -> TextEncoding:
    train = prepared.parts["train"]
    listener.stage(f"Fitting the {settings.tokenizer.tokenizer} tokenizer on {len(train.rows):,} training texts")
    return TextEncoding.fit(
        train.texts(),
        settings.tokenizer,
        labels=prepared.labels,
        multi_label=prepared.multi_label,
    )


def build(
    task: TextClassification, train: Examples, settings: TextRunSettings, listener: Listener
) -> TextClassifierNetwork:
    """A network with fresh weights, and with first vectors of the tokens as the settings say."""
    seed = settings.training.seed
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = task.build()
    if settings.model.embedding_start == "cooccurrence":
        vocabulary, size = task.encoding.vocabulary_size, settings.model.embedding_size
        listener.stage(f"Computing initial embeddings of {vocabulary:,} tokens from co-occurrence")
        vectors = word_vectors(train.tokens, train.offsets, vocabulary, size, seed=seed % 2**32)
        network.start_embedding(torch.from_numpy(vectors))
    return network


def _describe(network: TextClassifierNetwork, encoding: TextEncoding, examples: dict[str, Examples]) -> str:
    weights = sum(p.numel() for p in network.parameters())
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in examples.items())
    return f"The network: {weights:,} weights, {encoding.vocabulary_size:,} tokens in the vocabulary, {sizes} texts"
