"""What happens inside a trained model. It returns data and draws nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from longshort.lazy import lazily

if TYPE_CHECKING:
    from longshort.insight.attribution import Contributions, Phrase, phrases
    from longshort.insight.horizon import Horizon
    from longshort.insight.negation import NegationStudy, study_negation
    from longshort.insight.reach import GradientCurve, Reach
    from longshort.insight.subject import Reading, Subject, subject_of
    from longshort.insight.trace import Trace
    from longshort.insight.units import Unit, UnitStudy, find_units, unit_values
    from longshort.insight.watch import Seen
    from longshort.insight.worked import CellStep

__all__ = [
    "CellStep",
    "Contributions",
    "GradientCurve",
    "Horizon",
    "NegationStudy",
    "Phrase",
    "Reach",
    "Reading",
    "Seen",
    "Subject",
    "Trace",
    "Unit",
    "UnitStudy",
    "find_units",
    "phrases",
    "study_negation",
    "subject_of",
    "unit_values",
]

# Loaded when first asked for. A function that is called as its module is (`trace`, `watch`) is public as
# `longshort.trace`: here its name would stand for the module as soon as that is loaded.
_HOMES = {
    "CellStep": "longshort.insight.worked",
    "Contributions": "longshort.insight.attribution",
    "GradientCurve": "longshort.insight.reach",
    "Horizon": "longshort.insight.horizon",
    "NegationStudy": "longshort.insight.negation",
    "Phrase": "longshort.insight.attribution",
    "Reach": "longshort.insight.reach",
    "Reading": "longshort.insight.subject",
    "Seen": "longshort.insight.watch",
    "Subject": "longshort.insight.subject",
    "Trace": "longshort.insight.trace",
    "Unit": "longshort.insight.units",
    "UnitStudy": "longshort.insight.units",
    "find_units": "longshort.insight.units",
    "phrases": "longshort.insight.attribution",
    "study_negation": "longshort.insight.negation",
    "subject_of": "longshort.insight.subject",
    "unit_values": "longshort.insight.units",
}

if not TYPE_CHECKING:  # to a type checker every name would be there
    __getattr__ = lazily(__name__, _HOMES)
