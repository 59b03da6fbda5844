"""The kinds of task: what longshort can learn, one room each, and the registry that finds them.

Only the rooms below and the registry know which kinds there are. Everything else asks the registry for a `Kind`, the
protocol that says all that depends on the kind. `docs/extending.md` shows how to add one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.kinds.base import Kind
    from longshort.kinds.registry import kind_for, kind_of, names, register

__all__ = ["Kind", "kind_for", "kind_of", "names", "register"]

_HOMES = {
    "Kind": "longshort.kinds.base",
    "kind_for": "longshort.kinds.registry",
    "kind_of": "longshort.kinds.registry",
    "names": "longshort.kinds.registry",
    "register": "longshort.kinds.registry",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
