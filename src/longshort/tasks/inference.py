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


def mean_loss_and_accuracy(
    objective: Objective, network: nn.Module, examples: Dataset, weights: Tensor | None = None
) -> tuple[float, float | None]:
    """Mean loss in nats, and share of right answers; None where no answer is right or wrong, as in regression.

    Args:
        objective: says what the loss is and which answers are right.
        network: takes the Ragged inputs of a batch.
        examples: encoded examples.
        weights: `(examples,)`: how much each example counts in the loss, 1 in the mean; all alike when not given.
    """
    logits = predict_logits(network, examples)
    targets = torch.as_tensor(examples.targets)
    losses = objective.losses(logits, targets).double()
    right = objective.correct(logits, targets)
    loss = float((losses if weights is None else losses * weights).mean())
    return loss, None if right is None else float(right.double().mean())
