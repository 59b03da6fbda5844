"""Are the numbers of insight those of the model? Each is computed once more here, without longshort.insight.

python docs/checks.py RUN [COUNT]     on the first COUNT (20) texts that the run was judged on

Contributions must sum to the difference of the scores, whose gradient must be that of finite differences; a model
without a unit must be the equations, step by step, with that unit held; and the gradient of the last hidden state by a
token before must be that of finite differences too.
"""

from __future__ import annotations

import copy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import torch
from torch import Tensor

import longshort
from longshort.insight.attribution.target import target_of
from longshort.insight.units import Unit, ablated
from longshort.lstm.equations import step
from longshort.lstm.parameters import layer_weights
from longshort.ragged import Ragged

STEP = 1e-6  # in float64; larger ones meet the places where maximum pooling takes another token
LAGS = (0, 1, 10, 50, 100)


def completeness(model: Any, texts: list[str]) -> None:
    """Do the contributions sum to the difference of the scores?"""
    errors = [longshort.explain(model, text).completeness_error for text in texts]
    print(f"contributions of {len(texts)} texts: they miss the difference of the scores by {max(errors):.2%} at most")


def gradients(model: Any, texts: list[str]) -> None:
    """Is the slope along the way from nothing to the text, by the gradient, that of two scores near each other?"""
    task, network = model.bundle_.task, copy.deepcopy(model.bundle_.network).double()
    target = target_of(network, task, task.encoding.labels[-1])
    target = type(target)(network, target.readout.double(), target.label, target.scale)
    worst = 0.0
    for text in texts:
        vectors = network.embedding(encoded(model, text)).detach()
        half = (vectors / 2).requires_grad_()
        (slope,) = torch.autograd.grad(target.of_vectors(Ragged.from_list([half])).sum(), half)
        ends = [(0.5 + sign * STEP) * vectors for sign in (1, -1)]
        above, below = (float(target.of_vectors(Ragged.from_list([end])).detach()) for end in ends)
        worst = max(worst, relative(float((slope * vectors).sum()), (above - below) / (2 * STEP)))
    print(f"slope of the score halfway to each text: finite differences differ by {worst:.0e} of it at most")


def ablations(model: Any, texts: list[str]) -> None:
    """Is a network without a unit the equations with that unit held?"""
    network = model.bundle_.network
    numbers = (0, network.lstm.hidden_size // 2)
    units = [Unit(0, direction, number) for direction in ("forward", "reverse") for number in numbers]
    worst = 0.0
    with torch.no_grad():
        for unit in units:
            edited = ablated(network, unit, 0.25)
            for text in texts:
                tokens = encoded(model, text)
                logits = edited(Ragged.from_list([tokens]))[0]
                worst = max(worst, float((logits - held(network, tokens, unit, 0.25)).abs().max()))
    print(
        f"logits without a unit, {len(units)} units and {len(texts)} texts: the equations differ by {worst:.0e} at most"
    )


def held(network: Any, tokens: Tensor, unit: Unit, value: float) -> Tensor:
    """The logits of one text by the equations, a unit's hidden state put to `value` before and after every step."""
    inputs, sides = network.embedding(tokens), []
    for direction, weights in zip(("forward", "reverse"), layer_weights(network.lstm, network.lstm.spec), strict=True):
        h = c = torch.zeros(1, network.lstm.hidden_size)
        hidden = []
        for x in inputs if direction == "forward" else inputs.flip(0):
            h = put(h, unit, direction, value)
            now = step(x[None], h, c, weights)
            h, c = put(now.hidden, unit, direction, value), now.cell
            hidden.append(h[0])
        sides.append(torch.stack(hidden if direction == "forward" else hidden[::-1]))
    states = torch.cat(sides, dim=1)
    logits: Tensor = network.linear(torch.cat([states.mean(dim=0), states.amax(dim=0)]))
    return logits


def put(hidden: Tensor, unit: Unit, direction: str, value: float) -> Tensor:
    """The hidden state `(1, unit)` with one unit put to `value`, where it is of this direction."""
    hidden = hidden.clone()
    if unit.direction == direction:
        hidden[0, unit.number] = value
    return hidden


def horizon(model: Any, texts: list[str]) -> None:
    """Is the norm of d h_T / d x_(T-k) that of finite differences, feature by feature?"""
    network = copy.deepcopy(model.bundle_.network).double()
    text = next((text for text in texts if len(encoded(model, text)) > max(LAGS)), max(texts, key=len))
    vectors = network.embedding(encoded(model, text)).detach()
    lags = [lag for lag in LAGS if lag < len(vectors)]
    (weights, *_) = layer_weights(network.lstm, network.lstm.spec)
    norms = longshort.horizon(model, text, lags=max(lags) + 1).reaches[0].curves["trained"].norms[0]
    worst = 0.0
    for lag in lags:
        place, size = len(vectors) - 1 - lag, vectors.shape[1]
        # Row i of both batches is the text with feature i of that token a little larger, or smaller.
        moved = [vectors.repeat(size, 1, 1) for _ in range(2)]
        moved[0][:, place] += STEP * torch.eye(size)
        moved[1][:, place] -= STEP * torch.eye(size)
        above, below = (last_hidden(each, weights) for each in moved)
        worst = max(worst, relative(float(norms[lag]), float(((above - below) / (2 * STEP)).norm())))
    print(f"gradient at lags {', '.join(map(str, lags))}: finite differences differ by {worst:.0e} of it at most")


@torch.no_grad()
def last_hidden(inputs: Tensor, weights: Any) -> Tensor:
    """`(batch, unit)`: the hidden state after the last step of `inputs` `(batch, step, feature)`."""
    h = c = inputs.new_zeros(len(inputs), weights.hidden.shape[1])
    for time in range(inputs.shape[1]):
        now = step(inputs[:, time], h, c, weights)
        h, c = now.hidden, now.cell
    return h


def encoded(model: Any, text: str) -> Tensor:
    """`(tokens,)` int64."""
    return torch.as_tensor(np.asarray(model.bundle_.task.encoding.encode([text])[0]), dtype=torch.int64)


def relative(found: float, wanted: float) -> float:
    """Their difference as a share of the second."""
    return abs(found - wanted) / abs(wanted)


def main(run: str, count: str = "20") -> None:
    """One line for each kind of number."""
    model = longshort.load(run)
    texts = pq.read_table(Path(run) / "predictions.parquet")["text"].to_pylist()[: int(count)]
    for check in (completeness, gradients, ablations, horizon):
        check(model, texts)


if __name__ == "__main__":
    main(*sys.argv[1:])
