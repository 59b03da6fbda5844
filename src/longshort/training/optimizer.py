"""AdamW, and the learning rate over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from longshort.config import TrainingSettings

__all__ = ["learning_rate_at", "make_optimizer", "running_mean"]

WARM_UP = 0.25  # share of the training in which a one-cycle rate rises
FIRST_FRACTION = 1 / 25  # of the peak, where a one-cycle rate starts


def make_optimizer(network: nn.Module, settings: TrainingSettings) -> torch.optim.AdamW:
    """AdamW (Loshchilov & Hutter 2019) whose weight decay spares biases and embeddings.

    Without weight decay it is Adam (Kingma & Ba 2015), with the decay rates 0.9 and 0.999 of the paper.

    An embedding is spared because decay would shrink the rows of rare words at every step in which they do not occur.
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
    # The third group moves by a share of the learning rate; the loop multiplies.
    return torch.optim.AdamW(groups, lr=settings.learning_rate, fused=True)


def running_mean(network: nn.Module, decay: float) -> AveragedModel | None:
    """A copy of `network` whose weights follow its own as a running mean; None where `decay` is 0.

    The share of the past grows from a tenth to `decay` over the first steps, so that the first weights are forgotten.
    """
    if not decay:
        return None

    def follow(mean: Sequence[Tensor], now: Sequence[Tensor], steps: Tensor | int) -> None:
        past = min(decay, (1 + int(steps)) / (10 + int(steps)))
        torch._foreach_lerp_(list(mean), list(now), 1 - past)

    return AveragedModel(network, multi_avg_fn=follow)


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
