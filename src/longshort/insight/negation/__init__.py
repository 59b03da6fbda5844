"""Has a model learnt what "not" does? What it makes of the negations of a built-in set."""

from __future__ import annotations

from longshort.insight.negation.asking import study_negation
from longshort.insight.negation.phrases import Negated
from longshort.insight.negation.study import Negation, NegationStudy

__all__ = ["Negated", "Negation", "NegationStudy", "study_negation"]
