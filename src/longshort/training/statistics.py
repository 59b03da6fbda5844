"""Record how weights and gates change during a training, at under 3 % of its time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import median
from typing import cast

import torch
from torch import Tensor, nn

from longshort.networks import Objective
from longshort.plain import Plain, PlainMapping
from longshort.training.events import Listener, Update
from longshort.training.gates import measure_gates
from longshort.training.groups import Block, find_blocks, norms
from longshort.training.records import Dynamics, EpochRecord, GroupMoment, GroupStatistics, Moment, PlaceStatistics

__all__ = ["Statistics"]

EVERY = 150
"""Fewest updates between two detailed measurements. A measurement costs as much as one to three updates, so they take
2 % of the time; under 3 % is promised."""

MOST_MOMENTS = 100
"""Approximate largest number of detailed measurements in a training."""

DIGITS = 4
"""Significant digits of recorded numbers: a history is for people, who compare orders of magnitude."""

LARGEST = 1e300


class Statistics(Listener):
    """Adds `dynamics` to the record of every epoch, before later listeners receive it.

    Measures in detail the first update, every 150th (in a long training fewer, about a hundred in all) and the last
    planned one. The choice depends on the number of updates alone. The trained weights are the same, bit for bit, with
    and without statistics.

    Args:
        objective: defines the loss.
        gradient_clip: norm to which larger gradients are clipped.
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
        """Choose which updates of this epoch to measure in detail."""
        self._every = self._every or max(EVERY, math.ceil(epochs * batches / MOST_MOMENTS))
        self._last = batches if epoch == epochs else 0

    def begin(self, network: nn.Module) -> None:
        """Record the initial weights, before a checkpoint is restored; by default, those of the first update."""
        self._blocks = find_blocks(network)
        self._start, self._start_norms = self._weights(), self._weight_norms()

    def state(self) -> Plain:
        """Return the measurements of the current epoch, JSON-serialisable."""
        return {"every": self._every, "norms": self._norms, "rate": self._rate, "moments": self._moments}

    def load_state(self, state: Plain) -> None:
        """Restore what `state` returned."""
        self._every, self._rate = state["every"], state["rate"]
        self._norms, self._moments = list(state["norms"]), list(state["moments"])

    def update_started(self, update: Update) -> None:
        """Record the gradient, and the weights before the update."""
        self._norms.append(update.gradient_norm)
        self._rate = max(self._rate, update.learning_rate)
        if not self._blocks:
            self.begin(update.network)
        if not self._chosen(update.step):
            return
        self._before = self._start if update.step == 1 else self._weights()
        share = min(1.0, self._clip / (update.gradient_norm + 1e-6))  # as torch clips it
        gradients = [norms(block.gradients(), len(block.names)) / share for block in self._blocks]
        self._groups = {
            name: GroupMoment(gradient=_rounded(gradient), update=0.0, weight=_rounded(weight))
            for name, (gradient, weight) in self._by_name(gradients, self._weight_norms())
        }

    def update_ended(self, update: Update) -> None:
        """Record how far the weights moved, and the gates after the update."""
        if not self._chosen(update.step):
            return
        for name, (distance,) in self._by_name(self._moved(self._before)):
            self._groups[name]["update"] = _rounded(distance)
        self._before = []
        seen = measure_gates(update.network, update.batch, self._objective)
        gates = {name: cast("PlaceStatistics", _rounded_all(place)) for name, place in seen.gates.items()}
        self._moments.append(
            Moment(step=update.step, groups=self._groups, gates=gates, reach=[_rounded(each) for each in seen.reach])
        )

    def epoch_ended(self, record: EpochRecord) -> None:
        """Add the measurements to the record."""
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
                for name, (distance, start) in self._by_name(distances, self._start_norms)
            },
            moments=self._moments,
        )
        self._norms, self._rate, self._moments = [], 0.0, []

    def _chosen(self, step: int) -> bool:
        return step == 1 or step % self._every == 0 or len(self._norms) == self._last

    def _weights(self) -> list[Tensor]:
        return [each.detach().clone() for block in self._blocks for each in block.parameters]

    def _moved(self, since: list[Tensor]) -> list[Tensor]:
        """Return for each block the distances of its groups from earlier weights."""
        earlier = iter(since)
        return [
            norms([each.detach() - next(earlier) for each in block.parameters], len(block.names))
            for block in self._blocks
        ]

    def _weight_norms(self) -> list[Tensor]:
        return [norms(block.parameters, len(block.names)) for block in self._blocks]

    def _by_name(self, *values: list[Tensor]) -> Iterator[tuple[str, list[float]]]:
        """Yield the name of each group with its value from each list; a list holds one tensor per block."""
        for block, *tensors in zip(self._blocks, *values, strict=True):
            for name, *found in zip(block.names, *(each.tolist() for each in tensors), strict=True):
                yield name, found


def _length(parts: list[Tensor]) -> float:
    return float(torch.cat(parts).norm())


def _share(distance: float, start: float) -> float | None:
    return _rounded(distance / start) if start else None


def _rounded(value: float) -> float:
    """Round a number for JSON, and cap infinity."""
    return float(f"{min(value, LARGEST):.{DIGITS}g}")


def _rounded_all(place: PlainMapping) -> Plain:
    """Round every number in nested mappings."""
    return {key: _rounded_all(value) if isinstance(value, dict) else _rounded(value) for key, value in place.items()}
