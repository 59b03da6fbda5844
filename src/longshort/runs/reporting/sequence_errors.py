"""The worst errors on sequences of numbers, drawn: what each step contributed to the wrong answer."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from markupsafe import Markup

from longshort.errors import LongshortError
from longshort.figures.steps import step_contributions
from longshort.figures.style import save
from longshort.insight.attribution import StepContributions, explain_numbers
from longshort.runs.bundle import Bundle
from longshort.runs.reporting.evidence import Evidence
from longshort.runs.reporting.section import OF_NUMBERS, Missing, Section, render

__all__ = ["CLASSES", "NUMBERS"]

PICTURES = 4
"""Of the worst errors, those that are drawn."""


@dataclass(frozen=True)
class _Picture:
    """One error: its answer and the truth in words, and the series coloured by what each step contributed."""

    place: str
    answer: str
    truth: str
    image: str
    strongest: str


def _build(evidence: Evidence) -> Markup:
    errors = evidence.metrics["worst_errors"]
    try:
        model: Bundle | None = evidence.bundle
    except Missing:
        model = None
    pictures = [_picture(error, model if place < PICTURES else None) for place, error in enumerate(errors)]
    numbers = evidence.metrics["task"] == "sequence-regression"
    return render(
        "sequence_errors", errors=pictures, numbers=numbers, part=evidence.metrics["judged_on"], file=_file(evidence)
    )


def _file(evidence: Evidence) -> str:
    source: str = evidence.metrics["data"]["parts"][evidence.metrics["judged_on"]]["source"]
    return source


def _picture(error: Mapping[str, Any], model: Bundle | None) -> _Picture:
    found = _explained(error, model)
    image = "" if found is None else _drawn(error["values"], found)
    return _Picture(error["text"], *_words(error), image, "" if found is None else _strongest(found))


def _words(error: Mapping[str, Any]) -> tuple[str, str]:
    if isinstance(error["truth"], list):
        answer, truth = error["answer"][0], error["truth"][0]
        shares = error["probabilities"]
        return f"{answer} ({shares[answer]:.3f})", f"{truth} ({shares[truth]:.3f})"
    return f"{error['answer']:,.4g}", f"{error['truth']:,.4g}"


def _explained(error: Mapping[str, Any], model: Bundle | None) -> StepContributions | None:
    if model is None or not error.get("values"):
        return None
    label = error["answer"][0] if isinstance(error["answer"], list) else None
    try:
        found = explain_numbers(model, np.array(error["values"], dtype=np.float64), label=label)
    except LongshortError:
        return None  # such as a front that cannot be differentiated through: the error is told without its picture
    return found if isinstance(found, StepContributions) else None


def _drawn(values: Any, found: StepContributions) -> str:
    """A PNG file as base64."""
    stored = io.BytesIO()
    figure = step_contributions(np.array(values, dtype=np.float64), found.values, found.channels, scale=found.scale)
    save(figure, stored)
    return base64.b64encode(stored.getvalue()).decode()


def _strongest(found: StepContributions) -> str:
    places = found.strongest(3)
    return ", ".join(f"step {step} of {found.channels[at]} {found.values[step, at]:+.2f}" for step, at in places)


CLASSES = Section("errors", "Worst errors", _build, tasks=frozenset({"sequence-classification"}))
NUMBERS = Section("errors", "Worst errors", _build, tasks=OF_NUMBERS)
