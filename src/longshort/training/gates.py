"""Measure gate activity and the reach of gradients on a few examples, without side effects on the training.

The fastest backend computes the hidden states. Given those, the equations compute the gates of all steps at once.
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
from longshort.networks import Batch, Objective, name_in_member
from longshort.ragged import Ragged
from longshort.training.records import ActivationStatistics, GateStatistics, PlaceStatistics

__all__ = ["measure_gates"]

ROWS, STEPS, TOTAL_STEPS = 8, 256, 1_024
"""Upper bounds of a sample: examples, steps of each, and steps of all together."""

SATURATED = 0.05
"""A gate is saturated below this or above one minus this: the sigmoid has less than a fifth of its largest slope."""

SATURATED_TANH = 0.95
"""A candidate or hidden state is saturated above this size: tanh has less than a tenth of its largest slope."""

STILL = 0.01
"""A unit that stays within a band this wide at all measured steps ignores its input."""

FEWEST = 20
"""Fewest steps of all examples together for gate statistics: fewer may be alike by chance."""

PARTS = 10
"""Equal parts of a sequence, from start to end, for which the gradient is reported."""


class Measurement(NamedTuple):
    """Gate statistics and the reach of the gradient.

    Fields:
        gates: by layer and direction, such as "lstm.l0" and "lstm.l0_reverse"; without those that hold numbers that
            are not finite, and empty if the examples have fewer than 20 steps.
        reach: ten numbers, from the first tenth of a sequence to its last: the mean norm of the loss gradient with
            respect to the inputs of the first LSTM, as a share of the largest, median over the examples; empty if
            no example has ten steps, or if there is no gradient.
    """

    gates: dict[str, PlaceStatistics]
    reach: list[float]


def measure_gates(network: nn.Module, batch: Batch, objective: Objective) -> Measurement:
    """Run some examples of a batch without dropout, and measure every LSTM that reads a Ragged.

    Changes neither the weights, nor their gradients, nor the state of the random generator.

    Args:
        network: takes the inputs of a batch.
        batch: at most 8 evenly spaced examples are used, with at most 256 steps each and 1,024 together.
        objective: defines the loss.
    """
    longest = min(STEPS, max(1, int(batch.inputs.lengths.max())))
    rows = torch.linspace(0, len(batch.inputs) - 1, min(ROWS, TOTAL_STEPS // longest, len(batch.inputs))).long()
    with torch.random.fork_rng(devices=[]), _recorded_calls(network) as calls, torch.enable_grad():
        logits = network(_cut(batch.inputs[rows]))
        loss = objective.losses(logits, batch.targets[rows.to(batch.targets.device)]).mean()
        gradient = _gradient(loss, calls[0].inputs.values) if calls else None
    with torch.no_grad():
        gates = {name: seen for call in calls for name, seen in _places(call) if seen is not None}
        return Measurement(gates, [] if gradient is None else _profile(calls[0].inputs.with_values(gradient)))


@dataclass
class _Call:
    """One call of an LSTM: its inputs, and its initial states if it received any."""

    name: str
    lstm: nn.LSTM
    inputs: Ragged
    states: tuple[Tensor, Tensor] | None = field(default=None)


@contextmanager
def _recorded_calls(network: nn.Module) -> Iterator[list[_Call]]:
    """Put the network in evaluation mode and record the first call of each LSTM; in an ensemble, of the first member.

    The inputs of the first LSTM become a leaf, for their gradient.
    """
    calls: list[_Call] = []

    def record(
        name: str, lstm: nn.LSTM, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[tuple[object, ...], dict[str, object]] | None:
        inputs = args[0] if args else kwargs.get("input")
        if not isinstance(inputs, Ragged | Shared) or any(call.name == name for call in calls):
            return None
        spread = inputs.ragged() if isinstance(inputs, Shared) else inputs
        if not calls:
            spread = spread.with_values(spread.values.detach().requires_grad_())
        calls.append(_Call(name, lstm, spread, args[1] if len(args) > 1 else kwargs.get("hx")))
        return (spread, *args[1:]), {key: value for key, value in kwargs.items() if key != "input"}

    training = {module: module.training for module in network.modules()}
    with ExitStack() as stack:
        for name, module in network.named_modules():
            if isinstance(module, nn.LSTM):
                hook = module.register_forward_pre_hook(
                    lambda lstm, args, kwargs, name=name: record(name_in_member(name), lstm, args, kwargs),
                    with_kwargs=True,
                )
                stack.callback(hook.remove)
        network.eval()
        try:
            yield calls
        finally:
            for module, was_training in training.items():
                module.training = was_training


def _cut(inputs: Ragged) -> Ragged:
    """Keep the first steps of each sequence."""
    if int(inputs.lengths.max()) <= STEPS:
        return inputs
    return Ragged(inputs.values[inputs.steps() < STEPS], inputs.lengths.clamp(max=STEPS))


def _gradient(loss: Tensor, leaf: Tensor) -> Tensor | None:
    return torch.autograd.grad(loss, leaf, allow_unused=True)[0] if loss.requires_grad else None


def _profile(gradient: Ragged) -> list[float]:
    """Mean norm in each tenth of a sequence, as a share of the largest; median over the sequences."""
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
    """Yield the name and statistics of each layer and direction; None if there are too few steps or NaN."""
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
    """Return the hidden state before each step, `(tokens, output)`, from the hidden states after each step."""
    filled = states.lengths > 0
    before = states.values.roll(-1 if reverse else 1, dims=0)
    edge = states.offsets[1:] - 1 if reverse else states.offsets[:-1]
    before[edge[filled].to(before.device)] = first[filled.to(first.device)]
    return before


def _place(inputs: Tensor, before: Tensor, hidden: Tensor, weights: LayerWeights) -> PlaceStatistics | None:
    # The gates do not depend on the cell state, so zeros will do.
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
