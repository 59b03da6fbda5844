"""What each hidden unit does: on what it fires, what it goes with, and what the model loses without it."""

from __future__ import annotations

from longshort.insight.units.ablation import Ablation, Baseline, ablated
from longshort.insight.units.correlation import Correlation
from longshort.insight.units.names import Unit
from longshort.insight.units.peaks import Context
from longshort.insight.units.report import UnitReport, UnitStudy
from longshort.insight.units.search import SpanMatch, SpanSearch
from longshort.insight.units.study import check_order, find_units, unit_values, units
from longshort.insight.units.words import WordMean

__all__ = [
    "Ablation",
    "Baseline",
    "Context",
    "Correlation",
    "SpanMatch",
    "SpanSearch",
    "Unit",
    "UnitReport",
    "UnitStudy",
    "WordMean",
    "ablated",
    "check_order",
    "find_units",
    "unit_values",
    "units",
]
