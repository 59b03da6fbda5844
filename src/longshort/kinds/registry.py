"""The registry of kinds: a new kind is one line here."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, cast

from longshort.errors import UserError, nearest

if TYPE_CHECKING:
    from longshort.config import RunSettings
    from longshort.kinds.base import Kind
    from longshort.kinds.seam import Fitted, Prepared, Task

    AnyKind = Kind[RunSettings, Task, Prepared, Fitted[Task]]

__all__ = ["DEFAULT", "guess", "kind_for", "kind_of", "names", "register"]

# A kind is imported when it is first asked for, so that a model of one kind loads no other.
_HOMES = {
    "text-classification": "longshort.kinds.text.kind:KIND",
    "sequence-classification": "longshort.kinds.sequences.classification:KIND",
    "sequence-regression": "longshort.kinds.sequences.regression:KIND",
    "forecast": "longshort.kinds.forecast.kind:KIND",
}
"""Where each kind is found, by its name."""

DEFAULT = "text-classification"
"""The kind of data that no other kind recognises."""


def names() -> list[str]:
    """Return the names of all kinds, in the order of the help."""
    return list(_HOMES)


def register(name: str, home: str) -> None:
    """Add a kind at run time.

    Args:
        name: its name, such as "text-classification".
        home: the module that holds it and its name there, with a colon between.
    """
    _HOMES[name] = home


def kind_of(name: object) -> AnyKind:
    """Return the kind of that name.

    Raises:
        UserError: there is none.
    """
    if not isinstance(name, str) or name not in _HOMES:
        raise UserError(f"There is no task {name!r}.", nearest(str(name), _HOMES) or f"There are {', '.join(_HOMES)}.")
    module, _, attribute = _HOMES[name].partition(":")
    # The cast is sound: callers pass to a kind only what came out of that kind.
    return cast("AnyKind", getattr(importlib.import_module(module), attribute))


def kind_for(settings: RunSettings | type[RunSettings]) -> AnyKind:
    """Return the kind that these settings are for."""
    return kind_of(settings.kind)


def guess(data: str) -> str:
    """Return the name of the kind that recognises a file, by what it is or by its header; `DEFAULT` if none does."""
    return next((name for name in _HOMES if name != DEFAULT and kind_of(name).recognises(data)), DEFAULT)
