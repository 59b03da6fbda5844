"""Answers of a network for many examples, batch by batch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from longshort.data import plan_batches
from longshort.tasks.base import Dataset, Objective

BATCH_TOKENS = 32_768  # no answer depends on it

__all__ = ["mean_loss_and_accuracy", "predict_logits"]


@torch.no_grad()
def predict_logits(network: nn.Module, examples: Dataset) -> Tensor:
    """Logits `(len(examples), outputs)` float32, in the order of the examples, with dropout off.

    Args:
        network: takes the Ragged inputs of a batch.
        examples: encoded examples.
    """
    was_training = network.training
    network.eval()
    try:
        plan = plan_batches(examples.lengths, BATCH_TOKENS, generator=None)
        parts = [network(examples.batch(rows).inputs) for rows in plan]
    finally:
        network.train(was_training)
    order = torch.as_tensor([row for rows in plan for row in rows.tolist()], dtype=torch.int64)
    logits = torch.cat(parts)
    return torch.empty_like(logits).index_copy_(0, order, logits)


def mean_loss_and_accuracy(objective: Objective, network: nn.Module, examples: Dataset) -> tuple[float, float]:
    """Mean loss in nats, and share of right answers."""
    logits = predict_logits(network, examples)
    targets = torch.as_tensor(examples.targets)
    loss = objective.losses(logits, targets).double().mean()
    return float(loss), float(objective.correct(logits, targets).double().mean())
