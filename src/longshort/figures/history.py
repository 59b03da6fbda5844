"""Reading a training's history for a figure."""

from __future__ import annotations

from collections.abc import Sequence

from longshort.plain import PlainMapping

__all__ = ["measured"]


def measured(history: Sequence[PlainMapping], key: str) -> list[tuple[int, float]]:
    """The epochs that have a value of `key`, with that value: `[(epoch, value), ...]`."""
    return [(row["epoch"], row[key]) for row in history if row.get(key) is not None]
