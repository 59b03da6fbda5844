"""Measure the channels and train the network on prepared sequences of numbers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

from longshort.config import SequenceRunSettings
from longshort.data.sequences import EncodedSequences, SequenceEncoding, Sequences
from longshort.runs.fit import weights_of
from longshort.tasks import (
    EachOf,
    SequenceClassification,
    SequenceNetwork,
    SequenceRegression,
    Together,
    for_sequences,
    members_for,
    members_of,
)
from longshort.training import Checkpoints, Listener, Training, TrainingResult

__all__ = [
    "FittedSequences",
    "PreparedSequences",
    "SequencePart",
    "SequenceTask",
    "describe_inputs",
    "fit_sequences",
    "fresh_network",
]

Array = np.ndarray[Any, Any]
SequenceTask = SequenceClassification | SequenceRegression
SequenceNetworks = SequenceNetwork | Together[SequenceNetwork]


@dataclass(frozen=True)
class SequencePart:
    """One split: some sequences, and where they stand in their source, `(sequences,)` int64."""

    sequences: Sequences
    rows: Array

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of the whole source."""
        return self.sequences.fingerprint


@dataclass(frozen=True)
class PreparedSequences:
    """The splits, before anything is fitted; see `runs.work.Prepared`."""

    parts: dict[str, SequencePart]
    labels: list[str]
    overlaps: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    multi_label: bool = False

    @property
    def name(self) -> str:
        """What the training data are called."""
        return self.parts["train"].sequences.name


@dataclass(frozen=True)
class FittedSequences:
    """A trained network and what it was trained on; see `runs.work.Fitted`."""

    task: Any
    network: SequenceNetworks
    examples: dict[str, EncodedSequences]
    result: TrainingResult


def fit_sequences(
    prepared: PreparedSequences,
    settings: SequenceRunSettings,
    listener: Listener,
    *,
    on_better: Callable[[Any, nn.Module], None] | None = None,
    start: tuple[SequenceTask, SequenceNetworks] | None = None,
    weights: Array | None = None,
    checkpoints: Checkpoints | None = None,
) -> FittedSequences:
    """Measure the channels of the training part alone, and train: a classifier where there are labels.

    Args:
        prepared: the splits.
        settings: all settings.
        listener: is told what happens.
        on_better: called with the task and the weights to keep, after each epoch that is the best so far.
        start: a task and a network to go on from, both left as they are; then nothing is fitted but the weights.
        weights: `(sequences of the data,)` above 0: how much each counts in the loss; all alike when not given.
        checkpoints: where the training goes on from, and is kept.
    """
    task = _measured(prepared, settings) if start is None else start[0]
    examples = {name: task.encoding.encode(part.sequences) for name, part in prepared.parts.items()}
    network = fresh_network(task, settings.training.seed) if start is None else copy.deepcopy(start[1])
    listener.stage(_describe(network, task.encoding, examples))
    listener.stage(f"Training the {'classifier' if prepared.labels else 'regression'}")
    training = Training(
        EachOf(task.objective),
        network,
        examples["train"],
        examples.get("validation"),
        for_sequences(settings.training, examples["train"].lengths),
        listener,
        on_better=None if on_better is None else lambda kept: on_better(task, kept),
        weights=None if weights is None else weights_of(prepared.parts, weights),
        checkpoints=checkpoints and checkpoints.of("training"),
    )
    return FittedSequences(task, network, examples, training.run())


def describe_inputs(fitted: FittedSequences) -> dict[str, Any]:
    """The channels, whether there is a mark for what is missing, and how many networks read them."""
    encoding = fitted.task.encoding
    return {
        "channels": list(encoding.channels),
        "masked": encoding.masked,
        "members": len(members_of(fitted.network)),
    }


def fresh_network(task: SequenceTask, seed: int) -> SequenceNetworks:
    """A network, or several, whose first weights follow from `seed`; torch's own generator stays as it is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return task.build()


def _measured(prepared: PreparedSequences, settings: SequenceRunSettings) -> SequenceTask:
    train = prepared.parts["train"].sequences
    model = members_for(len(train), settings.model)
    if prepared.labels:
        return SequenceClassification(SequenceEncoding.fit(train, labels=prepared.labels), model)
    return SequenceRegression(SequenceEncoding.fit(train, kind="regression"), model)


def _describe(network: SequenceNetworks, encoding: SequenceEncoding, examples: dict[str, EncodedSequences]) -> str:
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in examples.items())
    weights = f"{sum(p.numel() for p in network.parameters()):,} weights"
    members = len(members_of(network))
    who = f"The network: {weights}" if members == 1 else f"{members} networks that answer together: {weights}"
    return f"{who}, {encoding.features} numbers a step, {sizes} sequences"
