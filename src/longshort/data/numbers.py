"""What stands in a cell, or in an item of a list, as the number that it means."""

from __future__ import annotations

import math

__all__ = ["as_number", "number_hint"]

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "<na>"})
"""How a missing value is written, ignoring case."""


def as_number(cell: object) -> float:
    """The number of a cell; NaN if it is missing.

    Raises:
        ValueError: it holds something else.
    """
    if cell is None:
        return math.nan
    try:
        number = float(cell)  # type: ignore[arg-type]  # not a number: reported below
    except (TypeError, ValueError, OverflowError):
        if isinstance(cell, str) and cell.strip().casefold() in MISSING:
            return math.nan
        raise ValueError(f"Got {cell!r:.80}.") from None
    if isinstance(cell, str) and "_" in cell:  # Python reads 1_000 as a number; nobody else does
        raise ValueError(f"Got {cell!r:.80}.")
    return number


def number_hint(cell: object, other: str) -> str:
    """What to do about a cell that holds no number; `other` where nothing is known of it."""
    if isinstance(cell, str) and "," in cell:
        return 'A comma inside a number is not read; write 1234.5. pandas does: read_csv(FILE, sep=";", decimal=",").'
    return other
