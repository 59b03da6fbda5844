"""AdamW, the running mean of the weights, and the learning-rate schedule."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from longshort.config import TrainingSettings

__all__ = ["learning_rate_at", "make_optimizer", "running_mean"]

WARM_UP = 0.25  # share of the training in which the one-cycle rate rises
FIRST_FRACTION = 1 / 25  # initial one-cycle rate, as a share of the peak


def make_optimizer(network: nn.Module, settings: TrainingSettings) -> torch.optim.AdamW:
    """Make AdamW (Loshchilov & Hutter 2019) without weight decay on biases and embeddings.

    With no weight decay it is Adam (Kingma & Ba 2015), with the paper's decay rates 0.9 and 0.999.

    Decay would shrink the embeddings of rare words at every step in which they do not occur.
    """
    embeddings = [m.weight for m in network.modules() if isinstance(m, nn.Embedding)]
    own = {id(weight) for weight in embeddings}
    matrices = [p for p in network.parameters() if p.dim() > 1 and id(p) not in own]
    vectors = [p for p in network.parameters() if p.dim() <= 1]
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay, "share": 1.0},
        {"params": vectors, "weight_decay": 0.0, "share": 1.0},
        {"params": embeddings, "weight_decay": 0.0, "share": settings.embedding_rate},
    ]
    # The loop multiplies the learning rate of each group by its share.
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def running_mean(network: nn.Module, decay: float) -> AveragedModel | None:
    """Make a copy of `network` that holds the running mean of its weights; None if `decay` is 0.

    The decay grows from 0.1 to `decay` over the first steps, so that the initial weights are forgotten.
    """
    if not decay:
        return None

    def follow(mean: Sequence[Tensor], now: Sequence[Tensor], steps: Tensor | int) -> None:
        past = min(decay, (1 + int(steps)) / (10 + int(steps)))
        torch._foreach_lerp_(list(mean), list(now), 1 - past)

    return AveragedModel(network, multi_avg_fn=follow)


def learning_rate_at(progress: float, settings: TrainingSettings) -> float:
    """Return the learning rate at `progress`, the finished share of the training from 0 to 1.

    One-cycle: rises along a cosine to the peak, then falls along a cosine to 0 (Smith & Topin 2018).
    """
    if settings.schedule == "constant":
        return settings.learning_rate
    if progress < WARM_UP:
        low = settings.learning_rate * FIRST_FRACTION
        return low + (settings.learning_rate - low) * (1 - math.cos(math.pi * progress / WARM_UP)) / 2
    return settings.learning_rate * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2
