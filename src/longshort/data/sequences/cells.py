"""What stands in a cell, or in an item of a list, as the number or the class that it means."""

from __future__ import annotations

import math

from longshort.data.numbers import as_number
from longshort.data.values import ValueProblem, as_labels

__all__ = ["as_class", "as_target", "is_blank", "look_like_numbers"]

FEW = 20
"""Whole numbers that are all different are classes up to here: a class of which there is one alone is rare."""


def is_blank(cell: object) -> bool:
    """Whether a cell holds nothing at all."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def as_class(cell: object) -> str:
    """The name of a class as it is written.

    Raises:
        ValueProblem: the cell is missing, empty, or neither text nor number.
    """
    return as_labels(cell, None, multi_label=False)[0]


def as_target(cell: object) -> float:
    """The number that a regression should answer.

    Raises:
        ValueProblem: the cell is missing, infinite, or no number.
    """
    try:
        number = as_number(cell)
    except ValueError as error:
        raise ValueProblem(f"the target must be a number. {error}", "Mend it, or leave the sequence out.") from None
    if not math.isfinite(number):
        got = "none" if math.isnan(number) else str(number)
        raise ValueProblem(f"the target must be a finite number. Got {got}.", "Mend it, or leave the sequence out.")
    return number


def look_like_numbers(classes: list[str]) -> bool:
    """Whether targets that were read as text are rather the numbers of a regression.

    They are if all are numbers and one has a fraction, or if there are over 20 and none comes twice.
    """
    try:
        numbers = [as_number(each) for each in classes]
    except ValueError:
        return False
    if not classes or not all(map(math.isfinite, numbers)):
        return False
    return any(not each.is_integer() for each in numbers) or len(set(numbers)) == len(numbers) > FEW
