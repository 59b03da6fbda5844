"""Answers of a network for many examples, batch by batch."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor, nn

from longshort.data import plan_batches
from longshort.networks.base import Dataset, Objective
from longshort.ragged import Ragged

BATCH_TOKENS = 32_768  # no answer depends on it

__all__ = ["mean_loss_and_accuracy", "predict_logits"]


@torch.no_grad()
def predict_logits(network: nn.Module, examples: Dataset, *, batch_tokens: int | None = None) -> Tensor:
    """Logits `(len(examples), outputs)` float32, in the order of the examples, with dropout off.

    Equal examples get the same bits. On its own each has the same logits up to rounding, for a matrix product rounds
    rows otherwise at other places of a batch.

    Args:
        network: takes the Ragged inputs of a batch.
        examples: encoded examples.
        batch_tokens: tokens of a batch at most, and never more than 32,768.
    """
    was_training = network.training
    network.eval()
    first_alike: dict[bytes, int] = {}
    order: list[int] = []
    chosen: list[int] = []
    parts: list[Tensor] = []
    try:
        for rows in plan_batches(examples.lengths, min(BATCH_TOKENS, batch_tokens or BATCH_TOKENS)):
            inputs = examples.batch(rows).inputs
            parts.append(network(inputs))
            places = range(len(order), len(order) + len(rows))
            chosen += map(first_alike.setdefault, _digests(inputs), places)
            order += rows.tolist()
    finally:
        network.train(was_training)
    logits = torch.cat(parts)
    return torch.empty_like(logits).index_copy_(0, torch.tensor(order), logits[torch.tensor(chosen)])


def _digests(inputs: Ragged) -> Iterator[bytes]:
    """16 bytes for each sequence; the same ones stand for the same values."""
    values = inputs.values.contiguous().cpu().numpy()
    for start, end in pairwise(inputs.offsets.tolist()):
        yield hashlib.blake2b(values[start:end].tobytes(), digest_size=16).digest()


def mean_loss_and_accuracy(
    objective: Objective,
    network: nn.Module,
    examples: Dataset,
    weights: Tensor | None = None,
    *,
    batch_tokens: int | None = None,
) -> tuple[float, float | None]:
    """Mean loss in nats, and share of right answers; None if no answer is right or wrong, as in regression.

    Args:
        objective: says what the loss is and which answers are right.
        network: takes the Ragged inputs of a batch.
        examples: encoded examples.
        weights: `(examples,)`: how much each example counts in the loss, 1 in the mean; all alike when not given.
        batch_tokens: as `predict_logits` takes it.
    """
    logits = predict_logits(network, examples, batch_tokens=batch_tokens)
    targets = torch.as_tensor(examples.targets)
    losses = objective.losses(logits, targets).double()
    right = objective.correct(logits, targets)
    loss = float((losses if weights is None else losses * weights).mean())
    return loss, None if right is None else float(right.double().mean())
