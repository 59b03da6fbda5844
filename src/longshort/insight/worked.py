"""One step of one unit: its numbers, and its six equations as a person would write them down."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import NamedTuple, final

from longshort.insight.trace import Direction
from longshort.lstm.parameters import GATES
from longshort.plain import Plain

__all__ = ["CellStep", "Equation", "Gate", "number", "worked_equations"]

_GATES = {"i": ("input_gate", "sigmoid"), "f": ("forget_gate", "sigmoid"), "g": ("cell_gate", "tanh")}
_GATES["o"] = ("output_gate", "sigmoid")


class Equation(NamedTuple):
    """One equation.

    Fields:
        name: what is computed: i, f, g, o, c or h.
        formula: how it is computed, in letters.
        numbers: the same with the numbers of the step, to three decimals.
        value: what comes out.
    """

    name: str
    formula: str
    numbers: str
    value: float

    def __str__(self) -> str:
        return f"{self.name} = {self.formula} = {self.numbers} = {number(self.value)}"


@final
@dataclass(frozen=True)
class Gate:
    """A gate or the candidate: the three terms of its sum, and its value.

    Args:
        from_input: contribution of the step's input, W_x x.
        from_hidden: contribution of the previous hidden state, W_h h.
        bias: b.
        value: sigmoid of the sum, from 0 (shut) to 1 (open); for the candidate its tanh, from -1 to 1.
    """

    from_input: float
    from_hidden: float
    bias: float
    value: float

    @property
    def total(self) -> float:
        """The sum of the three terms, before the sigmoid or tanh."""
        return self.from_input + self.from_hidden + self.bias


@final
@dataclass(frozen=True)
class CellStep:
    """One step of one unit of an LSTM, or of the mean of all units of its layer and direction.

    For the mean of all units, each number is a mean over units. `cell` is still `kept + added`, since a sum of means is
    the mean of the sums; but the mean of a product or of a sigmoid is not that of the means.

    Fields:
        layer, direction, step: the step, as in a trace.
        unit: the unit; None for the mean of all.
        units: number of units of the layer.
        token: the token at the step; None if the inputs are vectors.
        input_norm: norm of x, the input of the layer: a vector of `input_size` numbers.
        hidden_norm: norm of h_before, the hidden state of all units: a vector of `hidden_size` numbers.
        hidden_before: the unit's own entry of h_before; None with a projection, which mixes units.
        cell_before: c before the step.
        input_gate, forget_gate, cell_gate, output_gate: the gates and the candidate.
        kept: f * c_before, the part of the cell that the forget gate keeps.
        added: i * g, the part that the input gate adds.
        cell: c, kept + added.
        shown: tanh(c).
        hidden: o * tanh(c): h, or with a projection the unit's output before it is mixed with the others.
        projected: whether the layer has a projection.
    """

    layer: int
    direction: Direction
    step: int
    unit: int | None
    units: int
    token: str | None
    input_norm: float
    input_size: int
    hidden_norm: float
    hidden_size: int
    hidden_before: float | None
    cell_before: float
    input_gate: Gate
    forget_gate: Gate
    cell_gate: Gate
    output_gate: Gate
    kept: float
    added: float
    cell: float
    shown: float
    hidden: float
    projected: bool

    @property
    def before(self) -> str:
        """Offset of the previous state: "-1", or "+1" in the reverse direction."""
        return "-1" if self.direction == "forward" else "+1"

    @property
    def equations(self) -> list[Equation]:
        """The six equations with their numbers."""
        return worked_equations(self)

    def to_dict(self) -> Plain:
        """Return the fields as JSON holds them, with the total of each gate and the equations."""
        content = asdict(self) | {"before": self.before, "equations": [each._asdict() for each in self.equations]}
        for gate in GATES:
            content[f"{gate}_gate"]["total"] = getattr(self, f"{gate}_gate").total
        return content


def worked_equations(step: CellStep) -> list[Equation]:
    """i, f, g, o, c and h of a step, in the order in which they are computed.

    The state before the step is written c_(t-1), or c_(t+1) in the reverse direction, which comes from the end. For
    the mean of all units, a mean is taken of each term, and of each sigmoid and tanh.
    """
    several = step.unit is None
    gates = [_of_gate(name, getattr(step, field), squash, several) for name, (field, squash) in _GATES.items()]
    return [*gates, _of_cell(step, several), _of_hidden(step, several)]


def number(value: float) -> str:
    """Three decimals; nothing is minus zero."""
    text = f"{value:.3f}"
    return "0.000" if text == "-0.000" else text


def _of_gate(name: str, gate: Gate, squash: str, several: bool) -> Equation:
    letters = f"W_x{name} x + W_h{name} h + b_{name}"
    parts = _sum(gate.from_input, gate.from_hidden, gate.bias)
    if several:
        return Equation(
            name, f"mean {squash}({letters})", f"mean {squash} of sums around {number(gate.total)}", gate.value
        )
    return Equation(name, f"{squash}({letters})", f"{squash}({parts}) = {squash}({number(gate.total)})", gate.value)


def _of_cell(step: CellStep, several: bool) -> Equation:
    formula = f"f * c_(t{step.before}) + i * g"
    terms = _sum(step.kept, step.added)
    if several:
        return Equation("c", f"mean f * c_(t{step.before}) + mean i * g", terms, step.cell)
    first = f"{number(step.forget_gate.value)} * {_factor(step.cell_before)}"
    second = f"{number(step.input_gate.value)} * {_factor(step.cell_gate.value)}"
    return Equation("c", formula, f"{first} + {second} = {terms}", step.cell)


def _of_hidden(step: CellStep, several: bool) -> Equation:
    name = "m" if step.projected else "h"  # what a projection mixes to h
    if several:
        return Equation(name, "mean o * tanh(c)", f"mean o * tanh of cells around {number(step.cell)}", step.hidden)
    opening = number(step.output_gate.value)
    numbers = f"{opening} * tanh({number(step.cell)}) = {opening} * {_factor(step.shown)}"
    return Equation(name, "o * tanh(c)", numbers, step.hidden)


def _sum(*terms: float) -> str:
    """For example "0.123 - 0.456": the sign of each but the first stands apart."""
    text = number(terms[0])
    for term in terms[1:]:
        shown = number(term)
        text += f" - {shown[1:]}" if shown.startswith("-") else f" + {shown}"
    return text


def _factor(value: float) -> str:
    shown = number(value)
    return f"({shown})" if shown.startswith("-") else shown
