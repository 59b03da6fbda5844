"""The network of a forecast: past steps -> LSTM -> quantiles of each step ahead, and a linear path beside it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from longshort.config import ForecastModelSettings
from longshort.lstm import LSTM, initialise
from longshort.ragged import Ragged

__all__ = ["ForecastNetwork"]

LINEAR_RATE = 0.1
"""How fast the linear path moves from its start, as a share of the learning rate of all else."""

FIRST_WEIGHTS = 0.1
"""Share of its usual first weights that the last layer begins with, so that the training starts at the linear path."""


class ForecastNetwork(nn.Module):
    """Reads the past steps of a window, reads on over the steps ahead, and answers with quantiles at each of those.

    The quantiles never cross: the median comes first, and each further one is the one before it, further out by a
    softplus. All quantiles of all steps are answered at once; none is fed back.

    Args:
        features: numbers per step: the value first; the last `known` are those that are known ahead.
        context: most past steps of a window.
        horizon: steps ahead.
        known: numbers per step that are known ahead.
        settings: sizes, dropout, quantiles.
    """

    linear_start: Tensor
    known_start: Tensor
    bias_start: Tensor
    deviations: Tensor
    widening: Tensor

    def __init__(self, features: int, context: int, horizon: int, known: int, settings: ForecastModelSettings) -> None:
        super().__init__()
        self.context, self.horizon, self.known = context, horizon, known
        self.quantiles = settings.quantiles
        self.middle = self.quantiles.index(0.5)
        self.linear = settings.linear
        layers = settings.num_layers
        self.lstm = LSTM(features, settings.hidden_size, layers, dropout=settings.dropout if layers > 1 else 0.0)
        initialise(self.lstm, self.lstm.spec)
        self.dropout = nn.Dropout(settings.dropout)
        self.head = nn.Linear(settings.hidden_size, len(self.quantiles))
        with torch.no_grad():
            self.head.weight.mul_(FIRST_WEIGHTS)
            self.head.bias.copy_(_normal_steps(self.quantiles))
        if self.linear:
            self.linear_change = nn.Parameter(torch.zeros(horizon, context))
            self.known_change = nn.Parameter(torch.zeros(horizon, known))
            self.bias_change = nn.Parameter(torch.zeros(horizon))
        for name, shape in (("linear_start", (horizon, context)), ("known_start", (horizon, known))):
            self.register_buffer(name, torch.zeros(shape))
        self.register_buffer("bias_start", torch.zeros(horizon))
        self.register_buffer("deviations", torch.ones(horizon))
        self.register_buffer("widening", torch.ones(()))

    @torch.no_grad()
    def start(self, weights: Tensor, known: Tensor, bias: Tensor, deviations: Tensor) -> None:
        """Where the training begins: the linear path, and how far its answers are usually off.

        Args:
            weights: `(horizon, context)` of the past values, the oldest first.
            known: `(horizon, known)` of what is known about the step ahead itself.
            bias: `(horizon,)`.
            deviations: `(horizon,)`, above 0: standard deviations of the errors.
        """
        self.deviations.copy_(deviations)
        if self.linear:
            self.linear_start.copy_(weights)
            self.known_start.copy_(known)
            self.bias_start.copy_(bias)

    @torch.no_grad()
    def widen(self, factor: float) -> None:
        """Put the quantiles `factor` times as far from the median, in training and after it."""
        self.widening.fill_(factor)

    def forward(self, inputs: Ragged) -> Tensor:
        """`(batch, horizon, quantiles)` float32, rising along the last axis.

        Args:
            inputs: values `(steps, features)` float32; each sequence ends with the `horizon` steps ahead.
        """
        states, _ = self.lstm(inputs)
        ends = inputs.offsets[1:, None].to(inputs.values.device)
        ahead = ends - self.horizon + torch.arange(self.horizon, device=ends.device)
        answers = self.head(self.dropout(states.values[ahead]))
        median = answers[..., self.middle] * self.deviations
        if self.linear:
            median = median + self._linear_path(inputs, ends, inputs.values[ahead])
        return self._spread(median[..., None], answers)

    def _linear_path(self, inputs: Ragged, ends: Tensor, ahead: Tensor) -> Tensor:
        """`(batch, horizon)`; steps before the first one of a short window count as 0."""
        where = ends - self.horizon - self.context + torch.arange(self.context, device=ends.device)
        there = where >= inputs.offsets[:-1, None].to(where.device)
        past = inputs.values[:, 0][where.clamp(min=0)] * there
        weights = self.linear_start + LINEAR_RATE * self.linear_change
        known = self.known_start + LINEAR_RATE * self.known_change
        bias = self.bias_start + LINEAR_RATE * self.bias_change
        covariates = ahead[..., ahead.shape[-1] - self.known :]
        return past @ weights.T + (covariates * known).sum(dim=-1) + bias

    def _spread(self, median: Tensor, answers: Tensor) -> Tensor:
        """The quantiles on both sides of the median."""
        steps = self.widening * self.deviations[:, None] * F.softplus(answers)
        below = steps[..., : self.middle].flip(-1).cumsum(-1).flip(-1)
        above = steps[..., self.middle + 1 :].cumsum(-1)
        return torch.cat([median - below, median, median + above], dim=-1)


def _normal_steps(quantiles: Sequence[float]) -> Tensor:
    """`(quantiles,)`: what softplus makes the distances between the quantiles of a standard normal; 0 at the median."""
    places = torch.tensor([NormalDist().inv_cdf(each) for each in quantiles])
    distances = torch.diff(places)
    middle = list(quantiles).index(0.5)
    first = torch.zeros(len(places))
    raw = torch.log(torch.expm1(distances))
    first[:middle], first[middle + 1 :] = raw[:middle], raw[middle:]
    return first
