"""`longshort runs`: the runs in a folder, side by side."""

from __future__ import annotations

__all__ = ["command"]
