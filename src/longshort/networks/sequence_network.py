"""The network for sequences of numbers: convolutional front -> LSTM -> pooling -> linear."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from longshort.config import SequenceModelSettings
from longshort.lstm import LSTM, initialise
from longshort.networks.convolution import ConvolutionFront
from longshort.networks.pooling import pool_states
from longshort.ragged import Ragged

__all__ = ["SequenceNetwork"]


class SequenceNetwork(nn.Module):
    """Numbers in, one vector of outputs per sequence out; at prediction no sequence meets its neighbours in the batch.

    What the front finds goes to the LSTM, and its mean over time also beside the pooled states of the LSTM.

    Args:
        features: numbers per step.
        outputs: numbers per sequence: logits, or the one number of a regression.
        settings: sizes, pooling and dropout.
        steps: about how long sequences are; the convolutions are as wide as fits that.
    """

    def __init__(self, features: int, outputs: int, settings: SequenceModelSettings, steps: int = 1) -> None:
        super().__init__()
        self.settings = settings
        filters = settings.filters if settings.front == "conv" else 0
        self.front = ConvolutionFront(features, filters, steps, causal=not settings.bidirectional) if filters else None
        self.lstm = LSTM(
            filters or features,
            settings.hidden_size,
            settings.num_layers,
            dropout=settings.layer_dropout if settings.num_layers > 1 else 0.0,
            bidirectional=settings.bidirectional,
        )
        states = settings.hidden_size * (1 + settings.bidirectional)
        self.linear = nn.Linear(filters + states * len(settings.pooling.split("+")), outputs)
        initialise(self.lstm, self.lstm.spec)

    def forward(self, inputs: Ragged) -> Tensor:
        """Outputs `(batch, outputs)` float32 of sequences with values `(tokens, features)` float32."""
        found = self.front(inputs) if self.front is not None else inputs
        states, _ = self.lstm(found)
        pooled = pool_states(states, self.settings.pooling, bidirectional=self.settings.bidirectional)
        return self.answer(found.pool("mean") if self.front is not None else None, pooled)

    def answer(self, found: Tensor | None, states: Tensor) -> Tensor:
        """Outputs `(batch, outputs)` of what was pooled.

        Args:
            found: `(batch, filters)`, the mean over time of what the front found; None if there is no front.
            states: `(batch, features)`, the pooled states of the LSTM.
        """
        pooled = states if found is None else torch.cat([found, states], dim=1)
        outputs: Tensor = self.linear(F.dropout(pooled, self.settings.output_dropout, self.training))
        return outputs
