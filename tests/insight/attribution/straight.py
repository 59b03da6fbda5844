"""Scores of which it is known what each token contributes, in the place of a network."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from longshort.insight.attribution.target import Target
from longshort.ragged import Ragged


class Additive(nn.Module):
    """Two features per token; the score is `bend` of the sum of all of them, weighed."""

    def __init__(self, bend: Callable[[Tensor], Tensor] = lambda total: total) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([2.0, -1.0]))
        self.embedding = nn.Embedding.from_pretrained(torch.tensor([[0.0, 0.0], [1.0, 0.5], [0.25, -3.0], [-2.0, 1.0]]))
        self.bend = bend

    def answer(self, vectors: Ragged) -> Tensor:
        each = vectors.with_values(vectors.values @ self.weight)
        return self.bend(each.pool("mean") * each.lengths)[:, None]

    def forward(self, tokens: Ragged) -> Tensor:
        return self.answer(tokens.with_values(self.embedding(tokens.values)))

    def worth(self, ids: Tensor) -> Tensor:
        return (self.embedding(ids) @ self.weight).detach()


def target(network: nn.Module) -> Target:
    return Target(network, torch.ones(1), "yes", "log-odds of yes")  # type: ignore[arg-type]
