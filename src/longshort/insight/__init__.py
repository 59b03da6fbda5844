"""What happens inside a trained model. It returns data and draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.insight.cellstep import CellStep
    from longshort.insight.subject import Reading, Subject, subject_of
    from longshort.insight.trace import Trace
    from longshort.insight.units import Unit, UnitStudy, find_units, unit_values
    from longshort.insight.watch import Seen

__all__ = [
    "CellStep",
    "Reading",
    "Seen",
    "Subject",
    "Trace",
    "Unit",
    "UnitStudy",
    "find_units",
    "subject_of",
    "unit_values",
]

# Loaded when first asked for. A function that is called as its module is (`trace`, `watch`) is public as
# `longshort.trace`: here its name would stand for the module as soon as that is loaded.
_HOMES = {
    "CellStep": "longshort.insight.cellstep",
    "Reading": "longshort.insight.subject",
    "Seen": "longshort.insight.watch",
    "Subject": "longshort.insight.subject",
    "Trace": "longshort.insight.trace",
    "Unit": "longshort.insight.units",
    "UnitStudy": "longshort.insight.units",
    "find_units": "longshort.insight.units",
    "subject_of": "longshort.insight.subject",
    "unit_values": "longshort.insight.units",
}

__getattr__ = lazily(__name__, _HOMES)
