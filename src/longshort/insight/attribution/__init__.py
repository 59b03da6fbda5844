"""Why this answer: what each token of a text, and each phrase, contributes to it."""

from __future__ import annotations

from longshort.insight.attribution.contributions import Contributions, Method, Phrase
from longshort.insight.attribution.explaining import explain, phrases
from longshort.insight.attribution.numbers import StepContributions, explain_numbers
from longshort.insight.attribution.passages import Passage
from longshort.insight.attribution.target import Target

__all__ = [
    "Contributions",
    "Method",
    "Passage",
    "Phrase",
    "StepContributions",
    "Target",
    "explain",
    "explain_numbers",
    "phrases",
]
