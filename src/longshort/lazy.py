"""Load public names on first use, so that importing a package is cheap."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping

__all__ = ["lazily"]


def lazily(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Make the `__getattr__` of a package.

    Args:
        package: its name, for the message of the AttributeError.
        homes: the full name of the module that defines each public name.
    """

    def find(name: str) -> object:
        if name not in homes:
            # Given name and module, Python suggests the closest name.
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules.get(package)
            )
        found: object = getattr(importlib.import_module(homes[name]), name)
        return found

    return find
