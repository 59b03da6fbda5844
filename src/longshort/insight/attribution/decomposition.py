"""Contextual decomposition of an LSTM (Murdoch, Liu & Yu 2018): what a phrase contributes on its own.

Every state is cut into a relevant part, beta, that comes from the phrase alone, and the rest, gamma, in which other
tokens had a hand: h = beta + gamma. The first two equations of the LSTM are sums, and come apart by themselves. What
does not is made to:

- The functions, by averages over orders. With b the bias, a what the phrase adds to it and r what the rest adds, the
  phrase's own part of s(b + a + r) is the mean of what a adds before r and after it:
  L(a) = (s(b + a) - s(b) + s(b + a + r) - s(b + r)) / 2. The bias comes first in either order, as in the paper.
- The products of the cell, by terms: a term is relevant where one factor is the phrase's and the other the phrase's or
  the bias's; two biases make no phrase.
- The output gate is not taken apart: h = o * tanh(c), as the paper found better.
- Mean and last pooling are sums. Maximum pooling takes, for each unit, the step that it takes for the text as it is:
  there it is a choice of one state, and so a sum too (Singh, Murdoch & Yu 2019 do so for convolutions).

Only beta is carried along: gamma is the true state less it, which the network itself has computed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear

from longshort.errors import BackendError
from longshort.insight.attribution.target import Target
from longshort.lstm.equations import Trace, supports, trace_equations
from longshort.lstm.parameters import LayerWeights, layer_weights
from longshort.networks import TextClassifierNetwork
from longshort.ragged import Pooling, Ragged

__all__ = ["decompose", "relevant_logits"]

AT_ONCE = 8_000_000
"""Numbers of the relevant states that are held at once, at most; of phrases x tokens x features."""


def decompose(target: Target, ids: Tensor, masks: Tensor) -> Tensor:
    """The relevant part of the score for each phrase, `(phrases,)` float64; arguments as in `relevant_logits`."""
    return target.of_logits(relevant_logits(target.network, ids, masks)).double()


@torch.no_grad()
def relevant_logits(network: TextClassifierNetwork, ids: Tensor, masks: Tensor) -> Tensor:
    """The relevant part of the logits for each phrase, `(phrases, outputs)`; the rest, with all biases, is irrelevant.

    Args:
        network: the classifier, whatever its layers, directions and pooling.
        ids: `(tokens,)` int64: the text, one token at least.
        masks: `(phrases, tokens)` bool: the tokens of each phrase.

    Raises:
        BackendError: the LSTM computes in reduced precision, which the equations do not.
    """
    spec = network.lstm.spec
    if (reason := supports(spec)) is not None:
        raise BackendError(f"Decomposition follows the equations of the LSTM, and {reason}.", 'Use precision="full".')
    inputs = Ragged.from_rows(network.embedding(ids)[None])
    zeros = inputs.values.new_zeros(spec.num_layers * spec.directions, 1, spec.hidden_size)
    weights = layer_weights(network.lstm, spec)
    traces = trace_equations(inputs, zeros, zeros, weights, spec)
    layers = _layers(inputs.values, traces, weights, spec.directions)
    at_once = max(AT_ONCE // (len(ids) * spec.directions * spec.hidden_size), 1)
    masks = masks.to(inputs.values.device)
    parts = [_through(network, layers, part) for part in torch.split(masks, at_once)]
    return torch.cat(parts) if parts else inputs.values.new_empty(0, network.linear.out_features)


@dataclass(frozen=True, eq=False)
class _Direction:
    """What happened in one layer and direction while the whole text was read.

    Args:
        given: `(tokens, features)`: the inputs of the layer.
        sums: `(tokens, 3 * hidden)`: what goes into the functions of the input, forget and cell gates.
        output: `(tokens, hidden)`: the output gate.
        cell: `(tokens, hidden)`.
        hidden: `(tokens, hidden)`.
        weights: of this layer and direction.
        reverse: whether it reads from the end.
    """

    given: Tensor
    sums: Tensor
    output: Tensor
    cell: Tensor
    hidden: Tensor
    weights: LayerWeights
    reverse: bool

    @property
    def bias(self) -> Tensor:
        """`(3 * hidden,)`, of the input, forget and cell gates."""
        return _bias(self.weights)[: self.sums.shape[1]]


def _layers(
    inputs: Tensor, traces: list[Trace], weights: list[LayerWeights], directions: int
) -> list[list[_Direction]]:
    layers = []
    for first in range(0, len(traces), directions):
        both = range(first, first + directions)
        layers.append([_direction(inputs, traces[n], weights[n], reverse=n > first) for n in both])
        inputs = torch.cat([traces[n].hidden.values for n in both], dim=-1)
    return layers


def _direction(given: Tensor, trace: Trace, weights: LayerWeights, *, reverse: bool) -> _Direction:
    hidden, cell = trace.hidden.values, trace.cell.values
    none = torch.zeros_like(hidden[:1])
    before = torch.cat([hidden[1:], none] if reverse else [none, hidden[:-1]])
    sums = linear(given, weights.input, _bias(weights)) + linear(before, weights.hidden)
    return _Direction(given, sums[:, : 3 * cell.shape[1]], trace.output.values, cell, hidden, weights, reverse)


def _bias(weights: LayerWeights) -> Tensor:
    none = weights.input.new_zeros(())
    total = sum((each for each in (weights.input_bias, weights.hidden_bias) if each is not None), start=none)
    return total.expand(len(weights.input))


def _through(network: TextClassifierNetwork, layers: list[list[_Direction]], masks: Tensor) -> Tensor:
    """The relevant logits of some phrases, layer after layer."""
    marks = masks.to(layers[0][0].given)
    states = torch.empty(0)
    for depth, layer in enumerate(layers):
        parts = [_states(each, _own_words(each, marks) if depth == 0 else _own_states(each, states)) for each in layer]
        states = torch.cat(parts, dim=-1)
    true = torch.cat([each.hidden for each in layers[-1]], dim=-1)
    return linear(_pooled(states, true, network), network.linear.weight)


def _own_words(direction: _Direction, marks: Tensor) -> Callable[[int], Tensor]:
    """What a phrase adds to the gates at a step: its own word, where one stands there."""
    sums = linear(direction.given, direction.weights.input)[:, : direction.sums.shape[1]]
    return lambda step: marks[:, step, None] * sums[step]


def _own_states(direction: _Direction, below: Tensor) -> Callable[[int], Tensor]:
    """What a phrase adds to the gates at a step: its own part of the states of the layer below."""
    weight = direction.weights.input[: direction.sums.shape[1]]
    return lambda step: linear(below[:, step], weight)


def _states(direction: _Direction, added: Callable[[int], Tensor]) -> Tensor:
    """The relevant part of the hidden states, `(phrases, tokens, hidden)`."""
    tokens, size = direction.hidden.shape
    recurrent, bias = direction.weights.hidden[: 3 * size], direction.bias
    gates, candidate = slice(0, 2 * size), slice(2 * size, None)
    own_input, own_forget = bias[gates].sigmoid().chunk(2)
    own_candidate = bias[candidate].tanh()
    hidden = cell = torch.zeros_like(added(0)[:, :size])
    states = hidden.new_empty(len(hidden), tokens, size)
    for step in reversed(range(tokens)) if direction.reverse else range(tokens):
        own, total = added(step) + linear(hidden, recurrent), direction.sums[step]
        input, forget = _share(torch.sigmoid, own[:, gates], bias[gates], total[gates]).chunk(2, dim=-1)  # noqa: A001
        fresh = _share(torch.tanh, own[:, candidate], bias[candidate], total[candidate])
        cell = (forget + own_forget) * cell + input * (fresh + own_candidate) + own_input * fresh
        hidden = direction.output[step] * _share(torch.tanh, cell, torch.zeros_like(bias[:size]), direction.cell[step])
        states[:, step] = hidden
    return states


def _share(function: Callable[[Tensor], Tensor], own: Tensor, bias: Tensor, total: Tensor) -> Tensor:
    """The part that `own` has in `function(total)`: the mean of what it adds to the bias, and to all the rest."""
    return (function(bias + own) - function(bias) + function(total) - function(total - own)) / 2


def _pooled(states: Tensor, true: Tensor, network: TextClassifierNetwork) -> Tensor:
    """The relevant part of the pooled vector, `(phrases, features)`, of `states`, `(phrases, tokens, features)`.

    `true` are the whole states, `(tokens, features)`.
    """
    how: Pooling = network.settings.pooling
    if how == "last":
        size = network.settings.hidden_size  # the reverse direction ends at the first token
        return torch.cat([states[:, -1, :size], states[:, 0, size:]], dim=-1)
    highest = true.argmax(dim=0)[None, None].expand(len(states), 1, -1)
    pools = {"mean": lambda: states.mean(dim=1), "max": lambda: states.gather(1, highest)[:, 0]}
    return torch.cat([pools[name]() for name in how.split("+")], dim=-1)
