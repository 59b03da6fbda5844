"""What the gates of a network do on a few examples, and how far back a gradient reaches, without disturbing anything.

The hidden states of a sample are computed as ever, by the fastest backend. With them known, no step has to wait for the
one before: the equations give the gates of all steps at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from longshort.lstm import Shared
from longshort.lstm.backends import choose
from longshort.lstm.equations import step
from longshort.lstm.module import spec_of
from longshort.lstm.parameters import LayerWeights, layer_weights
from longshort.ragged import Ragged
from longshort.tasks import Batch, Objective, name_in_member
from longshort.training.records import ActivationStatistics, GateStatistics, PlaceStatistics

__all__ = ["look"]

ROWS, STEPS, TOGETHER = 8, 256, 1_024
"""Examples of a batch that are looked at, steps of each, and steps of all of them together, at most."""

SATURATED = 0.05
"""A gate below this, or above one minus this, where the slope of the sigmoid is under a fifth of its greatest."""

SATURATED_TANH = 0.95
"""A candidate or hidden state beyond this, on either side, where the slope of tanh is under a tenth of its greatest."""

STILL = 0.01
"""A unit that stays within a band this wide, at all steps that are looked at, does the same whatever it reads."""

FEWEST = 20
"""Steps of all examples together, below which nothing is said about gates: a few steps may well be alike."""

PARTS = 10
"""Parts of equal length in which the gradient along a sequence is told, from its first steps to its last."""


class Look(NamedTuple):
    """What was seen.

    Fields:
        gates: by layer and direction, such as "lstm.l0" and "lstm.l0_reverse"; those whose numbers are finite, if
            the examples have 20 steps or more.
        reach: ten numbers, from the first tenth of a sequence to its last: the mean norm of the loss's gradient with
            respect to what enters the first LSTM there, as a share of the largest, in the median example; empty where
            no example has ten steps, or where there is no gradient.
    """

    gates: dict[str, PlaceStatistics]
    reach: list[float]


def look(network: nn.Module, batch: Batch, objective: Objective) -> Look:
    """Run some examples of a batch with dropout off, and see what happens in every LSTM that reads a Ragged.

    Neither the weights, nor their gradients, nor the random numbers of the training are touched.

    Args:
        network: takes the inputs of a batch.
        batch: at most 8 of its examples are taken, spread evenly, of which 256 steps each and 1,024 together.
        objective: says what the loss is.
    """
    longest = min(STEPS, max(1, int(batch.inputs.lengths.max())))
    rows = torch.linspace(0, len(batch.inputs) - 1, min(ROWS, TOGETHER // longest, len(batch.inputs))).long()
    with torch.random.fork_rng(devices=[]), _heard(network) as heard, torch.enable_grad():
        logits = network(_cut(batch.inputs[rows]))
        loss = objective.losses(logits, batch.targets[rows.to(batch.targets.device)]).mean()
        gradient = _gradient(loss, heard[0].inputs.values) if heard else None
    with torch.no_grad():
        gates = {name: seen for call in heard for name, seen in _places(call) if seen is not None}
        return Look(gates, [] if gradient is None else _profile(heard[0].inputs.with_values(gradient)))


@dataclass
class _Call:
    """What an LSTM was given: its inputs, and its initial states if it was given any."""

    name: str
    lstm: nn.LSTM
    inputs: Ragged
    states: tuple[Tensor, Tensor] | None = field(default=None)


@contextmanager
def _heard(network: nn.Module) -> Iterator[list[_Call]]:
    """While entered, the network is in evaluation mode, and the first call of each LSTM is kept; of several networks
    that answer together, those of the first.

    What enters the first LSTM becomes the leaf that a gradient is taken for.
    """
    heard: list[_Call] = []

    def keep(name: str, lstm: nn.LSTM, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        inputs = args[0] if args else kwargs.get("input")
        if not isinstance(inputs, Ragged | Shared) or any(call.name == name for call in heard):
            return None
        spread = inputs.ragged() if isinstance(inputs, Shared) else inputs
        if not heard:
            spread = spread.with_values(spread.values.detach().requires_grad_())
        heard.append(_Call(name, lstm, spread, args[1] if len(args) > 1 else kwargs.get("hx")))
        return (spread, *args[1:]), {key: value for key, value in kwargs.items() if key != "input"}

    training = {module: module.training for module in network.modules()}
    with ExitStack() as stack:
        for name, module in network.named_modules():
            if isinstance(module, nn.LSTM):
                hook = module.register_forward_pre_hook(
                    lambda lstm, args, kwargs, name=name: keep(name_in_member(name), lstm, args, kwargs),
                    with_kwargs=True,
                )
                stack.callback(hook.remove)
        network.eval()
        try:
            yield heard
        finally:
            for module, was_training in training.items():
                module.training = was_training


def _cut(inputs: Ragged) -> Ragged:
    """The first steps of each sequence."""
    if int(inputs.lengths.max()) <= STEPS:
        return inputs
    return Ragged(inputs.values[inputs.steps() < STEPS], inputs.lengths.clamp(max=STEPS))


def _gradient(loss: Tensor, leaf: Tensor) -> Tensor | None:
    return torch.autograd.grad(loss, leaf, allow_unused=True)[0] if loss.requires_grad else None


def _profile(gradient: Ragged) -> list[float]:
    """The mean norm in each tenth of a sequence, as a share of its largest; of the sequences the median."""
    found = []
    for row in range(len(gradient)):
        each = torch.linalg.vector_norm(gradient[row].flatten(1).double(), dim=1)
        if len(each) >= PARTS and 0 < float(each.max()) < math.inf:
            means = torch.stack([part.mean() for part in each.tensor_split(PARTS)])
            found.append(means / means.max())
    if not found:
        return []
    middle = torch.stack(found).median(dim=0).values
    return (middle / middle.max()).tolist()


def _places(call: _Call) -> Iterator[tuple[str, PlaceStatistics | None]]:
    """Each layer and direction of an LSTM by its name; None where nothing can be said."""
    spec = spec_of(call.lstm)
    weights, directions = layer_weights(call.lstm, spec), spec.directions
    inputs, batch = call.inputs, len(call.inputs)
    kind = inputs.values
    h0, c0 = call.states or (
        kind.new_zeros(len(weights), batch, spec.output_size),
        kind.new_zeros(len(weights), batch, spec.hidden_size),
    )
    stem = f"{call.name}." if call.name else ""
    for layer in range(spec.num_layers):
        here = slice(layer * directions, (layer + 1) * directions)
        one = replace(spec, input_size=inputs.values.shape[1], num_layers=1)
        run = choose(getattr(call.lstm, "backend", "auto"), one).backend.run
        outputs, _, _ = run(inputs, h0[here], c0[here], weights[here], one, 0.0)
        for direction, hidden in enumerate(outputs.values.chunk(directions, dim=1)):
            name = f"{stem}l{layer}{'_reverse' if direction else ''}"
            states = inputs.with_values(hidden)
            before = _before(states, h0[here][direction], reverse=bool(direction))
            yield name, _place(inputs.values, before, hidden, weights[here][direction])
        inputs = outputs


def _before(states: Ragged, first: Tensor, *, reverse: bool) -> Tensor:
    """`(tokens, output)`: the hidden state that each step starts from, given those that the steps end with."""
    filled = states.lengths > 0
    before = states.values.roll(-1 if reverse else 1, dims=0)
    edge = states.offsets[1:] - 1 if reverse else states.offsets[:-1]
    before[edge[filled].to(before.device)] = first[filled.to(first.device)]
    return before


def _place(inputs: Tensor, before: Tensor, hidden: Tensor, weights: LayerWeights) -> PlaceStatistics | None:
    # The cell state has no part in the gates: zeros do.
    cell = inputs.new_zeros(len(inputs), len(weights.hidden) // 4)
    now = step(inputs, before, cell, weights)
    seen = (now.input, now.forget, now.output, now.candidate, hidden)
    if len(inputs) < FEWEST or not all(bool(values.isfinite().all()) for values in seen):
        return None
    return PlaceStatistics(
        input=_gate(now.input),
        forget=_gate(now.forget),
        output=_gate(now.output),
        candidate=_activation(now.candidate),
        hidden=_activation(hidden),
    )


def _gate(values: Tensor) -> GateStatistics:
    return GateStatistics(
        mean=_share(values),
        low=_share(values < SATURATED),
        high=_share(values > 1 - SATURATED),
        still=_still(values),
        shut=_share(values.amax(dim=0) <= SATURATED),
    )


def _activation(values: Tensor) -> ActivationStatistics:
    return ActivationStatistics(
        mean=_share(values.abs()), saturated=_share(values.abs() > SATURATED_TANH), still=_still(values)
    )


def _still(values: Tensor) -> float:
    low, high = values.aminmax(dim=0)
    return _share(high - low < STILL)


def _share(values: Tensor) -> float:
    return float(values.float().mean())
