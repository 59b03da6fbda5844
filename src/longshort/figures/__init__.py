"""Every picture: plain data in, a matplotlib Figure out. Nothing is shown, and no global setting is touched."""

from longshort.figures.answers import calibration, confusion
from longshort.figures.dynamics import dynamics
from longshort.figures.learning import curves, sheet_curves
from longshort.figures.style import save

__all__ = ["calibration", "confusion", "curves", "dynamics", "save", "sheet_curves"]
