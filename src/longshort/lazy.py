"""Public names that are loaded when they are first asked for, so that importing a package costs nothing."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["lazily"]


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package.

    Args:
        package: its name, for the message of the AttributeError.
        homes: the module, by its full name, in which each public name is found.
    """

    def find(name: str) -> Any:
        if name not in homes:
            # With the name and the module Python can say which name was meant.
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules.get(package)
            )
        return getattr(importlib.import_module(homes[name]), name)

    return find
