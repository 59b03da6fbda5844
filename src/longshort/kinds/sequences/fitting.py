"""Measure the channels and train the network on prepared sequences of numbers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TypeVar, cast

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from longshort.config import SequenceModelSettings
from longshort.data.sequences import EncodedSequences, SequenceEncoding, Sequences
from longshort.kinds.seam import Trained, example_weights
from longshort.kinds.sequences.preparing import PreparedSequences
from longshort.kinds.sequences.settings import SequenceRunSettings
from longshort.kinds.sequences.tasks import SequenceClassification, SequenceRegression
from longshort.kinds.sequences.training_length import for_sequences, members_for
from longshort.networks import EachOf, Ensemble, SequenceNetwork, members_of
from longshort.plain import Plain
from longshort.training import Checkpoints, Listener, Training

__all__ = [
    "FittedSequences",
    "SequenceNetworks",
    "classification_of",
    "describe_inputs",
    "fit_sequences",
    "fresh_network",
    "regression_of",
]

TaskT = TypeVar("TaskT", SequenceClassification, SequenceRegression)
SequenceNetworks = SequenceNetwork | Ensemble[SequenceNetwork]


FittedSequences = Trained[TaskT, SequenceNetworks, EncodedSequences]
"""A trained network, or several that answer together."""


def fit_sequences(
    prepared: PreparedSequences,
    settings: SequenceRunSettings,
    listener: Listener,
    *,
    make: Callable[[Sequences, list[str], SequenceModelSettings], TaskT],
    on_better: Callable[[TaskT, nn.Module], None] | None = None,
    start: tuple[TaskT, nn.Module] | None = None,
    weights: npt.NDArray[np.float64] | None = None,
    checkpoints: Checkpoints | None = None,
) -> FittedSequences[TaskT]:
    """Measure the channels of the training split alone, and train.

    Args:
        prepared: the splits.
        settings: of the run.
        listener: receives events.
        make: fits the encoding on training sequences with these labels, and returns the task.
        on_better: called with the task and the network after each epoch that is the best so far.
        start: a task and a network to continue from, both left unchanged; then only the weights are fitted.
        weights: `(sequences of the data,)` above 0: how much each counts in the loss; all count the same if None.
        checkpoints: where the training is resumed from, and stored.
    """
    train = prepared.parts["train"].sequences
    model = members_for(len(train), settings.model)
    task = make(train, prepared.labels, model) if start is None else start[0]
    examples = {name: task.encoding.encode(part.sequences) for name, part in prepared.parts.items()}
    network = (
        fresh_network(task, settings.training.seed)
        if start is None
        else cast("SequenceNetworks", copy.deepcopy(start[1]))
    )
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
        weights=None if weights is None else example_weights(prepared, weights),
        checkpoints=checkpoints and checkpoints.of("training"),
    )
    return Trained(task, network, examples, training.run())


def classification_of(train: Sequences, labels: list[str], settings: SequenceModelSettings) -> SequenceClassification:
    """Fit the encoding of a classifier."""
    return SequenceClassification(SequenceEncoding.fit(train, labels=labels), settings)


def regression_of(train: Sequences, labels: list[str], settings: SequenceModelSettings) -> SequenceRegression:
    """Fit the encoding of a regression, which has no labels."""
    del labels
    return SequenceRegression(SequenceEncoding.fit(train, kind="regression"), settings)


def describe_inputs(fitted: FittedSequences[TaskT]) -> Plain:
    """The channels, whether there is a mark for what is missing, and how many networks read them."""
    encoding = fitted.task.encoding
    return {
        "channels": list(encoding.channels),
        "masked": encoding.masked,
        "members": len(members_of(fitted.network)),
    }


def fresh_network(task: SequenceClassification | SequenceRegression, seed: int) -> SequenceNetworks:
    """A network, or several, whose first weights follow from `seed`; torch's own generator stays as it is."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return task.build()


def _describe(network: SequenceNetworks, encoding: SequenceEncoding, examples: dict[str, EncodedSequences]) -> str:
    sizes = ", ".join(f"{len(part):,} {name}" for name, part in examples.items())
    weights = f"{sum(p.numel() for p in network.parameters()):,} weights"
    members = len(members_of(network))
    who = f"The network: {weights}" if members == 1 else f"{members} networks that answer together: {weights}"
    return f"{who}, {encoding.features} numbers a step, {sizes} sequences"
