"""A sequence of numbers drawn, with what each step contributed to the answer."""

from __future__ import annotations

import base64
import io

import numpy as np

from longshort.artifacts.bundle import AnyBundle
from longshort.errors import LongshortError
from longshort.figures.steps import step_contributions
from longshort.figures.style import save
from longshort.insight.attribution import StepContributions, explain_numbers
from longshort.plain import PlainMapping

__all__ = ["drawn", "explained", "strongest", "words_of"]


def words_of(error: PlainMapping) -> tuple[str, str]:
    """The answer and the truth, as a sentence names them."""
    if isinstance(error["truth"], list):
        answer, truth = error["answer"][0], error["truth"][0]
        shares = error["probabilities"]
        return f"{answer} ({shares[answer]:.3f})", f"{truth} ({shares[truth]:.3f})"
    return f"{error['answer']:,.4g}", f"{error['truth']:,.4g}"


def explained(error: PlainMapping, model: AnyBundle | None) -> StepContributions | None:
    """What each step contributed; None if the model or the values are not kept."""
    if model is None or not error.get("values"):
        return None
    label = error["answer"][0] if isinstance(error["answer"], list) else None
    try:
        found = explain_numbers(model, np.array(error["values"], dtype=np.float64), label=label)
    except LongshortError:
        return None  # such as a front that cannot be differentiated through: the error is shown without its picture
    return found if isinstance(found, StepContributions) else None


def drawn(values: object, found: StepContributions) -> str:
    """A PNG file as base64."""
    stored = io.BytesIO()
    figure = step_contributions(np.array(values, dtype=np.float64), found.values, found.channels, scale=found.scale)
    save(figure, stored)
    return base64.b64encode(stored.getvalue()).decode()


def strongest(found: StepContributions) -> str:
    """The three steps that contribute most."""
    places = found.strongest(3)
    return ", ".join(f"step {step} of {found.channels[at]} {found.values[step, at]:+.2f}" for step, at in places)
