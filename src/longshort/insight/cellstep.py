"""Compute one step of one unit: every number in its six equations."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import linear

from longshort.errors import DataError
from longshort.insight.recording import Keep, record
from longshort.insight.sequences import States
from longshort.insight.subject import Reading, Subject, evaluating, subject_of
from longshort.insight.trace import QUANTITIES, Array, Direction, Trace
from longshort.insight.worked import CellStep, Gate
from longshort.lstm.module import spec_of
from longshort.lstm.parameters import GATES, LayerWeights, layer_weights
from longshort.plain import Plain

__all__ = ["cell_step"]


def cell_step(
    model: object,
    input: object,  # noqa: A002
    step: int,
    *,
    layer: int | None = None,
    direction: Direction = "forward",
    unit: int | None = None,
    hx: States | None = None,
) -> CellStep:
    """Return every number of one step, as `longshort.trace` records it and as the weights produce it.

    Args:
        model: as in `longshort.trace`.
        input: one input, as in `longshort.trace`.
        step: counted from 0; in both directions the step of a token is where it stands.
        layer: counted from 0; the last one when not given.
        direction: "forward" or "reverse".
        unit: counted from 0; the mean of all units when not given.
        hx: as in `longshort.trace`.

    Raises:
        SettingError: the model has no such layer, direction or unit.
        DataError: the input does not fit the model, is a batch, or has no such step.
    """
    subject = subject_of(model)
    whole, vectors = _run(subject, subject.read(input), hx)
    layer = whole.layers[-1] if layer is None else layer
    _check(whole, layer, direction, unit, step)
    place = whole.directions.index(direction)
    below = vectors[step] if layer == 0 else torch.as_tensor(whole.hidden[layer - 1, :, step]).flatten()
    hidden_before = whole.before("hidden")[layer, place, step]
    weights = layer_weights(subject.lstm, spec_of(subject.lstm))[layer * len(whole.directions) + place]
    pick = partial(_pick, unit=unit)
    now = {name: getattr(whole, name)[layer, place, step].astype(np.float64) for name in QUANTITIES}
    return CellStep(
        layer=layer,
        direction=direction,
        step=step,
        unit=unit,
        units=len(whole.units),
        token=None if whole.tokens is None else whole.tokens[step],
        input_norm=float(below.double().norm()),
        input_size=len(below),
        hidden_norm=float(np.linalg.norm(hidden_before.astype(np.float64))),
        hidden_size=len(hidden_before),
        hidden_before=None if weights.projection is not None else pick(hidden_before),
        projected=weights.projection is not None,
        **_gates(weights, below, hidden_before, now, pick),
        **_flow(now, whole.before("cell")[layer, place, step].astype(np.float64), pick),
    )


def _run(subject: Subject, reading: Reading, hx: States | None) -> tuple[Trace, Tensor]:
    """The whole trace of one input, and the vectors that the LSTM read, `(step, feature)`."""
    if not reading.alone:
        raise DataError(
            f"A step is one of one input. Got a batch of {len(reading.inputs)}.", "Give a single text or sequence."
        )
    with evaluating(subject.module):
        inputs = subject.vectors(reading.inputs)
        return record(subject.lstm, inputs, subject.states(reading, hx), Keep(), reading.tokens)[0], inputs.values.cpu()


def _check(whole: Trace, layer: int, direction: str, unit: int | None, step: int) -> None:
    """Refuse what is not there, in the words of `Trace.select`."""
    whole.select(layer=layer, direction=direction, unit=unit)  # type: ignore[arg-type]
    if not 0 <= step < len(whole):
        steps = f"from 0 to {len(whole) - 1}" if len(whole) else "none, for the input is empty"
        raise DataError(f"The steps of this input are {steps}. Got {step}.")


def _pick(values: Array, unit: int | None) -> float:
    return float(values.mean() if unit is None else values[unit])


def _flow(now: dict[str, Array], cell_before: Array, pick: Callable[[Array], float]) -> Plain:
    """What the gates make of the cell; `now` holds the arrays of the step by name, `(unit,)` each."""
    shown = np.tanh(now["cell"])
    return {
        "cell_before": pick(cell_before),
        "kept": pick(now["forget_gate"] * cell_before),
        "added": pick(now["input_gate"] * now["cell_gate"]),
        "cell": pick(now["cell"]),
        "shown": pick(shown),
        "hidden": pick(now["output_gate"] * shown),
    }


def _gates(weights: LayerWeights, x: Tensor, h: Array, now: dict[str, Array], pick: Callable[[Array], float]) -> Plain:
    """Each gate by its name in a step. In float64, so that the three parts sum to what was really computed."""
    from_input = linear(x.double(), weights.input.detach().cpu().double())
    from_hidden = linear(torch.as_tensor(h).double(), weights.hidden.detach().cpu().double())
    bias = torch.zeros_like(from_input)
    for each in (weights.input_bias, weights.hidden_bias):
        bias = bias if each is None else bias + each.detach().cpu().double()
    parts = [each.numpy().reshape(len(GATES), -1) for each in (from_input, from_hidden, bias)]
    return {
        f"{name}_gate": Gate(pick(parts[0][row]), pick(parts[1][row]), pick(parts[2][row]), pick(now[f"{name}_gate"]))
        for row, name in enumerate(GATES)
    }
