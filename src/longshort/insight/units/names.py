"""What a hidden unit is called: layer, direction and number, as in `0/forward/17`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self, final

from longshort.errors import SettingError
from longshort.insight.trace import DIRECTIONS, Direction
from longshort.lstm.parameters import Spec

__all__ = ["Unit", "find_unit", "units_of"]


@final
@dataclass(frozen=True, order=True)
class Unit:
    """One hidden unit of an LSTM.

    Args:
        layer: counted from 0, the one that reads the input.
        direction: "forward", or "reverse" for the one that reads from the end to the start.
        number: counted from 0, within its layer and direction.
    """

    layer: int
    direction: Direction
    number: int

    def __str__(self) -> str:
        return f"{self.layer}/{self.direction}/{self.number}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """The unit of a name such as "0/forward/17".

        Raises:
            SettingError: the text is no such name.
        """
        match = re.fullmatch(r"(\d{1,4})/(forward|reverse)/(\d{1,6})", text.strip())
        if match is None:
            raise SettingError(
                f"A unit is named layer/direction/number, its direction forward or reverse. Got {text!r}.",
                "For example 0/forward/17.",
            )
        return cls(int(match[1]), "forward" if match[2] == "forward" else "reverse", int(match[3]))


def units_of(spec: Spec) -> list[Unit]:
    """All units of an LSTM: those of layer 0 first, forward before reverse. Tables of units keep this order."""
    return [
        Unit(layer, direction, number)
        for layer in range(spec.num_layers)
        for direction in DIRECTIONS[: spec.directions]
        for number in range(spec.output_size)
    ]


def find_unit(unit: Unit | str, spec: Spec) -> Unit:
    """The unit itself, when the LSTM has it.

    Raises:
        SettingError: the LSTM has no such unit, or the text names none.
    """
    found = Unit.parse(unit) if isinstance(unit, str) else unit
    if (
        found.layer >= spec.num_layers
        or found.direction not in DIRECTIONS[: spec.directions]
        or found.number >= spec.output_size
    ):
        first, last = units_of(spec)[0], units_of(spec)[-1]
        raise SettingError(f"The units of this model are {first} to {last}. Got {found}.", "Numbers count from 0.")
    return found
