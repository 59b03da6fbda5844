"""AdamW, and the learning rate over time."""

from __future__ import annotations

import math

import torch
from torch import nn

from longshort.config import TrainingSettings

__all__ = ["learning_rate_at", "make_optimizer"]

WARM_UP = 0.25  # share of the training in which a one-cycle rate rises
FIRST_FRACTION = 1 / 25  # of the peak, where a one-cycle rate starts


def make_optimizer(network: nn.Module, settings: TrainingSettings) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) whose weight decay spares biases and embeddings.

    Without weight decay it is Adam (Kingma & Ba 2015), with the decay rates 0.9 and 0.999 of the paper.

    An embedding is spared because decay would shrink the rows of rare words at every step in which they do not occur.
    """
    spared = {id(m.weight) for m in network.modules() if isinstance(m, nn.Embedding)}
    decayed = [p for p in network.parameters() if p.dim() > 1 and id(p) not in spared]
    others = [p for p in network.parameters() if p.dim() <= 1 or id(p) in spared]
    groups = [{"params": decayed, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=settings.learning_rate)


def learning_rate_at(progress: float, settings: TrainingSettings) -> float:
    """The learning rate when the share `progress`, from 0 to 1, of the training is done.

    One-cycle: along a cosine up to the peak, then along a cosine down to 0 (Smith & Topin 2018).
    """
    if settings.schedule == "constant":
        return settings.learning_rate
    if progress < WARM_UP:
        low = settings.learning_rate * FIRST_FRACTION
        return low + (settings.learning_rate - low) * (1 - math.cos(math.pi * progress / WARM_UP)) / 2
    return settings.learning_rate * (1 + math.cos(math.pi * (progress - WARM_UP) / (1 - WARM_UP))) / 2
