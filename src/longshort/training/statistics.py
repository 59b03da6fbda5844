"""What happens to the weights and in the gates during a training, measured seldom enough to cost next to nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from longshort.tasks import Objective
from longshort.training.events import Listener, Update
from longshort.training.gates import look
from longshort.training.groups import Block, find_blocks, norms
from longshort.training.records import Dynamics, EpochRecord, GroupMoment, GroupStatistics, Moment, PlaceStatistics

__all__ = ["Statistics"]

EVERY = 150
"""Updates from one that is looked at closely to the next, at least. Such a look costs as much time as one to three
updates, so that it takes 2 % of it; under 3 % is promised."""

MOST_MOMENTS = 100
"""Close looks in a whole training, about, however long it is."""

DIGITS = 4
"""Significant digits that are kept: a history is read by people, and compared by powers of ten."""


LARGEST = 1e300


class Statistics(Listener):
    """Adds a `dynamics` to the record of every epoch, before later listeners are told of it.

    The first update, every 150th (or fewer: about a hundred in a long training) and the last planned one are looked at
    closely. Which ones they are depends on nothing but the number of updates, and the training is the same, bit for
    bit, with and without.

    Args:
        objective: says what the loss is.
        gradient_clip: the norm that larger gradients are cut to.
    """

    def __init__(self, objective: Objective, gradient_clip: float) -> None:
        self._objective, self._clip = objective, gradient_clip
        self._blocks: list[Block] = []
        self._start: list[Tensor] = []
        self._start_norms: list[Tensor] = []
        self._before: list[Tensor] = []
        self._every = self._last = 0
        self._norms: list[float] = []
        self._rate = 0.0
        self._moments: list[Moment] = []
        self._groups: dict[str, GroupMoment] = {}

    def epoch_started(self, epoch: int, epochs: int, batches: int) -> None:
        """Choose which updates of this epoch are looked at."""
        self._every = self._every or max(EVERY, math.ceil(epochs * batches / MOST_MOMENTS))
        self._last = batches if epoch == epochs else 0

    def begin(self, network: nn.Module) -> None:
        """Take these weights for the first ones, before any are put back; without it, those of the first update."""
        self._blocks = find_blocks(network)
        self._start, self._start_norms = self._weights(), self._weight_norms()

    def state(self) -> dict[str, Any]:
        """What was measured in the epoch that runs, as JSON can hold it."""
        return {"every": self._every, "norms": self._norms, "rate": self._rate, "moments": self._moments}

    def load_state(self, state: dict[str, Any]) -> None:
        """Put back what `state` gave."""
        self._every, self._rate = state["every"], state["rate"]
        self._norms, self._moments = list(state["norms"]), list(state["moments"])

    def update_started(self, update: Update) -> None:
        """Note the gradient, and the weights before they move."""
        self._norms.append(update.gradient_norm)
        self._rate = max(self._rate, update.learning_rate)
        if not self._blocks:
            self.begin(update.network)
        if not self._chosen(update.step):
            return
        self._before = self._start if update.step == 1 else self._weights()
        share = min(1.0, self._clip / (update.gradient_norm + 1e-6))  # as torch cuts it
        gradients = [norms(block.gradients(), len(block.names)) / share for block in self._blocks]
        self._groups = {
            name: GroupMoment(gradient=_rounded(gradient), update=0.0, weight=_rounded(weight))
            for name, gradient, weight in self._by_name(gradients, self._weight_norms())
        }

    def update_ended(self, update: Update) -> None:
        """Note how far the weights moved, and what the gates do now."""
        if not self._chosen(update.step):
            return
        for name, distance in self._by_name(self._moved(self._before)):
            self._groups[name]["update"] = _rounded(distance)
        self._before = []
        seen = look(update.network, update.batch, self._objective)
        gates: dict[str, PlaceStatistics] = {name: _rounded_all(place) for name, place in seen.gates.items()}
        self._moments.append(
            Moment(step=update.step, groups=self._groups, gates=gates, reach=[_rounded(each) for each in seen.reach])
        )

    def epoch_ended(self, record: EpochRecord) -> None:
        """Put what was measured into the record."""
        kinds = {name: block.kind for block in self._blocks for name in block.names}
        distances = self._moved(self._start)
        record["dynamics"] = Dynamics(
            steps=len(self._norms),
            learning_rate=_rounded(self._rate),
            clip=self._clip,
            clipped=_rounded(sum(norm > self._clip for norm in self._norms) / len(self._norms)),
            gradient_median=_rounded(median(self._norms)),
            moved=_share(_length(distances), _length(self._start_norms)),
            groups={
                name: GroupStatistics(kind=kinds[name], moved=_share(distance, start))
                for name, distance, start in self._by_name(distances, self._start_norms)
            },
            moments=self._moments,
        )
        self._norms, self._rate, self._moments = [], 0.0, []

    def _chosen(self, step: int) -> bool:
        return step == 1 or step % self._every == 0 or len(self._norms) == self._last

    def _weights(self) -> list[Tensor]:
        return [each.detach().clone() for block in self._blocks for each in block.parameters]

    def _moved(self, since: list[Tensor]) -> list[Tensor]:
        """For each block, the distances of its groups from earlier weights."""
        earlier = iter(since)
        return [
            norms([each.detach() - next(earlier) for each in block.parameters], len(block.names))
            for block in self._blocks
        ]

    def _weight_norms(self) -> list[Tensor]:
        return [norms(block.parameters, len(block.names)) for block in self._blocks]

    def _by_name(self, *values: list[Tensor]) -> Iterator[tuple[Any, ...]]:
        """The name of each group, with its number from each of several lists of one tensor a block."""
        for block, *tensors in zip(self._blocks, *values, strict=True):
            yield from zip(block.names, *(each.tolist() for each in tensors), strict=True)


def _length(parts: list[Tensor]) -> float:
    return float(torch.cat(parts).norm())


def _share(distance: float, start: float) -> float | None:
    return _rounded(distance / start) if start else None


def _rounded(value: float) -> float:
    """A number that JSON can hold: of what overflowed, the largest there is."""
    return float(f"{min(value, LARGEST):.{DIGITS}g}")


def _rounded_all(place: Any) -> Any:
    """The same mappings, with every number rounded."""
    return {key: _rounded_all(value) if isinstance(value, dict) else _rounded(value) for key, value in place.items()}
