"""Detect torch transforms that trace into an operator, which a compiled kernel does not support."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.autograd import forward_ad

__all__ = ["is_batched", "is_transformed"]


def is_transformed() -> bool:
    """Whether a transform of `torch.func` is active, or a level of forward-mode differentiation is open."""
    return torch._C._are_functorch_transforms_active() or forward_ad._current_level >= 0


def is_batched(tensor: Tensor) -> bool:
    """Whether a tensor stands for a batch of tensors, as in `torch.autograd.grad(..., is_grads_batched=True)`."""
    return torch._C._functorch.is_legacy_batchedtensor(tensor)
