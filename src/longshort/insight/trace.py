"""`Trace`: everything that happened inside an LSTM while it read one sequence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, final

import numpy as np
import numpy.typing as npt

from longshort.errors import DataError, SettingError
from longshort.insight.tables import Tabular
from longshort.plain import Plain

__all__ = ["DIRECTIONS", "QUANTITIES", "Direction", "Trace"]

Direction = Literal["forward", "reverse"]
Array = npt.NDArray[Any]

DIRECTIONS: tuple[Direction, ...] = ("forward", "reverse")

QUANTITIES = ("input_gate", "forget_gate", "cell_gate", "output_gate", "cell", "hidden")
"""The arrays of a trace that have a value for each step."""

_INITIAL = ("initial_hidden", "initial_cell")
_LISTED = 6


@final
@dataclass(frozen=True, eq=False, repr=False)
class Trace(Tabular):
    """Every gate and state of an LSTM while it read one sequence.

    All arrays are float32, or float16 where that was asked for, with the axes `(layer, direction, step, unit)`. Step t
    is where token t stands, in both directions: the reverse direction reads from the last step to the first, so what it
    knew before step t stands at step t + 1.

    Fields:
        input_gate: i, the share of the candidate that enters the cell, in (0, 1).
        forget_gate: f, the share of the cell that stays in it, in (0, 1).
        cell_gate: g, the candidate, what would enter the cell, in (-1, 1).
        output_gate: o, the share of the cell that is shown, in (0, 1).
        cell: c, the cell state after the step, f * c_before + i * g.
        hidden: h, the hidden state after the step, o * tanh(c); where the LSTM projects it, of as many units as the
            projection has.
        initial_hidden: h before the first step that is read, `(layer, direction, unit)`.
        initial_cell: c before the first step that is read, `(layer, direction, unit)`.
        layers: the layers in it, counted from 0.
        directions: "forward", and "reverse" where the LSTM also reads from the end.
        units: the units in it, counted from 0.
        hidden_units: those of `hidden` and `initial_hidden`: `units`, or all features of a projection.
        tokens: what stood at each step, as it was written; None if the input was vectors.
        scores: the model's answer, the probability of each class by its name; None if the model has no classes.
    """

    input_gate: Array
    forget_gate: Array
    cell_gate: Array
    output_gate: Array
    cell: Array
    hidden: Array
    initial_hidden: Array
    initial_cell: Array
    layers: tuple[int, ...]
    directions: tuple[Direction, ...]
    units: tuple[int, ...]
    hidden_units: tuple[int, ...]
    tokens: tuple[str, ...] | None = None
    scores: Mapping[str, float] | None = None

    def __len__(self) -> int:
        """Number of steps."""
        return int(self.cell.shape[2])

    def __repr__(self) -> str:
        steps = f"{len(self)} step{'s' * (len(self) != 1)}"
        layers = f"layer{'s' * (len(self.layers) > 1)} {_listed(self.layers)}"
        units = f"{len(self.units)} unit{'s' * (len(self.units) > 1)}"
        parts = [steps, layers, " and ".join(self.directions), units]
        if self.hidden_units != self.units:
            parts.append(f"projected to {len(self.hidden_units)}")
        if self.tokens is not None:
            words = " ".join(self.tokens[:_LISTED]) + (" ..." if len(self.tokens) > _LISTED else "")
            parts.insert(0, repr(words))
        if self.scores:
            best = max(self.scores, key=self.scores.__getitem__)
            parts.append(f"{best} {self.scores[best]:.2f}")
        return f"Trace({', '.join(parts)})"

    @property
    def axes(self) -> dict[str, tuple[int, ...] | tuple[Direction, ...]]:
        """The name of each axis of the arrays, in order, and what stands along it; `hidden` has `hidden_units`."""
        return {
            "layer": self.layers,
            "direction": self.directions,
            "step": tuple(range(len(self))),
            "unit": self.units,
        }

    def select(
        self,
        *,
        layer: int | Iterable[int] | None = None,
        direction: Direction | Iterable[Direction] | None = None,
        unit: int | Iterable[int] | None = None,
    ) -> Trace:
        """Some layers, directions or units: one of them or several, in the order given; all of those left out.

        The four axes stay. `hidden` of a projection keeps all its features, for they belong to no unit.

        Raises:
            SettingError: the trace has no such layer, direction or unit.
        """
        kept_layers, at_layer = _places("layer", self.layers, layer)
        kept_directions, at_direction = _places("direction", self.directions, direction)
        kept_units, at_unit = _places("unit", self.units, unit)
        projected = self.hidden_units != self.units
        every = list(range(len(self.hidden_units)))

        def cut(name: str) -> Array:
            of_hidden = projected and name in ("hidden", "initial_hidden")
            chosen = getattr(self, name)[at_layer][:, at_direction]
            return np.asarray(chosen[..., every if of_hidden else at_unit])

        arrays: dict[str, Any] = {name: cut(name) for name in (*QUANTITIES, *_INITIAL)}
        return replace(
            self,
            **arrays,
            layers=kept_layers,
            directions=kept_directions,
            units=kept_units,
            hidden_units=self.hidden_units if projected else kept_units,
        )

    def before(self, name: Literal["cell", "hidden"]) -> Array:
        """The cell or hidden states before each step, `(layer, direction, step, unit)`, first of all the initial ones.

        In the reverse direction, what was before step t stands in the trace at step t + 1.
        """
        states, initial = getattr(self, name), getattr(self, f"initial_{name}")[:, :, None]
        earlier: Array = np.empty_like(states)
        for place, direction in enumerate(self.directions):
            known, first = states[:, place], initial[:, place]
            parts = [first, known[:, :-1]] if direction == "forward" else [known[:, 1:], first]
            earlier[:, place] = np.concatenate(parts, axis=1)[:, : len(self)]
        return earlier

    def series(
        self, *, layer: int | None = None, direction: Direction = "forward", unit: int | None = None
    ) -> dict[str, Array]:
        """One number per step of each quantity, `(step,)`: of one unit, or the mean of all.

        Args:
            layer: the last one of the trace when not given.
            direction: "forward" or "reverse".
            unit: the mean of all units when not given; `hidden` of a projection is left out for one.

        Raises:
            SettingError: the trace has no such layer, direction or unit.
        """
        part = self.select(layer=self.layers[-1] if layer is None else layer, direction=direction, unit=unit)
        mixed = unit is not None and part.hidden_units != part.units
        names = [name for name in QUANTITIES if not (mixed and name == "hidden")]
        return {name: getattr(part, name)[0, 0].mean(axis=1, dtype=np.float32) for name in names}

    # --- other forms ---

    def to_numpy(self) -> dict[str, Array]:
        """The arrays by their names: the six of each step, and the two initial states."""
        return {name: getattr(self, name) for name in (*QUANTITIES, *_INITIAL)}

    def to_columns(self) -> dict[str, Array]:
        """A table as columns of equal length: layer, direction, step, token (where there are tokens), unit, quantities.

        One row for each layer, direction, step and unit. Where a projection leaves fewer hidden units than there are
        cells, or others, what is missing is NaN.
        """
        units = tuple(sorted({*self.units, *self.hidden_units})) if self.hidden_units != self.units else self.units
        shape = (len(self.layers), len(self.directions), len(self), len(units))
        axes = [np.asarray(self.layers), np.asarray(self.directions, dtype=str), np.arange(len(self)), np.array(units)]
        layer, direction, step, unit = (
            np.broadcast_to(axis.reshape([-1 if n == place else 1 for n in range(4)]), shape).ravel()
            for place, axis in enumerate(axes)
        )
        table = {"layer": layer, "direction": direction, "step": step}
        if self.tokens is not None:
            table["token"] = np.asarray(self.tokens, dtype=object)[step]
        table["unit"] = unit
        for name in QUANTITIES:
            own = self.hidden_units if name == "hidden" else self.units
            table[name] = _spread(getattr(self, name), own, units).ravel()
        return table

    def to_json(self) -> str:
        """The whole trace as one JSON object, its arrays as nested lists; `from_json` gives the same, bit for bit.

        Raises:
            DataError: a number is NaN or infinite, which JSON does not have.
        """
        arrays = self.to_numpy()
        if not all(np.isfinite(array).all() for array in arrays.values()):
            raise DataError(
                "A trace in JSON holds finite numbers; this one holds NaN or infinity.",
                "Look at it with to_numpy() or to_pandas(): the model that it is of has diverged.",
            )
        content = {
            "dtype": str(self.cell.dtype),
            "tokens": self.tokens,
            "scores": None if self.scores is None else dict(self.scores),
            **{name: getattr(self, name) for name in ("layers", "directions", "units", "hidden_units")},
            "steps": len(self),
            "axes": list(self.axes),
            **{name: _numbers(array) for name, array in arrays.items()},
        }
        return json.dumps(content, ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, text: str) -> Trace:
        """The trace that `to_json` wrote.

        Raises:
            DataError: the text does not hold a trace.
        """
        try:
            return cls(**_parsed(json.loads(text)))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            reason = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
            raise DataError(
                f"A trace in JSON must be an object as Trace.to_json() writes it. It cannot be read: {reason}.",
                "`longshort trace RUN TEXT --json` writes one.",
            ) from None


def _parsed(content: Any) -> Plain:
    """The fields of a trace."""
    made: dict[str, Any] = {name: tuple(content[name]) for name in ("layers", "directions", "units", "hidden_units")}
    made["tokens"] = None if content["tokens"] is None else tuple(map(str, content["tokens"]))
    made["scores"] = content["scores"]
    stack = (len(made["layers"]), len(made["directions"]))
    units, features = len(made["units"]), len(made["hidden_units"])
    for name in (*QUANTITIES, *_INITIAL):
        steps = (content["steps"],) if name in QUANTITIES else ()
        shape = (*stack, *steps, features if name in ("hidden", "initial_hidden") else units)
        made[name] = np.array(content[name], dtype=np.dtype(content["dtype"])).reshape(shape)
    return made


def _places(axis: str, held: Sequence[Any], chosen: Any) -> tuple[tuple[Any, ...], list[int]]:
    """What is kept of one axis, and where it stands."""
    if chosen is None:
        return tuple(held), list(range(len(held)))
    single = isinstance(chosen, str | int | np.integer)
    wanted = (chosen,) if single else tuple(chosen)
    missing = [each for each in wanted if each not in held]
    if missing or not wanted:
        got = repr(missing[0]) if missing else "none"
        raise SettingError(f"{axis} must be of those in the trace: {_listed(held)}. Got {got}.")
    return tuple(held[held.index(each)] for each in wanted), [held.index(each) for each in wanted]


def _listed(items: Sequence[Any]) -> str:
    """Few of them by name, many as the first and the last."""
    if len(items) <= _LISTED:
        return ", ".join(map(str, items)) or "none"
    return f"{items[0]} to {items[-1]}" if len(items) == items[-1] - items[0] + 1 else f"{items[0]}, ..., {items[-1]}"


def _spread(values: Array, own: Sequence[int], units: Sequence[int]) -> Array:
    """The values of the units `own` along those of `units`; NaN if a unit has none."""
    if tuple(own) == tuple(units):
        return values
    wide = np.full((*values.shape[:-1], len(units)), np.nan, dtype=values.dtype)
    wide[..., [units.index(unit) for unit in own]] = values
    return wide


def _numbers(array: Array) -> Any:
    """Nested lists of numbers in their shortest decimal form that is read back as the same float16 or float32."""
    return array.astype("U32").astype(np.float64).tolist()
