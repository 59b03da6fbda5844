"""Labels are text inside; the type that they had outside is detected here, and restored."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from longshort.data.strict_json import shown

__all__ = ["LabelType", "label_type", "typed_labels"]

Array = np.ndarray[Any, Any]
LabelType = Literal["bool", "int", "float"]
"""What labels are that are no text; None stands for text."""

_NUMBERS: dict[LabelType, Callable[[str], Any]] = {"bool": lambda name: name == "True", "int": int, "float": float}


def label_type(classes: Array, names: Sequence[str]) -> LabelType | None:
    """What `classes` are, where `names`, the text of each, can be read as exactly them; else None.

    Args:
        classes: `(classes,)`: labels in their own type.
        names: what each is called inside.
    """
    held = {type(each).__name__ for each in classes.tolist()}
    for kind in _NUMBERS:
        if held == {kind}:
            try:
                return kind if typed_labels(names, kind).tolist() == classes.tolist() else None
            except ValueError:
                return None
    return None


def typed_labels(names: Sequence[str], kind: LabelType | None) -> Array:
    """`(labels,)`: str (object where NumPy's str cannot hold them), bool, int64 or float64.

    Raises:
        ValueError: a name is not what such a label is called, or the number is out of bounds; the message says which.
    """
    if kind is None:
        texts = np.asarray(names)
        return texts if texts.tolist() == list(names) else np.array(names, dtype=object)  # str ends before a last NUL
    return np.array([_number(name, kind) for name in names], dtype=kind)


def _number(name: str, kind: LabelType) -> bool | int | float:
    try:
        number = _NUMBERS[kind](name)
        if str(number) == name and math.isfinite(number) and (kind != "int" or -(2**63) <= number < 2**63):
            found: bool | int | float = number
            return found
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"labels that are {kind} must be called so. Got {shown(name)}")
