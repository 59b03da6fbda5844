"""Every picture: plain data in, a matplotlib Figure out. Nothing is shown, and no global setting is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.figures.answers import calibration, confusion
    from longshort.figures.learning import curves, sheet_curves
    from longshort.figures.style import save

__all__ = [
    "calibration",
    "confusion",
    "curves",
    "save",
    "sheet_curves",
]

# Loaded when first asked for: names of gates and tokens are read without matplotlib.
_HOMES = {
    "calibration": "longshort.figures.answers",
    "confusion": "longshort.figures.answers",
    "curves": "longshort.figures.learning",
    "save": "longshort.figures.style",
    "sheet_curves": "longshort.figures.learning",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
