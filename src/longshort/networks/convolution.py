"""Convolutions over sequences of different lengths: what a step sees lies in its own sequence, never in a neighbour."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from longshort.ragged import Ragged

__all__ = ["Convolution", "ConvolutionBlock", "ConvolutionFront", "kernels_for"]

KERNELS = (8, 5, 3)
"""Steps that the three blocks see at least, as in the fully convolutional network of Wang et al. 2017, which Karim et
al. 2018 set beside an LSTM."""

SHARE, WIDEST = 8, 32
"""The first block sees an eighth of a sequence, but this many steps at most: 8 steps of 250 are nearly a straight
line, and 32 of 8 would be the place in the sequence and no shape (docs/experiments.md)."""


def kernels_for(steps: int) -> tuple[int, int, int]:
    """Steps that each of the three blocks sees, for sequences of about this many steps: each half of the one before."""
    first = max(KERNELS[0], min(steps // SHARE, WIDEST))
    return first, max(KERNELS[1], first // 2), max(KERNELS[2], first // 4)


class Convolution(nn.Module):
    """Convolution over time, without a bias; zeros stand before and after each sequence.

    Args:
        channels: numbers per step that come in.
        filters: numbers per step that go out.
        kernel: steps that each step sees.
        causal: whether these are the step itself and those before it; else they lie around it.
    """

    def __init__(self, channels: int, filters: int, kernel: int, *, causal: bool) -> None:
        super().__init__()
        self.kernel = kernel
        self.before = kernel - 1 if causal else kernel // 2
        self.weight = nn.Parameter(torch.empty(filters, channels, kernel))
        nn.init.kaiming_uniform_(self.weight, nonlinearity="relu")

    def forward(self, inputs: Ragged) -> Ragged:
        """`(tokens, filters)` float32 of `(tokens, channels)`."""
        gap = self.kernel - 1
        # One long tape, on which zeros keep each sequence out of its neighbours' sight; never shorter than the kernel.
        first = torch.arange(len(inputs.values)) + gap * inputs.rows()
        tape = inputs.values.new_zeros(len(inputs.values) + gap * len(inputs) + 1, inputs.values.shape[1])
        tape = tape.index_copy(0, first + self.before, inputs.values)
        return inputs.with_values(self.see(tape)[first])

    def see(self, tape: Tensor) -> Tensor:
        """`(steps - kernel + 1, filters)`: what the filters find along a tape `(steps, channels)`."""
        return F.conv1d(tape.T[None], self.weight)[0].T


class ConvolutionBlock(nn.Module):
    """Convolution, batch normalisation, ReLU.

    At prediction the normalisation has the mean and the deviation that it met in training, so that no sequence sees its
    neighbours in the batch (Ioffe & Szegedy 2015).

    Args:
        channels, filters, kernel, causal: of the `Convolution`.
    """

    def __init__(self, channels: int, filters: int, kernel: int, *, causal: bool) -> None:
        super().__init__()
        self.convolution = Convolution(channels, filters, kernel, causal=causal)
        self.norm = nn.BatchNorm1d(filters)

    def forward(self, inputs: Ragged) -> Ragged:
        """`(tokens, filters)` float32 of `(tokens, channels)`."""
        found = self.convolution(inputs)
        finished: Ragged = found.with_values(self.finish(found.values))
        return finished

    def finish(self, found: Tensor) -> Tensor:
        """Apply what follows the convolution, step by step: `(steps, filters)` of the same."""
        if self.training and len(found) == 1:  # which has no deviation: as at prediction
            norm = self.norm
            return F.relu(F.batch_norm(found, norm.running_mean, norm.running_var, norm.weight, norm.bias))
        return F.relu(self.norm(found))


class ConvolutionFront(nn.Module):
    """Three blocks, one on the other.

    Args:
        channels: numbers per step that come in.
        filters: numbers per step that the last block gives, and the first; the middle one has twice as many.
        steps: about how long sequences are, which `kernels_for` makes kernels of.
        causal: whether a step sees itself and those before it alone; else also those after it.
    """

    def __init__(self, channels: int, filters: int, steps: int, *, causal: bool) -> None:
        super().__init__()
        sizes = itertools.pairwise((channels, filters, 2 * filters, filters))
        self.blocks = nn.ModuleList(
            ConvolutionBlock(*size, kernel, causal=causal)
            for size, kernel in zip(sizes, kernels_for(steps), strict=True)
        )

    def forward(self, inputs: Ragged) -> Ragged:
        """`(tokens, filters)` float32 of `(tokens, channels)`."""
        found = inputs
        for block in self.blocks:
            found = block(found)
        return found
