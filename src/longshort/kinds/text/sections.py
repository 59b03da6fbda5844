"""The report of a text classifier."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from longshort.evaluation.typical import typical_answers
from longshort.evaluation.words import listed
from longshort.insight.tracing import trace
from longshort.kinds.classes import answers, calibration, data, results
from longshort.kinds.classes.predictions import answers_of
from longshort.kinds.text import errors, horizon, units
from longshort.pages.evidence import Evidence
from longshort.pages.section import Missing, Section
from longshort.pages.sections import dynamics, learning, settings
from longshort.pages.sections.diagram import diagram_section
from longshort.pages.sections.examples import TracedExample
from longshort.pages.sections.gates import gates_section

__all__ = ["LONGEST", "READABLE", "SECTIONS", "chosen_texts"]

READABLE = 700
"""Characters of a text whose every token still has room in a picture; if there are none so short, the shortest."""

LONGEST = 6_000
"""Characters of a text that is traced at all: the picture of a longer one shows nothing."""

Places = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]


def chosen_texts(evidence: Evidence) -> list[TracedExample]:
    """Return one text that is clearly right, the worst error, and one that is undecided, as far as there are such.

    Raises:
        Missing: no text is short enough and holds a token.
    """
    found = evidence.once("examples", _choose)
    if not found:
        raise Missing(f"No text that it was judged on has a token and at most {LONGEST:,} characters.")
    return found


def _choose(evidence: Evidence) -> list[TracedExample]:
    answers = answers_of(evidence)
    chosen = typical_answers(
        answers.probabilities,
        answers.right,
        _probability_of_truth(evidence),
        partial(_first, answers.texts),
        multi_label=evidence.metrics["data"]["multi_label"],
    )
    return [_traced(evidence, *each) for each in chosen]


def _probability_of_truth(evidence: Evidence) -> Numbers:
    """`(texts,)`: the probability that the model gave to what is true; of several labels the least."""
    answers, labels = answers_of(evidence), list(evidence.metrics["data"]["labels"])
    columns = [[labels.index(label) for label in truth] for truth in answers.truths]
    rows = zip(answers.probabilities, columns, strict=True)
    return np.array([row[each].min() if each else 1 - row.max() for row, each in rows])


def _first(texts: Sequence[str], places: Places, order: Numbers) -> int | None:
    """The first by `order` of the readable texts; the shortest where all are longer."""
    filled = [int(place) for place in places if texts[place].strip() and len(texts[place]) <= LONGEST]
    readable = [place for place in filled if len(texts[place]) <= READABLE]
    if readable:
        return min(readable, key=lambda place: order[place])
    return min(filled, key=lambda place: len(texts[place]), default=None)


def _traced(evidence: Evidence, key: str, title: str, place: int) -> TracedExample:
    answers, labels = answers_of(evidence), evidence.metrics["data"]["labels"]
    said, true = answers.answers[place], answers.truths[place]
    row = dict(zip(labels, answers.probabilities[place].tolist(), strict=True))
    given = ", ".join(f"{label!r} ({row[label]:.3f})" for label in said) or "no label"
    verdict = f"Answered {given}; the truth is {listed(true) if true else 'no label'}."
    text = answers.texts[place]
    seen = trace(evidence.bundle, text)
    return TracedExample(key, title, verdict, text, text, seen, list(seen.tokens or ()))


SECTIONS: tuple[Section[Evidence], ...] = (
    results.SECTION,
    settings.SECTION,
    data.SECTION,
    learning.SECTION,
    answers.SECTION,
    calibration.SECTION,
    errors.SECTION,
    gates_section("Three texts, looked into", chosen_texts),
    horizon.SECTION,
    units.SECTION,
    diagram_section(chosen_texts),
    dynamics.SECTION,
)
