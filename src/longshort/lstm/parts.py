"""Split sequences that are too long for one backward pass into parts."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from longshort.lstm.backends import choose
from longshort.lstm.module import LSTM
from longshort.lstm.parameters import LayerWeights, Spec
from longshort.lstm.shared import Shared
from longshort.ragged import Ragged

__all__ = ["cut", "states_between"]

States = tuple[Tensor, Tensor]


def cut(lengths: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Cut sequences into parts of `most` steps, the last possibly shorter; an empty sequence is one empty part.

    Args:
        lengths: `(batch,)` int64.
        most: at least 1.

    Returns:
        `(batch,)` int64, the number of parts of each sequence, and `(parts,)` int64, the length of each part.
    """
    counts = ((lengths + most - 1) // most).clamp(min=1)
    parts = torch.full((int(counts.sum()),), most)
    last = counts.cumsum(0) - 1
    parts[last] = lengths - (counts - 1) * most
    return counts, parts


@torch.no_grad()
def states_between(lstm: LSTM, inputs: Ragged | Shared, most: int) -> States:
    """Compute the states of an LSTM at the start of each part, in each layer and direction.

    Parts run as separate sequences from these states give the outputs of the whole sequences. Gradients do not flow
    between parts: this is truncated backpropagation through time (Williams & Peng 1990). The reverse direction is cut
    at the same places. There is no dropout between layers here.

    Args:
        lstm: without projections.
        inputs: `(tokens, input_size)`.
        most: steps of a part.

    Returns:
        h_0 and c_0, `(num_layers * directions, parts, hidden_size)`: the parts of the first sequence come first. The
        reverse direction enters a part at its last step.
    """
    counts, lengths = cut(inputs.lengths, most)
    spec, weights = lstm.spec, lstm._layer_weights()
    here = (inputs.ragged() if isinstance(inputs, Shared) else inputs).values
    found = []
    for layer in range(spec.num_layers):
        directions = []
        for direction in range(spec.directions):
            own = weights[layer * spec.directions + direction]
            last = layer + 1 == spec.num_layers
            states, out = _carry(here, counts, lengths, own, spec, reverse=direction == 1, outputs=not last)
            found.append(states)
            directions.append(out)
        here = torch.cat(directions, dim=1)
    return torch.stack([h for h, _ in found]), torch.stack([c for _, c in found])


def _carry(
    values: Tensor, counts: Tensor, lengths: Tensor, weights: LayerWeights, spec: Spec, *, reverse: bool, outputs: bool
) -> tuple[States, Tensor]:
    """Run one layer in one direction, part by part; return the states before each, and the outputs if needed."""
    one = replace(spec, input_size=values.shape[1], num_layers=1, bidirectional=False)
    run = choose("auto", one).backend.run
    parts = torch.split(values, lengths.tolist())
    before = values.new_zeros(2, len(parts), spec.hidden_size)
    out = values.new_empty(len(values) if outputs else 0, spec.hidden_size)
    places = torch.split(out, lengths.tolist()) if outputs else ()
    for own in torch.split(torch.arange(len(parts)), counts.tolist()):
        state = values.new_zeros(2, 1, spec.hidden_size)
        for part in own.flip(0).tolist() if reverse else own.tolist():
            before[:, part : part + 1] = state
            steps = parts[part].flip(0) if reverse else parts[part]
            states, h, c = run(Ragged.from_rows(steps[None]), state[:1], state[1:], [weights], one, 0.0)
            state = torch.cat([h, c])
            if outputs:
                places[part].copy_(states.values.flip(0) if reverse else states.values)
    return (before[0], before[1]), out
