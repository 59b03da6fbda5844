"""Several networks that are trained side by side and answer together."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Generic, TypeVar, cast, final

import torch
from torch import Tensor, nn

from longshort.networks.base import Objective
from longshort.ragged import Ragged

__all__ = ["EachOf", "Ensemble", "ensemble_of", "members_of", "name_in_member"]

_MEMBER = re.compile(r"members\.\d+\.?")

Network = TypeVar("Network", bound=nn.Module)


@final
class Ensemble(nn.Module, Generic[Network]):
    """The mean of the outputs of several networks, which errs less than one of them (Hansen & Salamon 1990).

    Args:
        members: with different first weights; for the same inputs, with as many outputs.
    """

    def __init__(self, members: list[Network]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)

    def forward(self, inputs: Ragged) -> Tensor:
        """The mean `(batch, outputs)`; in training `(batch, outputs, members)`, what each says, for `EachOf`."""
        outputs = torch.stack([member(inputs) for member in self.members], dim=-1)
        return outputs if self.training else outputs.mean(dim=-1)


@final
class EachOf:
    """An objective that each network of an `Ensemble` is trained on separately; for one network, the objective itself.

    Args:
        objective: for the outputs `(batch, outputs)` of one network.
    """

    def __init__(self, objective: Objective) -> None:
        self._objective = objective

    def losses(self, logits: Tensor, targets: Tensor, class_weights: Tensor | None = None) -> Tensor:
        """`(batch,)` float32: the loss of each example, the mean over the networks where there are several."""
        if logits.dim() < 3:
            return self._objective.losses(logits, targets, class_weights)
        each = [self._objective.losses(one, targets, class_weights) for one in logits.unbind(dim=-1)]
        return torch.stack(each).mean(dim=0)

    def correct(self, logits: Tensor, targets: Tensor) -> Tensor | None:
        """`(batch,)` bool: whether the answer, that of all networks together, is right."""
        return self._objective.correct(logits if logits.dim() < 3 else logits.mean(dim=-1), targets)

    def balance(self, targets: Tensor) -> Tensor:
        """As the objective does."""
        return self._objective.balance(targets)


def ensemble_of(build: Callable[[], Network], members: int) -> Network | Ensemble[Network]:
    """One network, or several that answer together."""
    return build() if members == 1 else Ensemble([build() for _ in range(members)])


def members_of(network: Network | Ensemble[Network]) -> list[Network]:
    """The networks that answer together, or the only one."""
    return cast("list[Network]", list(network.members)) if isinstance(network, Ensemble) else [network]


def name_in_member(name: str) -> str:
    """What a part of networks that answer together is called in each of them: "lstm" of "members.2.lstm"."""
    return _MEMBER.sub("", name, count=1) if _MEMBER.match(name) else name
