"""The six equations of a step with their numbers put in, as a person would write them down."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from longshort.insight.cellstep import CellStep, Gate

__all__ = ["Equation", "worked_equations"]

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
